import { Cursor, elements, MalformedHandshake } from "./cursor.ts";

const ILLEGAL_PARAMETER = 47;
const TLS_1_3 = 0x0304;

const EXTENSION = { serverName: 0, preSharedKey: 41, supportedVersions: 43, pskModes: 45 } as const;

/** What the enabler reads in a ClientHello (RFC 8446 4.1.2) before OpenSSL does. */
export interface ClientHello {
  /** host_name of the server_name extension (RFC 6066 3), one character per octet. */
  readonly serverName?: string;
  /** True when supported_versions lists TLS 1.3, which OpenSSL then negotiates. */
  readonly offersTls13: boolean;
  /** Suites in the client's order. */
  readonly suites: readonly number[];
  /** Identities of pre_shared_key, in the client's order (RFC 8446 4.2.11). */
  readonly identities: readonly Buffer[];
  /** Binders of the same positions. */
  readonly binders: readonly Buffer[];
  /** True when psk_key_exchange_modes is there, without which no PSK may be used (RFC 8446 4.2.9). */
  readonly hasPskModes: boolean;
  /** The message from its type to before the list of binders: what binders are computed over. */
  readonly truncated: Buffer;
}

/**
 * Decodes a ClientHello with its four octets of handshake header.
 * @throws MalformedHandshake when lengths do not add up, an extension comes twice, or pre_shared_key is
 *   not the last extension (RFC 8446 4.2, 4.2.11).
 */
export function parseClientHello(message: Buffer): ClientHello {
  const cursor = new Cursor(message);
  cursor.take(4);
  cursor.take(2 + 32); // legacy_version and random
  cursor.vector8(); // session id
  const suites = elements(cursor.vector16(), (each) => each.uint16());
  cursor.vector8(); // compression methods
  const extensions = readExtensions(cursor.atEnd ? Buffer.alloc(0) : cursor.vector16());
  if (!cursor.atEnd) throw new MalformedHandshake("octets follow the extensions of the ClientHello");

  const serverName = extensions.get(EXTENSION.serverName);
  const name = serverName === undefined ? undefined : readServerName(serverName);
  const versions = extensions.get(EXTENSION.supportedVersions);
  const psk = extensions.get(EXTENSION.preSharedKey);
  const offered =
    psk === undefined ? { identities: [], binders: [], bindersLength: 0 } : readPreSharedKey(psk);
  return {
    ...(name === undefined ? {} : { serverName: name }),
    offersTls13: versions !== undefined && readVersions(versions).includes(TLS_1_3),
    suites,
    identities: offered.identities,
    binders: offered.binders,
    hasPskModes: extensions.has(EXTENSION.pskModes),
    truncated: message.subarray(0, message.length - offered.bindersLength),
  };
}

function readExtensions(octets: Buffer): Map<number, Buffer> {
  const extensions = new Map<number, Buffer>();
  for (const [type, data] of elements(octets, (cursor) => [cursor.uint16(), cursor.vector16()] as const)) {
    if (extensions.has(EXTENSION.preSharedKey)) {
      throw new MalformedHandshake("pre_shared_key is not the last extension", ILLEGAL_PARAMETER);
    }
    if (extensions.has(type)) {
      throw new MalformedHandshake(`extension ${type} comes twice`, ILLEGAL_PARAMETER);
    }
    extensions.set(type, data);
  }
  return extensions;
}

function readServerName(data: Buffer): string | undefined {
  const list = new Cursor(data).vector16();
  const names = elements(list, (cursor) => ({ type: cursor.uint8(), name: cursor.vector16() }));
  return names.find(({ type }) => type === 0)?.name.toString("latin1");
}

function readVersions(data: Buffer): number[] {
  return elements(new Cursor(data).vector8(), (cursor) => cursor.uint16());
}

function readPreSharedKey(data: Buffer) {
  const cursor = new Cursor(data);
  const identities = elements(cursor.vector16(), (each) => {
    const identity = each.vector16();
    each.take(4); // obfuscated_ticket_age: ignored for external PSKs (RFC 8446 4.2.11)
    return identity;
  });
  const before = cursor.offset;
  const binders = elements(cursor.vector16(), (each) => each.vector8());
  if (!cursor.atEnd) throw new MalformedHandshake("octets follow the binders");
  if (binders.length !== identities.length) {
    throw new MalformedHandshake("as many binders as identities are needed", ILLEGAL_PARAMETER);
  }
  return { identities, binders, bindersLength: data.length - before };
}
