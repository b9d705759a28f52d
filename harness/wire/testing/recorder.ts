import type { Observer, WireEvent } from "../observer.ts";

/** An observer that keeps what it is told. */
export class Recorder implements Observer {
  readonly events: WireEvent[] = [];

  event(event: WireEvent): void {
    this.events.push(event);
  }

  /** `terminal>enabler handshake`, one for each event. */
  get ladder(): readonly string[] {
    return this.events.map(({ from, to, kind }) => `${from}>${to} ${kind}`);
  }
}
