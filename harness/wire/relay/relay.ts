import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Destination } from "../secure-client.ts";

const LOOPBACK: Destination = { host: "127.0.0.1", port: 0 };

/** What makes one kind of relay. */
export interface RelayKind {
  /** For errors: `the visited network`. */
  readonly name: string;
  /** Connections that one listener carries at the same time. */
  readonly maxConnections: number;
  /** A connection arrived. Nothing was read from it yet; its errors are taken care of. */
  carry(inner: Socket, towards: Destination): void;
  /** A connection was not taken because there were too many. */
  refused?(towards: Destination): void;
}

/** What a relay leads to, and where it listens for it: on a free port of the loopback unless it is said. */
export type RelayDestination = Destination & { readonly at?: Destination };

/** Listens on the loopback for each destination in its place. What becomes of a connection is its kind's matter. */
export class Relay {
  readonly #kind: RelayKind;
  readonly #listeners: {
    readonly towards: Destination;
    readonly server: Server;
    readonly at: Destination;
  }[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(kind: RelayKind) {
    this.#kind = kind;
  }

  /** @throws the socket's error */
  static async start(destinations: readonly RelayDestination[], kind: RelayKind): Promise<Relay> {
    const relay = new Relay(kind);
    try {
      for (const towards of destinations) await relay.#listen(towards);
    } catch (error) {
      await relay.close();
      throw error;
    }
    return relay;
  }

  /** Where one connects to reach a destination. @throws Error for one that the relay was not started with */
  inside(destination: Destination): Destination {
    const listener = this.#leadingTo(destination);
    if (listener !== undefined) return listener.at;
    throw new Error(`${this.#kind.name} does not lead to ${destination.host}:${destination.port}`);
  }

  /** Takes care of a socket's errors, which show in its end, and ends it with the relay. */
  watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async close(): Promise<void> {
    const closed = this.#listeners
      .filter(({ server }) => server.listening)
      .map(({ server }) => once(server, "close"));
    for (const { server } of this.#listeners) server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #leadingTo({ host, port }: Destination) {
    return this.#listeners.find(({ towards }) => towards.host === host && towards.port === port);
  }

  async #listen({ at: { host, port } = LOOPBACK, ...towards }: RelayDestination): Promise<void> {
    // Several ways in may share an address.
    if (this.#leadingTo(towards) !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (inner) => {
      this.watch(inner);
      this.#kind.carry(inner, towards);
    });
    server.maxConnections = this.#kind.maxConnections;
    server.on("drop", () => this.#kind.refused?.(towards));
    server.listen(port, host);
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("a TCP server has an address");
    this.#listeners.push({ towards, server, at: { host, port: address.port } });
  }
}

/** The connection that a relay makes on behalf of another; undefined when it does not come about within `connectMs`. */
export function dial(
  { host, port }: Destination,
  connectMs: number,
  localAddress?: string,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const from = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, ...from });
    const fail = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(fail, connectMs);
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      // Errors from here on show in the end of the connection.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
