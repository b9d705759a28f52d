import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** A TCP listener on a free port to which nobody has a reason to connect. It drops whoever comes, and counts them. */
export class DecoyListener {
  readonly #server: Server;
  #connections = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#connections += 1;
      socket.on("error", () => undefined);
      socket.destroy();
    });
  }

  /** @throws the socket's error when the host is no address of this machine */
  static async start(host: string): Promise<DecoyListener> {
    const server = createServer();
    server.listen(0, host);
    await once(server, "listening");
    return new DecoyListener(server);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Connections that were made so far. */
  get connections(): number {
    return this.#connections;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
