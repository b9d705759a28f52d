import { Cursor, MalformedHandshake } from "./cursor.ts";

const CONTENT_CHANGE_CIPHER_SPEC = 20;
const CONTENT_HANDSHAKE = 22;
const UNEXPECTED_MESSAGE = 10;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** RFC 8446 5.1: a plaintext record carries at most 2^14 octets. */
const MAX_RECORD = 16_384;

export const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
export const CLIENT_KEY_EXCHANGE = 16;

/** A handshake message that has arrived in full. */
export interface HandshakeMessage {
  readonly type: number;
  /** Type, length and body. */
  readonly octets: Buffer;
  /** The records that carried it, to be handed on unchanged. */
  readonly records: Buffer;
}

/**
 * Takes handshake messages out of the unprotected records that begin a connection, however the peer cut them.
 * It holds at most `limit` octets.
 */
export class MessageReader {
  readonly #limit: number;
  #held = 0;
  #unread: Buffer = Buffer.alloc(0);
  #records: Buffer[] = [];
  #fragments: Buffer[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws MalformedHandshake when more is held than the limit allows. */
  push(chunk: Buffer): void {
    this.#held += chunk.length;
    if (this.#held > this.#limit) {
      throw new MalformedHandshake(`more than ${this.#limit} octets before the key is there`);
    }
    this.#unread = Buffer.concat([this.#unread, chunk]);
  }

  /**
   * The next message, `other` when a record of another type comes next (an alert), undefined while it is incomplete.
   * @throws MalformedHandshake when a record breaks RFC 8446 5.1, or holds more than the one message.
   */
  take(): HandshakeMessage | "other" | undefined {
    for (;;) {
      const record = this.#nextRecord();
      if (record === undefined || record === "other") return record;
      this.#records.push(record);
      this.#fragments.push(record.subarray(RECORD_HEADER));
      this.#length += record.length - RECORD_HEADER;
      const message = this.#complete();
      if (message !== undefined) return message;
    }
  }

  /** The record behind a ChangeCipherSpec that comes next, which is left where it is; undefined while it is not there. */
  afterChangeCipherSpec(): Buffer | undefined {
    const first = recordAt(this.#unread, 0);
    if (first === undefined || first.readUInt8(0) !== CONTENT_CHANGE_CIPHER_SPEC) return undefined;
    return recordAt(this.#unread, first.length);
  }

  /** Everything that was pushed and not returned as part of a message. */
  drain(): Buffer {
    const rest = Buffer.concat([...this.#records, this.#unread]);
    this.#reset();
    this.#unread = Buffer.alloc(0);
    this.#held = 0;
    return rest;
  }

  #nextRecord(): Buffer | "other" | undefined {
    if (this.#unread.length < RECORD_HEADER) return undefined;
    if (this.#unread.readUInt8(0) !== CONTENT_HANDSHAKE) return "other";
    const length = this.#unread.readUInt16BE(3);
    if (length === 0 || length > MAX_RECORD) {
      throw new MalformedHandshake(`a handshake record of ${length} octets`);
    }
    const end = RECORD_HEADER + length;
    if (this.#unread.length < end) return undefined;
    const record = this.#unread.subarray(0, end);
    this.#unread = this.#unread.subarray(end);
    return record;
  }

  #complete(): HandshakeMessage | undefined {
    if (this.#length < MESSAGE_HEADER) return undefined;
    const octets = Buffer.concat(this.#fragments);
    this.#fragments = [octets];
    const length = MESSAGE_HEADER + octets.readUIntBE(1, 3);
    if (octets.length < length) return undefined;
    // The client has nothing more to say until the server has answered; whatever it coalesced would pass unseen.
    if (octets.length > length) {
      throw new MalformedHandshake("a second message in the record of the first", UNEXPECTED_MESSAGE);
    }
    const message = { type: octets.readUInt8(0), octets, records: Buffer.concat(this.#records) };
    this.#held = this.#unread.length;
    this.#reset();
    return message;
  }

  #reset(): void {
    this.#records = [];
    this.#fragments = [];
    this.#length = 0;
  }
}

function recordAt(octets: Buffer, start: number): Buffer | undefined {
  if (octets.length < start + RECORD_HEADER) return undefined;
  const end = start + RECORD_HEADER + octets.readUInt16BE(start + 3);
  return octets.length < end ? undefined : octets.subarray(start, end);
}

/**
 * Suite of the ServerHello (RFC 5246 7.4.1.3) at the beginning of what a TLS 1.2 server sends.
 * `none` when something else begins there, undefined while too little has been seen.
 */
export function negotiatedSuite(sent: Buffer): number | "none" | undefined {
  if (sent.length === 0) return undefined;
  if (sent.readUInt8(0) !== CONTENT_HANDSHAKE) return "none";
  if (sent.length <= RECORD_HEADER + MESSAGE_HEADER) return undefined;
  if (sent.readUInt8(RECORD_HEADER) !== SERVER_HELLO) return "none";
  const afterRandom = RECORD_HEADER + MESSAGE_HEADER + 2 + 32;
  if (sent.length <= afterRandom) return undefined;
  const suiteAt = afterRandom + 1 + sent.readUInt8(afterRandom);
  return sent.length < suiteAt + 2 ? undefined : sent.readUInt16BE(suiteAt);
}

/**
 * psk_identity of a ClientKeyExchange, the first field for each PSK key exchange (RFC 4279 2, 3; RFC 5489 2).
 * @throws MalformedHandshake when the message is shorter than it says.
 */
export function pskIdentity(message: Buffer): Buffer {
  return new Cursor(message.subarray(MESSAGE_HEADER)).vector16();
}

/** Version of the record that begins here, two octets; that of TLS 1.2, which TLS 1.3 writes too, when there is none. */
export function recordVersion(sent: Buffer): readonly [number, number] {
  return sent.length < RECORD_HEADER ? [3, 3] : [sent.readUInt8(1), sent.readUInt8(2)];
}

/** A fatal alert in an unprotected record (RFC 5246 7.2). */
export function fatalAlert(description: number, [major, minor]: readonly [number, number] = [3, 3]): Buffer {
  return Buffer.from([21, major, minor, 0, 2, 2, description]);
}
