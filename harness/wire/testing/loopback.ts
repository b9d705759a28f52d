import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import type { Destination } from "../secure-client.ts";

/** A server of one test on a free port of the loopback, and what it saw. */
export interface Listener {
  readonly at: Destination;
  /** TCP connections so far. */
  readonly connections: () => number;
  /** TCP connections that are open now. */
  readonly open: () => number;
  /** Resolves when the last of them is gone. */
  readonly allGone: () => Promise<void>;
}

/** Listens until the test has ended; each connection is handed to `onConnection`. */
export function listenTcp(onConnection: (socket: Socket) => void, host = "127.0.0.1"): Promise<Listener> {
  return listen(createServer(onConnection), host);
}

/** A TLS server of Node's; `onSecure` gets each connection whose handshake the server completed. */
export function listenTls(
  options: TlsOptions,
  onSecure: (socket: TLSSocket) => void = () => undefined,
  host = "127.0.0.1",
): Promise<Listener> {
  const server = createTlsServer(options, (socket) => {
    socket.on("error", () => undefined);
    onSecure(socket);
  });
  server.on("tlsClientError", () => undefined);
  return listen(server, host);
}

/** A port of the loopback at which nobody listens. */
export async function closedPort(): Promise<Destination> {
  const server = createServer();
  const at = await bind(server, "127.0.0.1");
  server.close();
  await once(server, "close");
  return at;
}

async function listen(server: Server, host: string): Promise<Listener> {
  const open = new Set<Socket>();
  let connections = 0;
  // Registered before the server's own listeners see the first octet.
  server.prependListener("connection", (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  const at = await bind(server, host);
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  });
  return {
    at,
    connections: () => connections,
    open: () => open.size,
    allGone: async () => {
      await Promise.all(
        [...open].map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()))),
      );
    },
  };
}

async function bind(server: Server, host: string): Promise<Destination> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has an address");
  return { host, port: address.port };
}
