/** What somebody on the path can read of a handshake: the messages that nothing protects (RFC 5246 7.4, RFC 8446 4.1). */
import { TlsAlertError } from "./alert.ts";
import { algorithmsOf, type KeyExchange } from "./algorithms.ts";
import { decode } from "./layout/layout.ts";
import { OctetSource } from "./layout/octets.ts";
import { extensionValue, findExtension, keyShareEntryLayout } from "./messages/extensions.ts";
import {
  dhParamsLayout,
  ecdhParamsLayout,
  HANDSHAKE_TYPE,
  type HandshakeName,
  handshakeLayout,
  pskNameLayout,
  RETRY_RANDOM,
  type ServerHello,
  serverHelloLayout,
} from "./messages/handshake.ts";
import { CONTENT_TYPE, RECORD_HEADER } from "./records/record.ts";
import type { CipherSuite } from "./suites.ts";

export interface ClearMessage {
  readonly type: number;
  readonly body: Buffer;
}

/** Messages one behind the other. @throws TlsAlertError (decode_error) when one is not whole, behind those before it */
function* messagesOneByOne(octets: Buffer): Generator<ClearMessage> {
  const source = new OctetSource(octets);
  while (source.left > 0) yield handshakeLayout.take(source);
}

/** All of them. @throws TlsAlertError (decode_error) when the last one is not whole */
export const messagesIn = (octets: Buffer): readonly ClearMessage[] => [...messagesOneByOne(octets)];

/** Whether a record with its header, which nothing protects, holds whole messages, one of them of this kind. */
export function holdsMessage(record: Buffer, name: HandshakeName): boolean {
  const messages = attempted(() => messagesIn(record.subarray(RECORD_HEADER))) ?? [];
  return messages.some(({ type }) => type === HANDSHAKE_TYPE[name]);
}

/** Whether a record with its header begins with a ServerHello that goes on with a pre-shared key (RFC 8446 4.2.11). */
export const selectsPsk = (record: Buffer): boolean =>
  findExtension(serverHelloIn([record])?.extensions, "preSharedKey") !== undefined;

/**
 * What the server contributed to the agreement: its public value as it stands in ServerKeyExchange or key_share.
 * undefined: nothing, or nothing that can be read.
 * @param records with their headers, as they came from the server up to the first that is protected
 */
export function serverShareIn(records: readonly Buffer[], suite: CipherSuite): Buffer | undefined {
  const hello = serverHelloIn(records);
  if (findExtension(hello?.extensions, "supportedVersions") !== undefined)
    return attempted(() => extensionValue(hello?.extensions, "keyShare", keyShareEntryLayout))?.key;
  const exchange = algorithmsOf(suite)?.keyExchange;
  const message = flightOf(records).find(({ type }) => type === HANDSHAKE_TYPE.serverKeyExchange);
  if (exchange === undefined || message === undefined) return undefined;
  return attempted(() => publicValueIn(message.body, exchange));
}

/** @throws TlsAlertError (decode_error) */
function publicValueIn(body: Buffer, exchange: KeyExchange): Buffer | undefined {
  const source = new OctetSource(body);
  if (exchange.endsWith("PSK")) pskNameLayout.take(source);
  if (exchange.startsWith("DHE")) return dhParamsLayout.take(source).y;
  return exchange.startsWith("ECDHE") ? ecdhParamsLayout.take(source).point : undefined;
}

/** The ServerHello, and not a HelloRetryRequest before it. */
function serverHelloIn(records: readonly Buffer[]): ServerHello | undefined {
  return flightOf(records)
    .filter(({ type }) => type === HANDSHAKE_TYPE.serverHello)
    .map(({ body }) => attempted(() => decode(serverHelloLayout, body)))
    .find((hello) => hello?.random.equals(RETRY_RANDOM) === false);
}

/** Messages in handshake records; none from the first one on that is not whole. */
function flightOf(records: readonly Buffer[]): readonly ClearMessage[] {
  const handshakes = records.filter((record) => record[0] === CONTENT_TYPE.handshake);
  const octets = Buffer.concat(handshakes.map((record) => record.subarray(RECORD_HEADER)));
  const messages: ClearMessage[] = [];
  attempted(() => {
    for (const message of messagesOneByOne(octets)) messages.push(message);
  });
  return messages;
}

/** What a peer wrote wrongly says nothing. */
function attempted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlsAlertError) return undefined;
    throw error;
  }
}
