import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { headerValues, MAX_BODY } from "./http-message.ts";
import { CHUNKED, ending, GET, page, peer, response } from "./testing/http-peer.ts";

describe("a response", () => {
  test("keeps header fields as they came: order, letters, duplicates", async () => {
    const { connection } = await peer([
      'HTTP/1.1 401 No\r\nwww-Authenticate: Digest realm="b"\r\nX-One:  1 \r\nWWW-AUTHENTICATE: Basic\r\n' +
        "x-one: \xe9\r\nContent-Length: 0\r\n\r\n",
    ]);
    const { status, headers } = response(await connection.exchange(GET));
    expect(status).toBe(401);
    expect(headers).toEqual([
      ["www-Authenticate", 'Digest realm="b"'],
      ["X-One", "1"],
      ["WWW-AUTHENTICATE", "Basic"],
      ["x-one", "\xe9"],
      ["Content-Length", "0"],
    ]);
    expect(headerValues({ headers }, "Www-Authenticate")).toEqual(['Digest realm="b"', "Basic"]);
  });

  test("keeps the octets of the body, and trailers as header fields", async () => {
    const { connection } = await peer([
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Authentication-Info\r\n\r\n" +
        '3\r\n\x00\xff\n\r\n2;ext=1\r\n\r\n\r\n0\r\nAuthentication-Info: rspauth="a"\r\n\r\n',
    ]);
    const { headers, body } = response(await connection.exchange(GET));
    expect([...body]).toEqual([0x00, 0xff, 0x0a, 0x0d, 0x0a]);
    expect(headerValues({ headers }, "authentication-info")).toEqual(['rspauth="a"']);
  });

  test("may be interim before it is final, may have no body, may end with the connection", async () => {
    const { connection } = await peer([
      "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 10\r\n\r\n",
      (socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nto the end"),
    ]);
    expect(response(await connection.exchange(GET)).status).toBe(204);
    // Content-Length of an answer to HEAD is that of the body which GET would get.
    expect(response(await connection.exchange({ ...GET, method: "HEAD" })).body).toHaveLength(0);
    expect(response(await connection.exchange(GET)).body.toString()).toBe("to the end");
  });

  test("of exactly the largest body is read", async () => {
    const { connection } = await peer([page("x".repeat(MAX_BODY))]);
    expect(response(await connection.exchange(GET)).body).toHaveLength(MAX_BODY);
  });

  test("is observed, like its request", async () => {
    const { connection, observer } = await peer([page("here")]);
    await connection.exchange({ ...GET, method: "POST", body: "there" });
    expect(observer.events).toEqual([
      {
        kind: "http",
        from: "terminal",
        to: "enabler",
        startLine: "POST /resource?q=1 HTTP/1.1",
        headers: GET.headers,
        body: "there",
      },
      {
        kind: "http",
        from: "enabler",
        to: "terminal",
        startLine: "HTTP/1.1 200",
        headers: [["Content-Length", "4"]],
        body: "here",
      },
    ]);
  });
});

describe("a request", () => {
  test("is sent as it was given: header fields in their order, each name and value as it is", async () => {
    const { connection, received } = await peer([page("")]);
    const headers = [
      ["host", "naf.example"],
      ["user-agent", "seccf 3gpp-gba"],
      ["X-Twice", "1"],
      ["Authorization", 'Digest username="a=/@b", nc=00000001'],
      ["x-twice", "2"],
    ] as const;
    await connection.exchange({ method: "PUT", target: "/a%20b?c", headers, body: Buffer.of(0x41, 0x42) });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    expect(received().replace("connection: keep-alive\r\n", "")).toBe(
      `PUT /a%20b?c HTTP/1.1\r\n${lines}content-length: 2\r\n\r\nAB`,
    );
  });

  test("may have its body in two chunks", async () => {
    const { connection, received } = await peer([page("")]);
    await connection.exchange({ ...GET, method: "POST", body: "abc", chunked: true });
    expect(received()).toMatch(/transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/);
    expect(received()).not.toMatch(/content-length/i);
  });

  test("that cannot be sent is not the peer's fault", async () => {
    const { connection, received } = await peer([page("")]);
    const outcome = await connection.exchange({ ...GET, headers: [["X-Split", "a\r\nb: c"]] });
    expect(ending(outcome)).toMatchObject({ kind: "given-up" });
    expect(received()).toBe("");
  });

  test("on IPv6", async () => {
    const { connection } = await peer([page("six")], { host: "::1" });
    expect(response(await connection.exchange(GET)).body.toString()).toBe("six");
  });
});

describe("a flight of requests", () => {
  const flight = ["/a", "/b"].map((target) => ({ ...GET, target }));
  /** A peer that answers nothing before the last request is there. */
  async function peerOfFlight(answer: (socket: Socket) => void) {
    let received = () => "";
    const whenAllAreThere = (socket: Socket) => {
      if (received().includes("GET /b ")) answer(socket);
    };
    const opened = await peer([whenAllAreThere, whenAllAreThere]);
    received = opened.received;
    return opened;
  }

  test("is on its way before the first answer, and the answers are in its order", async () => {
    const { connection, received } = await peerOfFlight((socket) =>
      socket.write(page("first") + page("second")),
    );
    const outcomes = await connection.pipeline(flight);
    expect(outcomes.map((one) => response(one).body.toString())).toEqual(["first", "second"]);
    expect(received().indexOf("GET /a ")).toBeLessThan(received().indexOf("GET /b "));
  });

  test("may be answered in part, and the rest has the end of the connection", async () => {
    const { connection, connections } = await peerOfFlight((socket) =>
      socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
    );
    const [first, second] = await connection.pipeline(flight);
    if (first === undefined || second === undefined) throw new Error("each request has an outcome");
    expect(response(first).body.toString()).toBe("ok");
    expect(ending(second)).toEqual({ kind: "closed" });
    expect(connections()).toBe(1);
  });
});

describe("the end of the connection", () => {
  test.each([
    ["before the response", ""],
    ["in the middle of the header", "HTTP/1.1 200 OK\r\nX-"],
    ["in the middle of a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"],
    ["between chunks", `${CHUNKED}2\r\nab\r\n`],
  ])("closed %s", async (_, begin) => {
    const { connection } = await peer([(socket) => socket.end(begin)]);
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "closed" });
  });

  test("reset in the middle of a body", async () => {
    const { connection } = await peer([
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", () => socket.resetAndDestroy());
      },
    ]);
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "reset" });
  });

  test("a later request never reaches the peer over a new connection", async () => {
    const { connection, connections, allGone } = await peer([
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`),
      page("a second connection"),
    ]);
    expect(response(await connection.exchange(GET)).body.toString()).toBe("ok");
    await allGone();
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "closed" });
    expect(connections()).toBe(1);
  });

  test("a second response that nobody asked for answers no later request", async () => {
    const { connection, allGone } = await peer([page("first") + page("smuggled"), page("second")]);
    expect(response(await connection.exchange(GET)).body.toString()).toBe("first");
    expect(ending(await connection.exchange(GET)).kind).not.toBe("timeout");
    await allGone();
  });

  test("nor one that comes while nothing is asked", async () => {
    const peers: Socket[] = [];
    const { connection, socket, allGone } = await peer([
      (own) => {
        peers.push(own);
        own.write(page("first"));
      },
      page("second"),
    ]);
    expect(response(await connection.exchange(GET)).body.toString()).toBe("first");
    peers[0]?.write(page("smuggled"));
    await expect.poll(() => socket.destroyed).toBe(true);
    expect(ending(await connection.exchange(GET))).toEqual({ kind: "closed" });
    await allGone();
  });

  test("is not this side's doing when the peer gives idle connections a second", async () => {
    const { connection, open } = await peer([
      "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n",
      page("still here"),
    ]);
    await connection.exchange(GET);
    // Nothing happens that could be awaited: undici's own clock ticks twice a second.
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(open()).toBe(1);
    expect(response(await connection.exchange(GET)).body.toString()).toBe("still here");
  });

  test.each([
    ["HEAD", undefined],
    ["DELETE", "body"],
    ["GET", "body"],
  ])("is not asked for: %s with body %s", async (method, body) => {
    const answer = "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n";
    const { connection, received } = await peer([answer, answer]);
    await connection.exchange({ ...GET, method, ...(body === undefined ? {} : { body }) });
    expect(received()).toContain("connection: keep-alive\r\n");
    expect(response(await connection.exchange(GET)).status).toBe(204);
  });

  test("several exchanges share the connection", async () => {
    const { connection, connections } = await peer([page("1"), page("2"), page("3")]);
    const bodies: string[] = [];
    for (const _ of [1, 2, 3]) bodies.push(response(await connection.exchange(GET)).body.toString());
    expect(bodies).toEqual(["1", "2", "3"]);
    expect(connections()).toBe(1);
  });

  test("closing ends an exchange that is under way, and can be done twice", async () => {
    const { connection, allGone } = await peer([(socket) => void socket.write("HTTP/1.1 200 OK\r\n")]);
    const outcome = connection.exchange(GET);
    await connection.close();
    expect((await outcome).ok).toBe(false);
    await connection.close();
    await allGone();
  });

  test("a connection that was never used closes", async () => {
    const { connection, allGone, received } = await peer([]);
    await connection.close();
    await allGone();
    expect(received()).toBe("");
  });
});
