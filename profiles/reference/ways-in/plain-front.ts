/** Of a defect only: a listener of TLS on which what begins as a request of HTTP is served without TLS. */
import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** No record of TLS begins so: its types are 20 to 24 (RFC 5246 6.2.1). */
const isRequest = (chunk: Buffer): boolean => /^[A-Z]+ \//.test(chunk.toString("latin1", 0, 16));

/** Stands before a listener of TLS, which it begins itself. Also in the middle of a handshake a request is taken. */
export function plainFront(tls: Server, plain: HttpServer): Server {
  tls.listen(0, "127.0.0.1");
  const inner = once(tls, "listening").then(() => (tls.address() as AddressInfo).port);
  return createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    void inner.then((port) => join(socket, port, plain));
  });
}

function join(socket: Socket, port: number, plain: HttpServer): void {
  const behind = connect({ port, host: "127.0.0.1", noDelay: true });
  const end = () => socket.destroySoon();
  behind.on("error", () => undefined);
  behind.on("data", (chunk) => socket.write(chunk));
  behind.once("close", end);
  socket.once("close", () => behind.destroy());
  const take = (chunk: Buffer) => {
    if (!isRequest(chunk)) {
      behind.write(chunk);
      return;
    }
    behind.off("close", end).destroy();
    socket.off("data", take);
    plain.emit("connection", socket);
    socket.unshift(chunk);
  };
  socket.on("data", take);
  socket.once("end", () => behind.end());
  socket.resume();
}
