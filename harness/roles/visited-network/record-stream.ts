import { MAX_CONTENT, RECORD_HEADER } from "../../protocols/tls/index.ts";

/** Octets that a path takes for one record: TLS allows 2^14 and 2,048 (RFC 5246 6.2.3). */
const MAX_FRAGMENT = MAX_CONTENT + 2048;
/** Content types that there are (RFC 5246 6.2.1, RFC 6520 6). */
const TYPES = { first: 20, last: 24 } as const;
const MAJOR_VERSION = 3;

/**
 * Cuts what goes one way into records with their headers. It carries whatever it is given: from what cannot be a
 * record on, everything is opaque.
 */
export class RecordStream {
  #pending: Buffer[] = [];
  #octets = 0;
  #opaque = false;

  /** Whole records; what is not yet one waits, see `pending`. Once opaque, gives nothing and keeps everything pending. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#pending.push(chunk);
    this.#octets += chunk.length;
    if (this.#opaque || this.#octets < this.#needed()) return [];
    const all = this.#take();
    const records: Buffer[] = [];
    let at = 0;
    while (all.length - at >= RECORD_HEADER && isHeader(all, at)) {
      const end = at + RECORD_HEADER + all.readUInt16BE(at + 3);
      if (end > all.length) break;
      records.push(all.subarray(at, end));
      at = end;
    }
    this.#opaque = all.length - at >= RECORD_HEADER && !isHeader(all, at);
    if (at < all.length) this.#keep(all.subarray(at));
    return records;
  }

  /** Nothing behind this point is a record any more. */
  get opaque(): boolean {
    return this.#opaque;
  }

  /** Octets that wait. */
  get pending(): number {
    return this.#octets;
  }

  /** What waits. It still counts as the begin of the next record. */
  peek(): Buffer {
    const all = this.#take();
    if (all.length > 0) this.#keep(all);
    return all;
  }

  /** Forgets what is opaque, which nobody puts together. */
  discard(): void {
    if (this.#opaque) this.#take();
  }

  #keep(octets: Buffer): void {
    this.#pending = [octets];
    this.#octets = octets.length;
  }

  #take(): Buffer {
    const [first] = this.#pending;
    const all = this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#octets = 0;
    return all;
  }

  /** Chunks are joined only when a record may be whole. */
  #needed(): number {
    if (this.#octets < RECORD_HEADER) return RECORD_HEADER;
    const [first] = this.#pending;
    const head = first !== undefined && first.length >= RECORD_HEADER ? first : this.peek();
    return isHeader(head, 0) ? RECORD_HEADER + head.readUInt16BE(3) : RECORD_HEADER;
  }
}

function isHeader(octets: Buffer, at: number): boolean {
  const type = octets.readUInt8(at);
  const version = octets.readUInt8(at + 1);
  const length = octets.readUInt16BE(at + 3);
  return type >= TYPES.first && type <= TYPES.last && version === MAJOR_VERSION && length <= MAX_FRAGMENT;
}
