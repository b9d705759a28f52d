import type { Established } from "../../protocols/tls/index.ts";
import { describeEnding, type Ending } from "../observer.ts";
import type { RenegotiationOutcome } from "../secure-client.ts";

/** What becomes of a second handshake on one connection: whatever comes first. */
export class SecondHandshake {
  #end: Ending | undefined;
  #settle: ((outcome: RenegotiationOutcome) => void) | undefined;
  /** Called with what each led to that ended well. */
  onCompleted: (established: Established) => void = () => undefined;

  /** @param boundMs of silence, milliseconds */
  begin(start: () => void, boundMs: number): Promise<RenegotiationOutcome> {
    if (this.#end !== undefined) return Promise.resolve({ kind: "ended", ending: this.#end });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#outcome({ kind: "silence", ms: boundMs }), boundMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      start();
    });
  }

  completed(established: Established): void {
    this.onCompleted(established);
    this.#outcome({ kind: "completed" });
  }

  declined(): void {
    this.#outcome({ kind: "declined" });
  }

  /** The connection is over. */
  ended(ending: Ending): void {
    this.#end ??= ending;
    this.#outcome({ kind: "ended", ending });
  }

  #outcome(outcome: RenegotiationOutcome): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}

/** One line for people; data of the peer in it is not escaped. */
export function describeRenegotiation(outcome: RenegotiationOutcome): string {
  switch (outcome.kind) {
    case "completed":
      return "the second handshake ended well";
    case "declined":
      return "declined with the warning no_renegotiation";
    case "ended":
      return `the second handshake ended the connection: ${describeEnding(outcome.ending)}`;
    case "silence":
      return `nothing came of the second handshake within ${outcome.ms} ms`;
  }
}
