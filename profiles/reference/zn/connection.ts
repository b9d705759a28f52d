import type { KeyOutcome, KeyQuery, Unavailability } from "../association.ts";

/** One connection to the key manager, whatever the binding of Zn. */
export interface ZnConnection {
  /** False once the connection has ended, is ending or was refused. */
  readonly usable: boolean;
  /**
   * What the key manager answers to one question; expiry is told, not judged.
   * @throws NoAnswer when the connection cannot be made, ends first, or the signal aborts the wait
   */
  ask(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome>;
  /** Ends a connection that is not up, or gives no sign of life within the time, milliseconds. */
  probe(withinMs: number): void;
  destroy(): void;
}

/** No answer came. */
export class NoAnswer extends Error {
  readonly why: Unavailability;

  constructor(why: Unavailability, message: string) {
    super(message);
    this.name = "NoAnswer";
    this.why = why;
  }
}
