import { setImmediate as nextTurn } from "node:timers/promises";
import type { TappedSocket } from "../../wire/relay/tapped-socket.ts";
import type { HelloWatch } from "./hello-watch.ts";
import { Outbox } from "./outbox.ts";
import { changeRecord, pieces, type RecordAction } from "./record-actions.ts";
import { isSelected, type Position, RecordCounter } from "./record-counter.ts";
import { RecordStream } from "./record-stream.ts";
import type { Treated } from "./treated.ts";
import type { Action, Direction, Selection } from "./treatment.ts";

/** A record that came by, as it came, with its header. */
export interface PathRecord {
  readonly position: Position;
  readonly octets: Buffer;
}

/** What one direction of a connection works with. */
export interface LaneParts {
  readonly direction: Direction;
  /** Number of the connection. */
  readonly connection: number;
  readonly from: TappedSocket;
  readonly to: TappedSocket;
  readonly hello: HelloWatch;
  readonly treatments: readonly Treated[];
  /** Milliseconds that a swapped record waits for the next one. */
  readonly holdMs: number;
  /** False: records are no longer kept. */
  readonly keeps: () => boolean;
  readonly note: (text: string) => void;
  /** Sends to the one from which this direction comes. */
  readonly back: (octets: Buffer, comment: string) => void;
  /** Ends both directions at once. */
  readonly reset: (comment: string) => void;
}

/** A record that waits for the next one. */
interface Held {
  readonly octets: Buffer;
  readonly treated: Treated;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly done: () => void;
}

/** One direction of one connection: everything goes on as it came, but for the records that are treated. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #stream = new RecordStream();
  readonly #counter = new RecordCounter();
  readonly #outbox: Outbox;
  readonly #records: PathRecord[] = [];
  /** Octets of the record that is not yet whole which have gone on already. */
  #ahead = 0;
  /** Goes on in one piece. */
  #passing: Buffer[] = [];
  #swapped: Held | undefined;
  #replays: { readonly octets: Buffer; readonly comment: string; left: number }[] = [];
  #inserts: { readonly octets: Buffer; readonly comment: string }[] = [];
  #cut = false;
  readonly #closed = Promise.withResolvers<void>();

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.from, parts.to);
  }

  /** Every record so far. */
  get records(): readonly PathRecord[] {
    return this.#records;
  }

  /** The record with this place, when it came by. */
  record(which: Selection): PathRecord | undefined {
    return this.#records.find(({ position }) => isSelected(position, which));
  }

  mark(): void {
    this.#counter.mark();
  }

  /** Sends something of the path's own now, or behind the record that has begun to go. */
  insert(octets: Buffer, comment: string): void {
    if (this.#ahead > 0) this.#inserts.push({ octets, comment });
    else if (!this.#cut) this.#outbox.send(octets, comment);
  }

  take(chunk: Buffer): void {
    if (this.#cut) return;
    if (this.#isArmed()) this.#takeRecords(chunk);
    else this.#takeStraight(chunk);
    // From here on nothing is a record, so nothing need be put together.
    if (!this.#stream.opaque) return;
    this.#outbox.send(this.#stream.peek().subarray(this.#ahead));
    this.#stream.discard();
    this.#ahead = 0;
  }

  /** The sender has ended. */
  finish(): void {
    if (this.#cut) return;
    this.#giveUpSwap("the sender ended");
    for (const { octets, comment } of this.#replays.splice(0)) this.#outbox.send(octets, comment);
    this.#outbox.send(this.#stream.peek().subarray(this.#ahead));
    this.#putInserts();
    this.#outbox.do(() => this.#parts.to.end());
  }

  /** Nothing goes here any more. */
  close(): void {
    this.#cut = true;
    clearTimeout(this.#swapped?.timer);
    this.#closed.resolve();
    this.#outbox.close();
  }

  #isArmed(): boolean {
    const { treatments, direction, connection } = this.#parts;
    if (this.#swapped !== undefined || this.#replays.length + this.#inserts.length > 0) return true;
    return treatments.some((one) => one.isWaiting(direction, connection));
  }

  /** As it came, in the same pieces. */
  #takeStraight(chunk: Buffer): void {
    const held = this.#stream.peek().subarray(this.#ahead);
    this.#outbox.send(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
    for (const record of this.#stream.push(chunk)) this.#count(record);
    this.#ahead = this.#stream.pending;
  }

  #takeRecords(chunk: Buffer): void {
    for (const record of this.#stream.push(chunk)) {
      const position = this.#count(record);
      const ahead = this.#ahead;
      this.#ahead = 0;
      if (this.#cut) return;
      if (ahead > 0) {
        this.#passing.push(record.subarray(ahead));
        this.#putInserts();
      } else this.#treat(record, position);
    }
    this.#flush();
  }

  #count(record: Buffer): Position {
    const { direction, hello, keeps } = this.#parts;
    if (direction === "towards-client") hello.saw(record);
    const position = this.#counter.count(record.readUInt8(0), hello.tls13);
    if (keeps()) this.#records.push({ position, octets: record });
    return position;
  }

  #treat(octets: Buffer, position: Position): void {
    const { treatments, direction, connection } = this.#parts;
    const treated = treatments.find((one) => one.isWaiting(direction, connection) && one.claim(position));
    const swapped = this.#swapped;
    this.#swapped = undefined;
    if (treated === undefined) this.#passing.push(octets);
    else this.#carryOut(treated, octets, position);
    if (swapped !== undefined) {
      clearTimeout(swapped.timer);
      this.#put(swapped.octets, swapped.treated.describe());
      swapped.done();
    }
    this.#replayDue();
  }

  #carryOut(treated: Treated, octets: Buffer, position: Position): void {
    const { action } = treated.treatment;
    const { connection, note } = this.#parts;
    this.#flush();
    const done = () => treated.succeeded({ connection, position, octets });
    try {
      if (action.kind === "swap") this.#hold(treated, octets, done);
      else {
        if (isStateless(action)) this.#change(action, octets, treated.describe());
        else this.#withState(action, treated, octets);
        done();
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      treated.failed(why);
      note(`${treated.describe()}: not carried out, ${why}`);
      this.#passing.push(octets);
    }
  }

  #change(action: RecordAction, octets: Buffer, comment: string): void {
    const { onward, back = [] } = changeRecord(action, octets);
    for (const one of onward) this.#put(one, comment);
    for (const one of back) this.#parts.back(one, comment);
  }

  #withState(
    action: Exclude<Action, RecordAction | { kind: "swap" }>,
    treated: Treated,
    octets: Buffer,
  ): void {
    const comment = treated.describe();
    switch (action.kind) {
      case "replay":
        this.#put(octets);
        // This record is counted down too, when it has gone.
        this.#replays.push({ octets, comment, left: action.after + 1 });
        break;
      case "delay":
        this.#outbox.wait(() => bounded(action.ms, treated.released, this.#closed.promise));
        this.#put(octets, comment);
        break;
      case "fragment":
        for (const piece of pieces(octets, action.octets)) {
          this.#put(piece, comment);
          // Segments of their own: what is written in one turn may leave in one.
          this.#outbox.wait(async () => void (await nextTurn()));
        }
        break;
      case "cut":
        this.#cutAt(action, octets, comment);
        break;
    }
  }

  #hold(treated: Treated, octets: Buffer, done: () => void): void {
    const { holdMs } = this.#parts;
    const timer = setTimeout(() => this.#giveUpSwap(`no record followed within ${holdMs} ms`), holdMs);
    this.#swapped = { octets, treated, timer, done };
  }

  #giveUpSwap(why: string): void {
    const swapped = this.#swapped;
    if (swapped === undefined) return;
    this.#swapped = undefined;
    clearTimeout(swapped.timer);
    swapped.treated.failed(why);
    this.#parts.note(`${swapped.treated.describe()}: not carried out, ${why}`);
    this.#outbox.send(swapped.octets);
  }

  #cutAt({ where, how }: Extract<Action, { kind: "cut" }>, octets: Buffer, comment: string): void {
    const kept = { before: 0, middle: Math.floor(octets.length / 2), after: octets.length }[where];
    this.#put(octets.subarray(0, kept));
    this.#cut = true;
    const { to, reset } = this.#parts;
    this.#outbox.do(() => (how === "end" ? to.end(comment) : reset(comment)));
  }

  #replayDue(): void {
    for (const replay of this.#replays) {
      replay.left -= 1;
      if (replay.left > 0 || this.#cut) continue;
      this.#put(replay.octets, replay.comment);
    }
    this.#replays = this.#replays.filter(({ left }) => left > 0);
  }

  #putInserts(): void {
    for (const { octets, comment } of this.#inserts.splice(0)) this.#put(octets, comment);
  }

  /** In a piece of its own. */
  #put(octets: Buffer, comment?: string): void {
    this.#flush();
    this.#outbox.send(octets, comment);
  }

  #flush(): void {
    const passing = this.#passing.splice(0);
    if (passing.length > 0) this.#outbox.send(Buffer.concat(passing));
  }
}

function isStateless(action: Action): action is RecordAction {
  return !["swap", "replay", "delay", "fragment", "cut"].includes(action.kind);
}

/** Resolves with the first of these, or after so many milliseconds. */
async function bounded(ms: number, ...promises: readonly Promise<void>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([...promises, elapsed]);
  clearTimeout(timer);
}
