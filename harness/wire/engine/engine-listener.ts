import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Accepted, type ServerEnd, type ServerSetup, TlsServer } from "../../protocols/tls/index.ts";
import type { Destination } from "../secure-client.ts";
import { type EngineEnd, EngineSocket } from "./engine-socket.ts";

/** What a listener tells of its connections. */
export interface ListenerEvents {
  /** A handshake has ended; the stream ends with its connection. */
  connection(stream: EngineSocket, accepted: Accepted): void;
  /** A second handshake has ended on the connection of this stream. */
  renegotiated?(stream: EngineSocket, accepted: Accepted): void;
  /** A connection ended before its handshake had. */
  refused?(end: EngineEnd | undefined): void;
  /** Data of the peer, as the stream gets it. */
  heard?(octets: Buffer): void;
  /** Early data, before the handshake has ended. */
  early?(octets: Buffer): void;
}

const endOf = (end: ServerEnd): EngineEnd =>
  end.by === "server" ? { by: "own", text: end.text } : { by: "peer", alert: end.alert };

/** Puts the suite's own TLS server onto a TCP connection; a handshake has so many milliseconds. */
export function serveEngine(
  socket: Socket,
  setup: ServerSetup,
  events: ListenerEvents,
  handshakeMs: number,
): void {
  let stream: EngineSocket | undefined;
  let end: EngineEnd | undefined;
  const timer = setTimeout(() => socket.destroy(), handshakeMs);
  // What is written in answer to one event leaves in one piece.
  const together = (work: () => void) => {
    socket.cork();
    work();
    socket.uncork();
  };
  const server = new TlsServer(setup, {
    write: (octets) => {
      if (!socket.destroyed) socket.write(octets);
    },
    established: (accepted) => {
      clearTimeout(timer);
      const connection = { send: (octets: Buffer) => server.send(octets), close: () => server.close() };
      stream = new EngineSocket(connection, socket);
      events.connection(stream, accepted);
    },
    application: (octets) => {
      events.heard?.(octets);
      stream?.arrived(octets);
    },
    renegotiated: (accepted) => {
      if (stream !== undefined) events.renegotiated?.(stream, accepted);
    },
    early: (octets) => events.early?.(octets),
    ended: (ended) => {
      end = endOf(ended);
      if (stream === undefined) socket.end();
      else stream.ended(end);
    },
  });
  socket.on("data", (chunk: Buffer) => together(() => server.receive(chunk)));
  socket.on("error", () => undefined);
  socket.once("close", () => {
    clearTimeout(timer);
    if (stream === undefined) events.refused?.(end);
    else stream.tcpEnded(undefined);
  });
}

/** The suite's own TLS server on the loopback. */
export class EngineListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(setup: () => ServerSetup, events: ListenerEvents, handshakeMs: number) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      serveEngine(socket, setup(), events, handshakeMs);
    });
  }

  /** `setup`: asked anew for each connection. @throws the socket's error */
  static async start(
    setup: () => ServerSetup,
    events: ListenerEvents,
    handshakeMs = 10_000,
  ): Promise<EngineListener> {
    const listener = new EngineListener(setup, events, handshakeMs);
    listener.#server.listen(0, "127.0.0.1");
    await once(listener.#server, "listening");
    return listener;
  }

  get address(): Destination {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("a TCP server has an address");
    return { host: "127.0.0.1", port: address.port };
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
