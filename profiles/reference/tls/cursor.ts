/** Octets of a peer that are no TLS handshake. `alert` is the description to send (RFC 8446 6). */
export class MalformedHandshake extends Error {
  readonly alert: number;

  constructor(message: string, alert: number = DECODE_ERROR) {
    super(message);
    this.name = "MalformedHandshake";
    this.alert = alert;
  }
}

const DECODE_ERROR = 50;

/** Reads the presentation language of TLS (RFC 8446 3): big-endian integers and counted vectors. */
export class Cursor {
  readonly #octets: Buffer;
  #offset = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset === this.#octets.length;
  }

  /** @throws MalformedHandshake when fewer than `length` octets are left. */
  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#octets.length) throw new MalformedHandshake("a handshake message is cut short");
    const taken = this.#octets.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  uint8(): number {
    return this.take(1).readUInt8(0);
  }

  uint16(): number {
    return this.take(2).readUInt16BE(0);
  }

  vector8(): Buffer {
    return this.take(this.uint8());
  }

  vector16(): Buffer {
    return this.take(this.uint16());
  }
}

/** Reads elements until the octets are used up. */
export function elements<T>(octets: Buffer, read: (cursor: Cursor) => T): T[] {
  const cursor = new Cursor(octets);
  const list: T[] = [];
  while (!cursor.atEnd) list.push(read(cursor));
  return list;
}
