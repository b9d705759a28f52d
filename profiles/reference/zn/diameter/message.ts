import { type Avp, encodeAvp, MalformedMessage } from "./avp.ts";

const HEADER = 20;
const VERSION = 1;
/** Octets of a message that are read; an answer with a key has some hundred. */
const MAX_MESSAGE = 65_536;
const REQUEST_FLAG = 0x80;
const PROXIABLE_FLAG = 0x40;
const ERROR_FLAG = 0x20;

/** Command codes (RFC 6733 3.1, TS 29.109). */
export const COMMAND = {
  capabilitiesExchange: 257,
  deviceWatchdog: 280,
  disconnectPeer: 282,
  bootstrappingInfo: 310,
} as const;

/** Application-Id of the peers' own messages, and that of Zn. */
export const APPLICATION = { common: 0, zn: 16_777_220 } as const;

export interface Message {
  readonly request: boolean;
  readonly proxiable: boolean;
  readonly error: boolean;
  readonly command: number;
  readonly application: number;
  readonly hopByHop: number;
  readonly endToEnd: number;
  readonly avps: readonly Avp[];
}

/** The octets of a message (RFC 6733 3). */
export function encodeMessage(message: Message): Buffer {
  const body = Buffer.concat(message.avps.map(encodeAvp));
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(VERSION, 0);
  header.writeUIntBE(HEADER + body.length, 1, 3);
  const { request, proxiable, error } = message;
  header.writeUInt8(
    (request ? REQUEST_FLAG : 0) | (proxiable ? PROXIABLE_FLAG : 0) | (error ? ERROR_FLAG : 0),
    4,
  );
  header.writeUIntBE(message.command, 5, 3);
  header.writeUInt32BE(message.application, 8);
  header.writeUInt32BE(message.hopByHop, 12);
  header.writeUInt32BE(message.endToEnd, 16);
  return Buffer.concat([header, body]);
}

/** The whole messages at the begin of what was received, undecoded, and the rest. @throws MalformedMessage */
export function splitMessages(received: Buffer): {
  readonly messages: readonly Buffer[];
  readonly rest: Buffer;
} {
  const messages: Buffer[] = [];
  let rest = received;
  while (rest.length >= 4) {
    const length = rest.readUIntBE(1, 3);
    if (rest.readUInt8(0) !== VERSION) throw new MalformedMessage(`version ${rest.readUInt8(0)}`);
    if (length < HEADER || length % 4 !== 0 || length > MAX_MESSAGE)
      throw new MalformedMessage(`a message of ${length} octets`);
    if (rest.length < length) break;
    messages.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return { messages, rest };
}

/** Only what the header says, of a message whose AVPs may be malformed. */
export function headerOf(octets: Buffer): Omit<Message, "avps"> {
  const flags = octets.readUInt8(4);
  return {
    request: (flags & REQUEST_FLAG) !== 0,
    proxiable: (flags & PROXIABLE_FLAG) !== 0,
    error: (flags & ERROR_FLAG) !== 0,
    command: octets.readUIntBE(5, 3),
    application: octets.readUInt32BE(8),
    hopByHop: octets.readUInt32BE(12),
    endToEnd: octets.readUInt32BE(16),
  };
}

/** The AVPs of a whole message, undecoded. */
export function bodyOf(octets: Buffer): Buffer {
  return octets.subarray(HEADER);
}
