import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { MAX_BODY, MAX_HEADERS } from "./http-message.ts";
import { CHUNKED, ending, GET, page, peer, SHORT } from "./testing/http-peer.ts";

const TOO_LONG = "x".repeat(MAX_BODY + 1);

/** Writes until the peer has had enough; what it does not take is not kept. */
function flood(begin: string, piece: string): (socket: Socket) => void {
  return (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", more).write(begin);
    more();
  };
}

describe("a response over a limit ends the connection", () => {
  test.each([
    ["body with Content-Length", page(TOO_LONG)],
    ["body in chunks", `${CHUNKED}${TOO_LONG.length.toString(16)}\r\n${TOO_LONG}\r\n0\r\n\r\n`],
    ["body without end", flood("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(10_000))],
    ["chunks without end", flood(CHUNKED, `${(1_000).toString(16)}\r\n${"x".repeat(1_000)}\r\n`)],
    ["one header field", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(MAX_HEADERS)}\r\n\r\n`],
    ["many header fields", flood("HTTP/1.1 200 OK\r\n", "X-Many: again\r\n".repeat(1_000))],
    ["trailers", flood(`${CHUNKED}1\r\nx\r\n0\r\n`, "X-Many: again\r\n".repeat(1_000))],
  ])("%s", async (_, answer) => {
    const { connection, allGone, connections } = await peer([answer]);
    const outcome = await connection.exchange(GET);
    expect(ending(outcome).kind).toBe("protocol-error");
    await allGone();
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "closed" });
    expect(connections()).toBe(1);
  });

  test.each([
    ["interim responses", flood("", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10))],
    ["a status line", flood("HTTP/1.1 200 ", "OK".repeat(1_000))],
    ["a chunk extension", flood(`${CHUNKED}1;`, "x".repeat(10_000))],
  ])("or its time is over: %s without end", async (_, answer) => {
    const { connection, allGone } = await peer([answer], { responseMs: SHORT });
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "timeout", ms: SHORT });
    await allGone();
  });
});

describe("a response that does not end within the bound", () => {
  /** One octet at a time: each of them would reset a timeout that only looks at silence. */
  const drip = (begin: string, octet: string) => (socket: Socket) => {
    socket.write(begin);
    const timer = setInterval(() => socket.write(octet), 10);
    socket.once("close", () => clearInterval(timer));
  };

  test.each([
    ["nothing", () => undefined],
    ["half a header", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nX-Half: ")],
    ["half a body", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx")],
    ["a header that drips", drip("HTTP/1.1 200 OK\r\nX: ", "x")],
    ["a body that drips", drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x")],
    ["chunks that drip", drip(CHUNKED, "1\r\nx\r\n")],
    ["a chunk extension that drips", drip(`${CHUNKED}1;`, "x")],
  ])("%s", async (_, answer) => {
    const { connection, observer, allGone } = await peer([answer], { responseMs: SHORT });
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "timeout", ms: SHORT });
    await allGone();
    expect(observer.ladder).toEqual(["terminal>enabler http", "enabler>terminal ending"]);
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "closed" });
  });
});

describe("what is no response", () => {
  test.each([
    ["text", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a TLS alert", "\x15\x03\x03\x00\x02\x02\x28"],
    ["an HTTP/2 preface", "\x00\x00\x12\x04\x00\x00\x00\x00\x00"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    [
      "length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["white space before the colon", "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n"],
    ["a chunk length that is none", `${CHUNKED}zz\r\n`],
    [
      "a switch of protocols that nobody asked for",
      "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
  ])("%s", async (_, answer) => {
    const { connection, allGone } = await peer([answer]);
    expect(["protocol-error", "closed"]).toContain(ending(await connection.exchange(GET)).kind);
    await allGone();
  });
});
