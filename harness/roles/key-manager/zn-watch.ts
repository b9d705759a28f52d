import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";

/** What one connection of an enabler to Zn came to. */
export interface ZnVisit {
  /** `tcp`: no handshake was completed; `tls`: one was, and nothing was asked; `asked`: octets came. */
  reached: "tcp" | "tls" | "asked";
  /** Why the handshake failed, as OpenSSL says it: an alert of the enabler among others. */
  error?: string;
  /** Number of the alert in {@link error}. */
  alert?: number;
  /** Subject of the enabler's certificate; absent when it showed none. */
  client?: string;
  /** Why that certificate is not believed. */
  distrust?: string;
  /** Protocols that the enabler named in ALPN; empty when it named none. */
  protocols: readonly string[];
}

export interface ZnWatchOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly privateKey: string;
  /** PEM of the CAs of the enablers' client certificates. */
  readonly trust: string;
}

/** Visits that are remembered: an enabler may try without end. */
const MOST_VISITS = 100;

/**
 * Stands in the place of the key manager on Zn, lets every enabler in and answers nothing: it shows how far an enabler
 * comes from which no request arrives.
 */
export class ZnWatch {
  readonly #server: Server;
  #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #visits = new Map<Socket, ZnVisit>();
  readonly #byPeer = new Map<string, ZnVisit>();

  private constructor(options: ZnWatchOptions) {
    this.#port = options.port;
    this.#server = createServer({
      cert: options.certificate,
      key: options.privateKey,
      ca: options.trust,
      requestCert: true,
      // Whom the key manager would refuse is let in here, to see whether that is all that is wrong.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      ALPNCallback: ({ protocols }) => protocols.find((one) => one === "h2") ?? protocols[0],
    });
    this.#server.on("connection", (socket: Socket) => this.#arrived(socket));
    this.#server.on("secureConnection", (socket) => this.#secured(socket));
    this.#server.on("tlsClientError", (error, socket) => {
      const visit = this.#visitOf(socket);
      if (visit === undefined) return;
      visit.error = reasonIn(error.message);
      const alert = /alert number (\d{1,3})/.exec(error.message)?.[1];
      if (alert !== undefined) visit.alert = Number(alert);
    });
  }

  /** @throws the socket's error, EADDRINUSE when the port is taken. */
  static async start(options: ZnWatchOptions): Promise<ZnWatch> {
    const watch = new ZnWatch(options);
    watch.#server.listen(options.port, options.host);
    await once(watch.#server, "listening");
    const address = watch.#server.address();
    if (typeof address === "object" && address !== null) watch.#port = address.port;
    return watch;
  }

  get port(): number {
    return this.#port;
  }

  /** In the order of their connections. */
  get visits(): readonly ZnVisit[] {
    return [...this.#visits.values()];
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #arrived(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#visits.size >= MOST_VISITS) return;
    const visit: ZnVisit = { reached: "tcp", protocols: [] };
    this.#visits.set(socket, visit);
    this.#byPeer.set(peerOf(socket), visit);
  }

  #secured(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const visit = this.#visitOf(socket);
    if (visit === undefined) return;
    visit.reached = "tls";
    const certificate = socket.getPeerCertificate();
    if (Object.keys(certificate).length > 0) {
      visit.client = [certificate.subject?.CN ?? ""].flat().join(", ");
      // Node types this as Error but gives the code of OpenSSL's verification as a string.
      const error: unknown = socket.authorizationError;
      if (!socket.authorized) visit.distrust = String(error);
    }
    if (typeof socket.alpnProtocol === "string") visit.protocols = [socket.alpnProtocol];
    socket.once("data", () => {
      visit.reached = "asked";
    });
  }

  /** Node gives no way from a TLS socket to the TCP socket below it, but both know the peer. */
  #visitOf(socket: TLSSocket): ZnVisit | undefined {
    const { visits } = this;
    // A socket that is gone has no peer any more: then it is one that came to nothing.
    return (
      this.#byPeer.get(peerOf(socket)) ??
      visits.find((one) => one.reached === "tcp" && one.error === undefined)
    );
  }
}

/** The words of OpenSSL's error, without its numbers and places; Node's own where the peer just left. */
function reasonIn(message: string): string {
  if (/socket hang up|ECONNRESET|disconnected before/.test(message)) return "it leaves in the middle of it";
  return (/:SSL routines:[^:]*:([^:\n]+)/.exec(message)?.[1] ?? message.split("\n", 1)[0] ?? "").slice(
    0,
    200,
  );
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
