/**
 * Records (RFC 8446 5.1, RFC 5246 6.2): octets of a connection cut into records, and back. Their protection stands in
 * cbc.ts and aead.ts, as a Sealer and an Opener for one direction and one set of keys.
 */
import { ALERT, TlsAlertError } from "../alert.ts";

export const CONTENT_TYPE = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

export interface Record {
  /** ContentType. */
  readonly type: number;
  /** As it stands in the header. */
  readonly version: number;
  readonly fragment: Buffer;
}

export const RECORD_HEADER = 5;
/** Octets of content that one record may hold. */
export const MAX_CONTENT = 2 ** 14;
/** What protection may add (RFC 5246 6.2.3; RFC 8446 5.2 allows 256). */
const MAX_EXPANSION = 2048;

/** @throws RangeError when the fragment does not fit into its length */
export function encodeRecord({ type, version, fragment }: Record): Buffer {
  const header = Buffer.alloc(RECORD_HEADER);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}

/** Cuts what arrives into records; what is not yet a whole one waits. */
export class RecordSplitter {
  #pending: Buffer[] = [];
  #octets = 0;

  /** @throws TlsAlertError (record_overflow) when a record announces more than any may have */
  push(chunk: Uint8Array): readonly Record[] {
    this.#pending.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#octets += chunk.length;
    const needed = this.#needed();
    if (needed === undefined || this.#octets < needed) return [];
    const all = Buffer.concat(this.#pending);
    const records: Record[] = [];
    let at = 0;
    while (all.length - at >= RECORD_HEADER) {
      const end = at + RECORD_HEADER + lengthAt(all, at);
      if (end > all.length) break;
      records.push({
        type: all.readUInt8(at),
        version: all.readUInt16BE(at + 1),
        fragment: all.subarray(at + RECORD_HEADER, end),
      });
      at = end;
    }
    this.#pending = at === all.length ? [] : [all.subarray(at)];
    this.#octets = all.length - at;
    return records;
  }

  /** Octets of the first record, once its header is here: chunks are joined only when it is whole. */
  #needed(): number | undefined {
    if (this.#octets < RECORD_HEADER) return undefined;
    const [first] = this.#pending;
    if (first === undefined || first.length < RECORD_HEADER) this.#pending = [Buffer.concat(this.#pending)];
    const joined = this.#pending[0];
    return joined === undefined ? undefined : RECORD_HEADER + lengthAt(joined, 0);
  }
}

function lengthAt(octets: Buffer, at: number): number {
  const length = octets.readUInt16BE(at + 3);
  if (length > MAX_CONTENT + MAX_EXPANSION) {
    throw new TlsAlertError(ALERT.recordOverflow, `a record announces ${length} octets`);
  }
  return length;
}
