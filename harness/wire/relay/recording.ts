import type { Destination } from "../secure-client.ts";

/** Which end of a TCP connection did something: the one that connected, or the one that listened. */
export type TcpEnd = "client" | "server";

/** Something that one end of a TCP connection did. Times are milliseconds since 1970, with fractions. */
export interface TcpEvent {
  readonly at: number;
  readonly from: TcpEnd;
  readonly kind: "data" | "end" | "reset";
  /** Empty unless `data`. */
  readonly octets: Buffer;
  /** What a relay did to it. */
  readonly comment?: string;
}

/** One TCP connection, in the order of events. */
export interface RecordedTcp {
  readonly client: Destination;
  readonly server: Destination;
  readonly openedAt: number;
  readonly events: readonly TcpEvent[];
}

/** One connection through a relay: two of TCP. */
export interface RecordedConnection {
  readonly clientSide: RecordedTcp | undefined;
  readonly serverSide: RecordedTcp | undefined;
}

/** Everything that went over a path. */
export interface PathRecording {
  readonly connections: readonly RecordedConnection[];
  /** What a reader has to know: limits that were exceeded, destinations that were not reached. */
  readonly notes: readonly string[];
}

export const now = (): number => performance.timeOrigin + performance.now();

/** How much a path may record. What comes behind the limit is carried, and not recorded. */
export class RecordingBudget {
  readonly #limit: number;
  readonly #exceeded: (text: string) => void;
  #left: number;

  /** `limit` in octets of data, both sides of the path together. */
  constructor(limit: number, exceeded: (text: string) => void) {
    this.#limit = limit;
    this.#left = limit;
    this.#exceeded = exceeded;
  }

  /** Once refused, everything is: a recording is whole up to one moment. */
  allows(octets: number): boolean {
    if (this.#left < 0) return false;
    this.#left -= octets;
    if (this.#left >= 0) return true;
    this.#exceeded(`more than ${this.#limit} octets: what follows is carried and not recorded`);
    return false;
  }
}
