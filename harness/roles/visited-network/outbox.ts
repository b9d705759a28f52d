import type { TappedSocket } from "../../wire/relay/tapped-socket.ts";

/** Octets that may wait before the sender is held up. */
const MAX_WAITING = 1024 * 1024;

type Sender = Pick<TappedSocket, "pause" | "resume">;
type Receiver = Pick<TappedSocket, "send" | "drained">;

type Step =
  | { readonly kind: "send"; readonly octets: Buffer; readonly comment: string | undefined }
  | { readonly kind: "wait"; readonly until: () => Promise<void> }
  | { readonly kind: "do"; readonly what: () => void };

/** Does one thing after the other towards one end of a connection; a wait holds up what is behind it. */
export class Outbox {
  readonly #to: Receiver;
  readonly #from: Sender;
  #steps: Step[] = [];
  #waiting = 0;
  #running = false;
  #paused = false;
  #closed = false;

  /** `from`: read more slowly when too much waits. */
  constructor(from: Sender, to: Receiver) {
    this.#from = from;
    this.#to = to;
  }

  send(octets: Buffer, comment?: string): void {
    if (octets.length === 0) return;
    this.#waiting += octets.length;
    this.#add({ kind: "send", octets, comment });
  }

  /** The wait begins when everything before it is done. It must end by itself, and must not reject. */
  wait(until: () => Promise<void>): void {
    this.#add({ kind: "wait", until });
  }

  do(what: () => void): void {
    this.#add({ kind: "do", what });
  }

  /** Forgets what waits, and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#steps = [];
  }

  #add(step: Step): void {
    if (this.#closed) return;
    this.#steps.push(step);
    void this.#run();
    if (this.#waiting <= MAX_WAITING || this.#paused) return;
    this.#paused = true;
    this.#from.pause();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      if (step.kind === "send") {
        this.#waiting -= step.octets.length;
        if (!this.#to.send(step.octets, step.comment)) await this.#to.drained();
      } else if (step.kind === "wait") await step.until();
      else step.what();
    }
    this.#running = false;
    if (this.#paused) this.#from.resume();
    this.#paused = false;
  }
}
