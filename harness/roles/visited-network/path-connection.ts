import type { Socket } from "node:net";
import type { RecordedConnection, RecordedTcp, RecordingBudget } from "../../wire/relay/recording.ts";
import { TappedSocket } from "../../wire/relay/tapped-socket.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { HelloWatch } from "./hello-watch.ts";
import { Lane, type PathRecord } from "./lane.ts";
import type { Limits } from "./limits.ts";
import type { Treated } from "./treated.ts";
import type { Direction, Selection } from "./treatment.ts";

/** Octets of an alert in a record of TLS 1.3, with its header; what else is protected there is longer (RFC 8446 5.2). */
const LONGEST_ALERT = 24;

function isAlert(record: PathRecord | undefined): boolean {
  const { octets = Buffer.alloc(0), position } = record ?? {};
  if (position?.alert !== undefined) return true;
  return position?.application !== undefined && octets.length <= LONGEST_ALERT;
}

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
  readonly #client: TappedSocket;
  readonly #life: ReturnType<typeof setTimeout>;
  readonly #left = Promise.withResolvers<number>();
  #sidesGone = 0;
  #server: TappedSocket | undefined;
  #lanes: Readonly<Record<Direction, Lane>> | undefined;

  constructor(inner: Socket, surroundings: PathSurroundings) {
    this.#surroundings = surroundings;
    this.#client = new TappedSocket(inner, "server", surroundings.budget);
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

  get clientSide(): RecordedTcp {
    return this.#client.recorded;
  }

  /** undefined before the server was reached. */
  get serverSide(): RecordedTcp | undefined {
    return this.#server?.recorded;
  }

  /**
   * When the client ended it, by an alert or the end of TCP (FIN or RST), on the clock of `performance.now()`; undefined
   * when it has not within so many milliseconds from now.
   */
  async leftWithin(ms: number): Promise<number | undefined> {
    const bound = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => bound.resolve(undefined), ms);
    const left = await Promise.race([this.#left.promise, bound.promise]);
    clearTimeout(timer);
    return left;
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
    const speaker = direction === "towards-server" ? "client" : "server";
    const side = direction === "towards-server" ? this.clientSide : this.serverSide;
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
    this.#lanes?.["towards-server"].mark();
    this.#lanes?.["towards-client"].mark();
  }

  /** Ends both sides at once (RST). */
  reset(comment?: string): void {
    this.#client.reset(comment);
    this.#server?.reset(comment);
    this.#closed();
  }

  /** Carries what comes, both ways. */
  join(outer: Socket): void {
    const { budget, limits, treatments, keeps, note, number } = this.#surroundings;
    const server = new TappedSocket(outer, "client", budget);
    const client = this.#client;
    this.#server = server;
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
      direction: "towards-server",
      from: client,
      to: server,
      back: (octets, comment) => down.insert(octets, comment),
    });
    const down: Lane = new Lane({
      ...common,
      direction: "towards-client",
      from: server,
      to: client,
      back: (octets, comment) => up.insert(octets, comment),
    });
    this.#lanes = { "towards-server": up, "towards-client": down };
    this.#feed(client, up, server);
    this.#feed(server, down, client);
  }

  #feed(from: TappedSocket, lane: Lane, other: TappedSocket): void {
    from.listen({
      data: (octets) => {
        lane.take(octets);
        // Who sends an alert may leave the end of TCP to its peer.
        if (from === this.#client && isAlert(lane.records.at(-1))) this.#left.resolve(performance.now());
      },
      end: () => {
        if (from === this.#client) this.#left.resolve(performance.now());
        lane.finish();
      },
      gone: (byReset) => {
        if (from === this.#client) this.#left.resolve(performance.now());
        if (byReset) other.reset();
        this.#sidesGone += 1;
        if (byReset || this.#sidesGone === 2) this.#closed();
      },
    });
  }

  #closed(): void {
    this.#lanes?.["towards-server"].close();
    this.#lanes?.["towards-client"].close();
    clearTimeout(this.#life);
  }
}
