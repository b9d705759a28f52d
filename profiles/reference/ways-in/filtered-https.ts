import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import { TLSSocket } from "node:tls";
import { RecordFilter } from "../tls/record-filter.ts";
import type { RecordPath } from "../tls/record-path.ts";

/** A listener that can be ended with all its connections. */
export interface Listener {
  readonly server: Server;
  close(): void;
}

/**
 * Takes the connections of an HTTPS server for it, with a filter before OpenSSL. What is played back is served as the
 * TLS connection that it was: `secured` is told of one, and gives what is to be done with another that stands for it.
 */
export function filteredListener(
  https: Server,
  secureContext: SecureContext,
  path: RecordPath,
  secured: (tls: TLSSocket) => (plain: Duplex) => void,
): Listener {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const filter = new RecordFilter(socket, path);
    const tls = new TLSSocket(filter, { isServer: true, secureContext });
    // A socket on top of a stream does not know the address below it.
    Object.defineProperty(tls, "remoteAddress", { value: socket.remoteAddress });
    filter.follow(tls);
    tls.on("error", () => filter.destroy());
    tls.once("secure", () => {
      const standIn = secured(tls);
      filter.servedBy((plain) => {
        standIn(plain);
        https.emit("secureConnection", plain);
      });
      https.emit("secureConnection", tls);
    });
  });
  return {
    server,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
