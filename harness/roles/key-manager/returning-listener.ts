import { once } from "node:events";
import type { Server, Socket } from "node:net";

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

  /** @throws the socket's error, EADDRINUSE when the port is taken. */
  async listen(server: Server): Promise<void> {
    server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    server.listen(this.#port, this.#host);
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
    this.#server = server;
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
