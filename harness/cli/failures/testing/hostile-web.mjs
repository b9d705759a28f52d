// A system that is wrong at the level of TCP, TLS or HTTP:  node hostile-web.mjs CONFIG FIRST BEHAVIOUR...
// The first connection gets FIRST, and the others the behaviours in turn. Those that begin with "tcp " never become TLS.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

const [config, first, ...names] = process.argv.slice(2);
const { enabler } = JSON.parse(readFileSync(config, "utf8"));
const secureContext = createSecureContext({
  cert: readFileSync(enabler.certificate),
  key: readFileSync(enabler.privateKey),
});

const HEAD = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const ESCAPES = "\u001b[2J\u001b]0;owned\u0007\u001b[31m<script>alert(1)</script>\u202e";
const RESERVED = Buffer.from("ÿþ\u0080\u00c3(", "latin1");

/** Writes until the peer has had enough. */
const flood = (begin, piece) => (socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more).write(begin);
  more();
};
/** One octet at a time. */
const drip = (octets) => (socket) => {
  let next = 0;
  const timer = setInterval(
    () => socket.write(octets.subarray(next % octets.length, (next++ % octets.length) + 1)),
    20,
  );
  socket.once("close", () => clearInterval(timer));
};
const say = (text) => (socket) => socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
const page = (fields, body) => `${HEAD}${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const challenge = (fields) => `HTTP/1.1 401 Unauthorized\r\n${fields}Content-Length: 0\r\n\r\n`;

/** Before TLS: called with the TCP connection. */
const TCP = {
  "tcp reset": (socket) => socket.resetAndDestroy(),
  "tcp close": (socket) => socket.end(),
  "tcp reset after the hello": (socket) => socket.once("data", () => socket.resetAndDestroy()),
  "tcp garbage": flood("", Buffer.alloc(16_384, 0xa5)),
  "tcp http": (socket) => socket.once("data", () => socket.end(page("", "protected"))),
  // A warning alert (user_canceled) in each record, for ever.
  "tcp alerts": flood("", Buffer.from("1503030002015a".repeat(500), "hex")),
  // ServerHello of 16 MiB, of which the octets never end.
  "tcp handshake without end": flood(
    Buffer.from("160303400002ffffff", "hex"),
    Buffer.concat([Buffer.from("1603034000", "hex"), Buffer.alloc(16_384, 1)]),
  ),
  // HelloRequest, which a client that shakes hands ignores (RFC 5246 7.4.1.1).
  "tcp hello requests": flood("", Buffer.from("160303000400000000".repeat(500), "hex")),
  "tcp drip": drip(Buffer.from("160303007a020000760303", "hex")),
  "tcp drip of empty records": drip(Buffer.from("1603030000", "hex")),
};

/** After TLS: called with the TLS connection when a request has come, and the TCP connection under it. */
const HTTP = {
  "endless header field": flood(`${HEAD}X: `, "x".repeat(65_536)),
  "endless header": flood(HEAD, "X-Many: again\r\n".repeat(5_000)),
  "endless body": flood(`${HEAD}Content-Length: 100000000000\r\n\r\n`, Buffer.alloc(65_536, 0x78)),
  "endless chunks": flood(CHUNKED, `10000\r\n${"x".repeat(65_536)}\r\n`),
  "endless chunk extension": flood(`${CHUNKED}1;`, "x".repeat(65_536)),
  "endless interim answers": flood("", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)),
  "endless challenge": flood(
    'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="',
    "x".repeat(65_536),
  ),
  "header drips": drip(Buffer.from(`${HEAD}X-Slow: `)),
  "body drips": (socket) => {
    socket.write(`${HEAD}Content-Length: 1000000\r\n\r\n`);
    drip(Buffer.from("protected"))(socket);
  },
  "two lengths": say(`${HEAD}Content-Length: 9\r\nContent-Length: 5\r\n\r\nprotected`),
  "length and chunks": say(
    `${HEAD}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nprotected\r\n0\r\n\r\n`,
  ),
  "chunk garbage": say(`${CHUNKED}zz\r\nprotected`),
  "control characters in a name": say(`${HEAD}X\u0007\u001b[2J: y\r\nContent-Length: 0\r\n\r\n`),
  "line feeds in a value": say(`${HEAD}X: y\nX: z\rX: a\u0000b\r\nContent-Length: 0\r\n\r\n`),
  "no utf-8": say(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 401 `),
      RESERVED,
      Buffer.from(`\r\nWWW-Authenticate: Digest realm="`),
      RESERVED,
      Buffer.from(`", nonce="`),
      RESERVED,
      Buffer.from(`"\r\nContent-Length: 4\r\n\r\n`),
      RESERVED.subarray(0, 4),
    ]),
  ),
  "garbage challenge": say(
    challenge('WWW-Authenticate: Digest realm="", nonce=,,,="\\\r\nWWW-Authenticate: Digest\r\n'),
  ),
  "thousands of challenges": say(challenge("WWW-Authenticate: Digest realm=x, nonce=y\r\n".repeat(500))),
  "a challenge to everything": say(
    challenge(
      `WWW-Authenticate: Digest realm="3GPP-bootstrapping@${enabler.serverName}", nonce="n", qop="auth", algorithm=SHA-256\r\n`,
    ),
  ),
  "server errors": say("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
  "redirect to itself": say("HTTP/1.1 302 Found\r\nLocation: /protected\r\nContent-Length: 0\r\n\r\n"),
  "reset after the request": (_socket, tcp) => tcp.resetAndDestroy(),
  "reset in the body": (socket, tcp) =>
    socket.write(`${HEAD}Content-Length: 100\r\n\r\nprotec`, () => tcp.resetAndDestroy()),
  "close in the body": (socket) => socket.end(`${HEAD}Content-Length: 100\r\n\r\nprotec`),
  "no TLS in the body": (socket, tcp) =>
    socket.write(`${HEAD}Content-Length: 100\r\n\r\nprotec`, () => tcp.write("ted".repeat(99))),
  "no answer": () => undefined,
  // Of a header an octet above 127 is let through by parsers: 155 begins a control sequence too (ECMA-48 8.3.16).
  escapes: say(
    Buffer.concat([
      Buffer.from(
        'HTTP/1.1 403 No\r\nWWW-Authenticate: Basic realm="\u{9b}2Jowned <script>alert(1)</script>"\r\n',
        "latin1",
      ),
      Buffer.from(`Content-Length: ${Buffer.byteLength(ESCAPES)}\r\n\r\n${ESCAPES}`),
    ]),
  ),
  "200 to everything": say(page("Content-Type: text/plain\r\n", "protected")),
};

let connections = 0;
const listen = async () => {
  const server = createServer((tcp) => {
    tcp.on("error", () => undefined);
    const name = connections === 0 ? first : names[(connections - 1) % names.length];
    connections += 1;
    const before = TCP[name];
    if (before !== undefined) {
      before(tcp);
      tcp.resume();
      return;
    }
    const socket = new TLSSocket(tcp, { isServer: true, secureContext });
    socket.on("error", () => undefined);
    socket.on("data", () => HTTP[name](socket, tcp));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { host: "127.0.0.1", port: server.address().port };
};

const [unknown] = [first, ...names].filter((name) => TCP[name] === undefined && HTTP[name] === undefined);
if (unknown !== undefined) throw new Error(`no behaviour is called ${unknown}`);
process.stdout.write(`${ESCAPES}\n`);
process.stderr.write(`${ESCAPES}\n`);
const endpoints = { "uc1.https-digest": await listen(), plain: await listen() };
process.stdout.write(`${JSON.stringify({ ready: true, endpoints })}\n`);
