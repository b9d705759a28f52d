import type { Ending } from "../../wire/observer.ts";
import type { RecordedTcp, RecordingBudget } from "../../wire/relay/recording.ts";
import { dial } from "../../wire/relay/relay.ts";
import { TappedSocket } from "../../wire/relay/tapped-socket.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { RecordStream } from "./record-stream.ts";

/** How a recorded connection is played back. */
export interface ReplayOptions {
  /** `by-flight`: as recorded, each flight behind an answer; `at-once`: without waiting for any. */
  readonly pace: "by-flight" | "at-once";
  /** The first so many flights; absent: all. */
  readonly flights?: number;
  /** For an answer to one flight: milliseconds. */
  readonly answerMs: number;
  /** For the end behind the last flight: milliseconds. */
  readonly endMs: number;
}

/** What the system under test did with a connection that was played back. */
export interface Replay {
  /** Octets that were sent. */
  readonly sent: number;
  /** At most 1,048,576 octets. */
  readonly received: Buffer;
  /** Content types of the whole records in what was received. */
  readonly types: readonly number[];
  readonly ending: Ending;
  readonly serverSide: RecordedTcp | undefined;
}

/** Octets of an answer that are kept; more ends the replay. */
const MAX_RECEIVED = 1024 * 1024;
const ALERT_TYPE = 21;
/** Header, level and description of an alert that nothing protects. */
const PLAIN_ALERT_OCTETS = 7;

/** Sends what a client sent on another connection over a new one, and reads what comes back. Never throws. */
export async function replayFlights(
  towards: Destination,
  flights: readonly Buffer[],
  { pace, answerMs, endMs, ...options }: ReplayOptions,
  { connectMs, budget }: { readonly connectMs: number; readonly budget: RecordingBudget },
): Promise<Replay> {
  const socket = await dial(towards, connectMs);
  if (socket === undefined) {
    const ending: Ending = { kind: "unreachable", text: `${towards.host}:${towards.port}` };
    return { sent: 0, received: Buffer.alloc(0), types: [], ending, serverSide: undefined };
  }
  const tap = new TappedSocket(socket, "client", budget);
  const answers = new Answers(tap, endMs);
  const chosen = flights.slice(0, options.flights);
  let sent = 0;
  for (const [index, flight] of chosen.entries()) {
    if (answers.over) break;
    const answered = answers.next(answerMs);
    tap.send(flight, `played back: flight ${index + 1} of an earlier connection`);
    sent += flight.length;
    if (pace === "by-flight" && index < chosen.length - 1) await answered;
  }
  const ending = await answers.ending();
  tap.end();
  socket.destroySoon();
  return { sent, received: answers.received, types: answers.types, ending, serverSide: tap.recorded };
}

class Answers {
  readonly #endMs: number;
  readonly #stream = new RecordStream();
  readonly #chunks: Buffer[] = [];
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #waiting: (() => void)[] = [];
  readonly #records: Buffer[] = [];
  #octets = 0;
  over = false;

  constructor(tap: TappedSocket, endMs: number) {
    this.#endMs = endMs;
    tap.listen({
      data: (octets) => this.#take(octets),
      end: () => this.#end({ kind: "closed" }),
      gone: (byReset) => this.#end(byReset ? { kind: "reset" } : { kind: "closed" }),
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get types(): readonly number[] {
    return this.#records.map((record) => record.readUInt8(0));
  }

  /** Resolves with the next octets, the end, or after so many milliseconds. */
  next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** An alert that nothing protects tells more than the end of TCP behind it. */
  async ending(): Promise<Ending> {
    const timer = setTimeout(() => this.#end({ kind: "timeout", ms: this.#endMs }), this.#endMs);
    const ending = await this.#ended.promise;
    clearTimeout(timer);
    this.#wake();
    const last = this.#records.at(-1);
    if (last === undefined || last[0] !== ALERT_TYPE || last.length !== PLAIN_ALERT_OCTETS) return ending;
    return { kind: "alert", alert: last.readUInt8(PLAIN_ALERT_OCTETS - 1) };
  }

  #take(octets: Buffer): void {
    this.#octets += octets.length;
    if (this.#octets > MAX_RECEIVED) {
      this.#end({ kind: "protocol-error", text: `an answer of more than ${MAX_RECEIVED} octets` });
      return;
    }
    this.#chunks.push(octets);
    this.#records.push(...this.#stream.push(octets));
    this.#wake();
  }

  #end(ending: Ending): void {
    this.over = true;
    this.#ended.resolve(ending);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
