/**
 * Protection of records, for defects only: OpenSSL protects those of a conforming enabler. Everything can be opened
 * here without looking whether it is right.
 */

/** A record as it stands on the wire (RFC 5246 6.2.1, RFC 8446 5.1). */
export interface SealedRecord {
  readonly type: number;
  readonly version: number;
  readonly fragment: Buffer;
}

/** What a record protects. */
export interface Content {
  readonly type: number;
  readonly octets: Buffer;
}

export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, application: 23 } as const;
/** Octets behind a record that {@link RecordCipher.openPart} looks over. */
export const MOST_EXCESS = 64;
export const TLS_12 = 0x0303;

/** The keys of one direction. `sequence`: the number of the record (RFC 5246 6.1, RFC 8446 5.3). */
export interface RecordCipher {
  /** undefined: the record does not verify. */
  open(sequence: number, record: SealedRecord): Content | undefined;
  /** MAC or tag, padding and header are not looked at. undefined: there is nothing that could be opened. */
  openUnchecked(sequence: number, record: SealedRecord): Content | undefined;
  /** What is missing of MAC or tag is not missed, and what stands behind it is not looked at. */
  openPart(sequence: number, record: SealedRecord): Content | undefined;
  seal(sequence: number, content: Content): SealedRecord;
}

/** With its header. */
export function encodeRecord({ type, version, fragment }: SealedRecord): Buffer {
  return Buffer.concat([header(type, version, fragment.length), fragment]);
}

/** 5 octets. */
export function header(type: number, version: number, length: number): Buffer {
  const octets = Buffer.alloc(5);
  octets.writeUInt8(type, 0);
  octets.writeUInt16BE(version, 1);
  octets.writeUInt16BE(length, 3);
  return octets;
}

/** 8 octets. */
export function sequenceOctets(sequence: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(sequence));
  return octets;
}

/** Cuts what arrives into whole records. */
export class RecordCutter {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): SealedRecord[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const records: SealedRecord[] = [];
    while (this.#pending.length >= 5) {
      const end = 5 + this.#pending.readUInt16BE(3);
      if (this.#pending.length < end) break;
      records.push({
        type: this.#pending.readUInt8(0),
        version: this.#pending.readUInt16BE(1),
        fragment: this.#pending.subarray(5, end),
      });
      this.#pending = this.#pending.subarray(end);
    }
    return records;
  }

  /** Octets that are no whole record; they are not kept. */
  rest(): Buffer {
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    return rest;
  }
}
