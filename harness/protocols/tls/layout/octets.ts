import { ALERT, TlsAlertError } from "../alert.ts";

/** Octets that are read from the begin to the end. */
export class OctetSource {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get left(): number {
    return this.#octets.length - this.#at;
  }

  /** The next `count` octets, not copied. @throws TlsAlertError (decode_error) when there are fewer */
  take(count: number): Buffer {
    if (count > this.left) {
      throw new TlsAlertError(ALERT.decodeError, `${count} octets are announced and ${this.left} are left`);
    }
    const start = this.#at;
    this.#at += count;
    return this.#octets.subarray(start, this.#at);
  }

  /** An unsigned number of 1 to 4 octets, big-endian. @throws TlsAlertError (decode_error) */
  number(octets: 1 | 2 | 3 | 4): number {
    return this.take(octets).readUIntBE(0, octets);
  }
}

/** Octets that are written one behind the other. */
export class OctetSink {
  readonly #parts: Uint8Array[] = [];

  put(octets: Uint8Array): void {
    this.#parts.push(octets);
  }

  /** @throws RangeError when the value does not fit */
  putNumber(octets: 1 | 2 | 3 | 4, value: number): void {
    const part = Buffer.alloc(octets);
    part.writeUIntBE(value, 0, octets);
    this.#parts.push(part);
  }

  get octets(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
