import type { Socket } from "node:net";
import type { Destination } from "../secure-client.ts";
import { now, type RecordedTcp, type RecordingBudget, type TcpEnd, type TcpEvent } from "./recording.ts";

const EMPTY = Buffer.alloc(0);

/** What a relay wants to know of one of its two sockets. */
export interface TapListener {
  data(octets: Buffer): void;
  /** The far end sends nothing more. */
  end(): void;
  /** Nothing goes either way any more. */
  gone(byReset: boolean): void;
}

/** A socket of a relay that records what both ends of its connection do. */
export class TappedSocket {
  readonly #socket: Socket;
  readonly #own: TcpEnd;
  readonly #budget: RecordingBudget;
  readonly #events: TcpEvent[] = [];
  readonly recorded: RecordedTcp;
  #ended = false;
  #reset = false;

  /** `own`: the end at which the relay is. */
  constructor(socket: Socket, own: TcpEnd, budget: RecordingBudget) {
    this.#socket = socket;
    this.#own = own;
    this.#budget = budget;
    const here = destination(socket.localAddress, socket.localPort);
    const there = destination(socket.remoteAddress, socket.remotePort);
    this.recorded = {
      client: own === "client" ? here : there,
      server: own === "client" ? there : here,
      openedAt: now(),
      events: this.#events,
    };
  }

  /** Begins to read. */
  listen(listener: TapListener): void {
    let sawEnd = false;
    this.#socket.on("data", (octets: Buffer) => {
      this.#record("far", "data", octets);
      listener.data(octets);
    });
    this.#socket.once("end", () => {
      sawEnd = true;
      this.#record("far", "end");
      listener.end();
    });
    this.#socket.once("close", (hadError) => {
      if (hadError && !this.#reset) this.#record("far", "reset");
      listener.gone(hadError || !sawEnd);
    });
    if (this.#socket.destroyed) listener.gone(true);
    else this.#socket.resume();
  }

  /** False when the far end reads more slowly than this: then `drained` tells when to go on. */
  send(octets: Buffer, comment?: string): boolean {
    if (octets.length === 0 || this.#ended || !this.#socket.writable) return true;
    this.#record("own", "data", octets, comment);
    return this.#socket.write(octets);
  }

  /** Resolves when more may be sent, or nothing can be any more. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return resolve();
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
  }

  end(comment?: string): void {
    if (this.#ended || !this.#socket.writable) return;
    this.#ended = true;
    this.#record("own", "end", undefined, comment);
    this.#socket.end();
  }

  reset(comment?: string): void {
    if (this.#socket.destroyed) return;
    this.#ended = true;
    this.#reset = true;
    this.#record("own", "reset", undefined, comment);
    this.#socket.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  #record(by: "own" | "far", kind: TcpEvent["kind"], octets: Buffer = EMPTY, comment?: string): void {
    if (!this.#budget.allows(octets.length)) return;
    const far = this.#own === "client" ? "server" : "client";
    const from = by === "own" ? this.#own : far;
    this.#events.push({ at: now(), from, kind, octets, ...(comment === undefined ? {} : { comment }) });
  }
}

/** A socket that has gone already knows no addresses. */
const destination = (host: string | undefined, port: number | undefined): Destination => ({
  host: host ?? "0.0.0.0",
  port: port ?? 0,
});
