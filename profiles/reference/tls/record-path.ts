import type { Playbacks } from "./playbacks.ts";
import type { Content, RecordCipher, SealedRecord } from "./record-cipher.ts";

/** A record that stands where the peer's next one does. */
export interface Arrival {
  readonly record: SealedRecord;
  /** The number that it should have. */
  readonly sequence: number;
  /** The peer's keys. */
  readonly cipher: RecordCipher;
  /** True for a record that the enabler sent on this connection. */
  readonly isOwn: boolean;
}

/** What a record is taken for. */
export interface Accepted {
  /** undefined: for nothing, it is left out. */
  readonly content: Content | undefined;
  /** The number that the next one should have. */
  readonly next: number;
}

/** What stands between the records of a terminal, or of the key manager, and OpenSSL, which accepts none that it should not. */
export interface RecordPath {
  /** undefined: OpenSSL gets the record as it came. Called once for each record, in order. */
  accept(arrival: Arrival): Accepted | undefined;
  /** Connections that are answered as they were once. */
  readonly playbacks?: Playbacks;
  /** True: a ClientHello in several records (RFC 5246 6.2.1, RFC 8446 5.1) ends the connection. */
  readonly wholeHello?: boolean;
}

/** A record that is as it should be. */
export function verified({ cipher, sequence, record }: Arrival): Accepted | undefined {
  const content = cipher.open(sequence, record);
  return content === undefined ? undefined : { content, next: sequence + 1 };
}

/** The same when up to `most` records before it are missing. */
export function verifiedBehindGap(arrival: Arrival, most: number): Accepted | undefined {
  for (let gap = 0; gap <= most; gap += 1) {
    const found = verified({ ...arrival, sequence: arrival.sequence + gap });
    if (found !== undefined) return found;
  }
  return undefined;
}
