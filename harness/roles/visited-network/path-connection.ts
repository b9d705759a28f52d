import type { Socket } from "node:net";
import type { RecordedConnection, RecordedTcp, RecordingBudget } from "../../wire/relay/recording.ts";
import { TappedSocket } from "../../wire/relay/tapped-socket.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { HelloWatch } from "./hello-watch.ts";
import { Lane, type PathRecord } from "./lane.ts";
import type { Limits } from "./limits.ts";
import type { Treated } from "./treated.ts";
import type { Direction, Selection } from "./treatment.ts";

/** What a connection needs of its network. */
export interface PathSurroundings {
  readonly number: number;
  readonly towards: Destination;
  readonly limits: Limits;
  readonly budget: RecordingBudget;
  readonly treatments: readonly Treated[];
  readonly keeps: () => boolean;
  readonly note: (text: string) => void;
}

/** One connection through the visited network. */
export class PathConnection implements RecordedConnection {
  readonly #surroundings: PathSurroundings;
  readonly #terminal: TappedSocket;
  readonly #life: ReturnType<typeof setTimeout>;
  #sidesGone = 0;
  #enabler: TappedSocket | undefined;
  #lanes: Readonly<Record<Direction, Lane>> | undefined;

  constructor(inner: Socket, surroundings: PathSurroundings) {
    this.#surroundings = surroundings;
    this.#terminal = new TappedSocket(inner, "server", surroundings.budget);
    const { lifeMs } = surroundings.limits;
    this.#life = setTimeout(() => {
      surroundings.note(`connection ${this.number}: ended after ${lifeMs} ms`);
      this.reset();
    }, lifeMs);
  }

  /** From 1, in the order in which they were made. */
  get number(): number {
    return this.#surroundings.number;
  }

  get towards(): Destination {
    return this.#surroundings.towards;
  }

  get terminalSide(): RecordedTcp {
    return this.#terminal.recorded;
  }

  /** undefined before the enabler was reached. */
  get enablerSide(): RecordedTcp | undefined {
    return this.#enabler?.recorded;
  }

  /** Records that came by in one direction, as they came. */
  records(direction: Direction): readonly PathRecord[] {
    return this.#lanes?.[direction].records ?? [];
  }

  /** A record that came by, to be played back or spliced into another session. */
  record(direction: Direction, which: Selection): PathRecord | undefined {
    return this.#lanes?.[direction].record(which);
  }

  /** What one end said before the other answered, flight by flight, as it said it. */
  flights(direction: Direction): readonly Buffer[] {
    const speaker = direction === "towards-enabler" ? "client" : "server";
    const side = direction === "towards-enabler" ? this.terminalSide : this.enablerSide;
    const flights: Buffer[][] = [];
    let last: string | undefined;
    for (const { kind, from, octets } of side?.events ?? []) {
      if (kind !== "data") continue;
      if (from === speaker && last !== speaker) flights.push([]);
      if (from === speaker) flights.at(-1)?.push(octets);
      last = from;
    }
    return flights.map((parts) => Buffer.concat(parts));
  }

  /** Sends octets of the path's own, behind what is under way. */
  insert(direction: Direction, octets: Uint8Array): void {
    this.#lanes?.[direction].insert(Buffer.from(octets), "inserted by the path");
  }

  /** From now on records of type 23 are application records, in both directions. */
  mark(): void {
    this.#lanes?.["towards-enabler"].mark();
    this.#lanes?.["towards-terminal"].mark();
  }

  /** Ends both sides at once (RST). */
  reset(comment?: string): void {
    this.#terminal.reset(comment);
    this.#enabler?.reset(comment);
    this.#closed();
  }

  /** Carries what comes, both ways. */
  join(outer: Socket): void {
    const { budget, limits, treatments, keeps, note, number } = this.#surroundings;
    const enabler = new TappedSocket(outer, "client", budget);
    const terminal = this.#terminal;
    this.#enabler = enabler;
    const common = {
      connection: number,
      hello: new HelloWatch(),
      holdMs: limits.holdMs,
      treatments,
      keeps,
      note: (text: string) => note(`connection ${number}: ${text}`),
      reset: (comment: string) => this.reset(comment),
    };
    const up: Lane = new Lane({
      ...common,
      direction: "towards-enabler",
      from: terminal,
      to: enabler,
      back: (octets, comment) => down.insert(octets, comment),
    });
    const down: Lane = new Lane({
      ...common,
      direction: "towards-terminal",
      from: enabler,
      to: terminal,
      back: (octets, comment) => up.insert(octets, comment),
    });
    this.#lanes = { "towards-enabler": up, "towards-terminal": down };
    this.#feed(terminal, up, enabler);
    this.#feed(enabler, down, terminal);
  }

  #feed(from: TappedSocket, lane: Lane, other: TappedSocket): void {
    from.listen({
      data: (octets) => lane.take(octets),
      end: () => lane.finish(),
      gone: (byReset) => {
        if (byReset) other.reset();
        this.#sidesGone += 1;
        if (byReset || this.#sidesGone === 2) this.#closed();
      },
    });
  }

  #closed(): void {
    this.#lanes?.["towards-enabler"].close();
    this.#lanes?.["towards-terminal"].close();
    clearTimeout(this.#life);
  }
}
