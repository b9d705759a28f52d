/** What protects the records of one direction with one set of keys. */
import type { Record } from "./record.ts";

/** Content before it is protected, or after it was opened. */
export interface Content {
  /** ContentType. */
  readonly type: number;
  readonly octets: Buffer;
}

export interface Sealer {
  /** @param version of the record header (RFC 5246 6.2.1; 0x0303 in TLS 1.3) */
  seal(content: Content, version: number): Record;
}

export interface Opener {
  /** @throws TlsAlertError (bad_record_mac, decode_error, record_overflow) when the record was changed */
  open(record: Record): Content;
}

/** Before keys are agreed. */
export const unprotected: Sealer & Opener = {
  seal: ({ type, octets }, version) => ({ type, version, fragment: octets }),
  open: ({ type, fragment }) => ({ type, octets: fragment }),
};

/** The number of a record in its direction, from 0 with each set of keys (RFC 8446 5.3, RFC 5246 6.1). */
export class SequenceNumber {
  #next = 0n;

  /** 8 octets. */
  take(): Buffer {
    const octets = this.look();
    this.#next += 1n;
    return octets;
  }

  /** The number that {@link take} gives next. */
  look(): Buffer {
    const octets = Buffer.alloc(8);
    octets.writeBigUInt64BE(this.#next);
    return octets;
  }
}
