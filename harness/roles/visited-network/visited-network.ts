import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type PathRecording, type RecordedConnection, RecordingBudget } from "../../wire/relay/recording.ts";
import { dial, Relay, type RelayDestination } from "../../wire/relay/relay.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { PathConnection } from "./path-connection.ts";
import { type Replay, type ReplayOptions, replayFlights } from "./replay-connection.ts";
import { Treated } from "./treated.ts";
import type { Treatment } from "./treatment.ts";

/** Notes that are kept. */
const MAX_NOTES = 100;
/** Turns of the event loop within which what was written on this machine has been read. */
const TURNS = 3;

/**
 * The visited network of use cases 1 and 2, which only carries traffic (OMA-RD-SEC_CF 5.1, 5.2): a path of TCP between
 * terminal and system under test, one for each case; or what lies between that and its key manager. It records
 * everything, and treats records as a case says.
 */
export class VisitedNetwork {
  readonly #limits: Limits;
  readonly #connections: PathConnection[] = [];
  readonly #recorded: RecordedConnection[] = [];
  readonly #treatments: Treated[] = [];
  readonly #notes: string[] = [];
  readonly #budget: RecordingBudget;
  #keeps = true;
  #takesNew = true;
  #relay: Relay | undefined;

  private constructor(limits: Limits) {
    this.#limits = limits;
    this.#budget = new RecordingBudget(limits.recordedOctets, (text) => {
      this.#keeps = false;
      this.#note(text);
    });
  }

  /** Listens for each destination on the loopback, or where it says. @throws the socket's error */
  static async start(
    destinations: readonly RelayDestination[],
    limits: Partial<Limits> = {},
  ): Promise<VisitedNetwork> {
    const network = new VisitedNetwork({ ...DEFAULT_LIMITS, ...limits });
    network.#relay = await Relay.start(destinations, {
      name: "the visited network",
      maxConnections: network.#limits.connections,
      carry: (inner, towards) => void network.#carry(inner, towards),
      refused: ({ host, port }) =>
        network.#note(
          `${host}:${port}: more than ${network.#limits.connections} connections at the same time`,
        ),
    });
    return network;
  }

  /** Where a client in this network connects to reach a destination. @throws Error for one that it was not started with */
  inside(destination: Destination): Destination {
    if (this.#relay === undefined) throw new Error("the visited network has not started");
    return this.#relay.inside(destination);
  }

  /**
   * Carries out a treatment on the next record that it is for, on connections that stand too. Of several that are for
   * the same record, the one that was given first is carried out.
   */
  treat(treatment: Treatment): Treated {
    const treated = new Treated(treatment);
    this.#treatments.push(treated);
    return treated;
  }

  /**
   * From now on records of type 23 are application records, on every connection that stands. Resolves when what the
   * client had written before was counted. What TLS 1.3 sends the client of itself (tickets) comes before the first
   * answer, so one exchange is made before records towards the client are counted.
   */
  async mark(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
    for (const connection of this.#connections) connection.mark();
  }

  /** From now on new connections are reset instead of carried, until it is allowed again. */
  allowNew(allowed: boolean): void {
    this.#takesNew = allowed;
  }

  /** False: something went over the path that was not recorded. */
  get isRecordedWhole(): boolean {
    return this.#keeps;
  }

  /** Every connection of a client so far, in the order in which they were made. */
  get connections(): readonly PathConnection[] {
    return this.#connections;
  }

  /** Everything that went over the path, what was played back included. */
  get recording(): PathRecording {
    return { connections: [...this.#recorded], notes: [...this.#notes] };
  }

  /**
   * Sends everything that the client sent on a connection to the same destination again, on a new connection of TCP,
   * and reads what comes back. Never throws.
   */
  async replayConnection(connection: PathConnection, options: ReplayOptions): Promise<Replay> {
    const replay = await replayFlights(connection.towards, connection.flights("towards-server"), options, {
      connectMs: this.#limits.connectMs,
      budget: this.#budget,
    });
    const { serverSide } = replay;
    if (serverSide !== undefined) this.#recorded.push({ clientSide: undefined, serverSide });
    return replay;
  }

  /** Ends every connection. What a `delay` holds is not sent any more. */
  async close(): Promise<void> {
    await this.#relay?.close();
  }

  async #carry(inner: Socket, towards: Destination): Promise<void> {
    if (!this.#takesNew) {
      this.#note(`${towards.host}:${towards.port}: a new connection was reset`);
      inner.resetAndDestroy();
      return;
    }
    const connection = new PathConnection(inner, {
      number: this.#connections.length + 1,
      towards,
      limits: this.#limits,
      budget: this.#budget,
      treatments: this.#treatments,
      keeps: () => this.#keeps,
      note: (text) => this.#note(text),
    });
    this.#connections.push(connection);
    this.#recorded.push(connection);
    const outer = await dial(towards, this.#limits.connectMs);
    if (outer === undefined || inner.destroyed) {
      if (outer === undefined) this.#note(`${towards.host}:${towards.port} could not be reached`);
      outer?.destroy();
      connection.reset();
      return;
    }
    this.#relay?.watch(outer);
    connection.join(outer);
  }

  #note(text: string): void {
    if (this.#notes.length < MAX_NOTES) this.#notes.push(text);
  }
}
