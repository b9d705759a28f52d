import { Cursor, elements } from "./cursor.ts";

const MESSAGE_HEADER = 4;
const EXTENSION = { encryptThenMac: 22, extendedMasterSecret: 23, supportedVersions: 43 } as const;
/** Random of a HelloRetryRequest (RFC 8446 4.1.3): the first 8 octets tell it from any other. */
const RETRY = Buffer.from("cf21ad74e59a6111", "hex");

/** What the enabler reads in its own ServerHello (RFC 5246 7.4.1.3, RFC 8446 4.1.3). */
export interface ServerHello {
  /** 0x0303 in TLS 1.3 too. */
  readonly version: number;
  /** 32 octets. */
  readonly random: Buffer;
  /** The two octets of the IANA registry. */
  readonly suite: number;
  readonly isTls13: boolean;
  /** A HelloRetryRequest: another ServerHello follows. */
  readonly isRetry: boolean;
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
  /** RFC 7627. */
  readonly extendedMasterSecret: boolean;
}

/**
 * Decodes the ServerHello at the beginning of these handshake messages.
 * @throws MalformedHandshake when it is shorter than it says
 */
export function parseServerHello(messages: Buffer): ServerHello {
  const cursor = new Cursor(messages);
  cursor.take(MESSAGE_HEADER);
  const version = cursor.uint16();
  const random = cursor.take(32);
  cursor.vector8(); // session id
  const suite = cursor.uint16();
  cursor.take(1); // compression
  const end = MESSAGE_HEADER + messages.readUIntBE(1, 3);
  const extensions = cursor.offset < end ? cursor.vector16() : Buffer.alloc(0);
  const types = elements(extensions, (each) => {
    const type = each.uint16();
    each.vector16();
    return type;
  });
  return {
    version,
    random,
    suite,
    // A server has the extension for TLS 1.3 only.
    isTls13: types.includes(EXTENSION.supportedVersions),
    isRetry: random.subarray(0, RETRY.length).equals(RETRY),
    encryptThenMac: types.includes(EXTENSION.encryptThenMac),
    extendedMasterSecret: types.includes(EXTENSION.extendedMasterSecret),
  };
}
