import type { Server as HttpServer } from "node:http";
import type { Http2Server } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";

/** Begin of the connection preface (RFC 9113 3.4); no method of HTTP/1.1 begins so. */
const HTTP2_PREFACE = "PRI ";

/**
 * A listener without TLS on which both HTTP/2 with prior knowledge (RFC 9113 3.3) and HTTP/1.1 are understood. Its
 * connections are handed to the two servers, which do not listen themselves.
 */
export function unprotectedHttp(http2: Http2Server, http1: HttpServer): Server {
  return createServer((socket: Socket) => {
    socket.on("error", () => undefined);
    socket.once("readable", () => {
      // Null when the client only came and went.
      const octets: Buffer = socket.read() ?? Buffer.alloc(0);
      socket.unshift(octets);
      const isHttp2 = octets.subarray(0, HTTP2_PREFACE.length).toString("latin1") === HTTP2_PREFACE;
      (isHttp2 ? http2 : http1).emit("connection", socket);
    });
  });
}
