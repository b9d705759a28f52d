import { once } from "node:events";
import type { Server, Socket } from "node:net";
import type { Destination } from "../../wire/secure-client.ts";

/** A listener that can go away with all its connections, and come back on the same port. */
export class ReturningListener {
  readonly #host: string;
  /** Every TCP connection, also those that never became TLS: a listener closes when all of them are gone. */
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;
  #port: number;

  /** @param port 0: any, which is kept from then on. */
  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): ReadonlySet<Socket> {
    return this.#connections;
  }

  /**
   * At its own place, or for this time elsewhere. @returns where
   * @throws the socket's error, EADDRINUSE when the port is taken.
   */
  async listen(server: Server, elsewhere?: Destination): Promise<Destination> {
    server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    const { host, port } = elsewhere ?? { host: this.#host, port: this.#port };
    server.listen(port, host);
    await once(server, "listening");
    this.#server = server;
    const address = server.address();
    const taken = typeof address === "object" && address !== null ? address.port : port;
    if (elsewhere === undefined) this.#port = taken;
    return { host, port: taken };
  }

  /** Closes the listener and every connection at once. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}
