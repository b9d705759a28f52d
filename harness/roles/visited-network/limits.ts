/** Bounds of a visited network; all that exceeds one stands in the notes of its recording. */
export interface Limits {
  /** Connections at the same time, to each destination. */
  readonly connections: number;
  /** Octets that are recorded, both sides of the path together. */
  readonly recordedOctets: number;
  /** Until the server takes a connection: milliseconds. */
  readonly connectMs: number;
  /** Of one connection: milliseconds. */
  readonly lifeMs: number;
  /** That a record waits for the one with which it changes places: milliseconds. */
  readonly holdMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  connections: 100,
  recordedOctets: 16 * 1024 * 1024,
  connectMs: 10_000,
  lifeMs: 600_000,
  holdMs: 2_000,
};
