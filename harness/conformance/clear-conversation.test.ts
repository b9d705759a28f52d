import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { closedPort, listenTcp } from "../wire/testing/loopback.ts";
import { converseInClear } from "./clear-conversation.ts";

const BOUNDS = { connectMs: 2_000, pauseMs: 2_000, answerMs: 2_000 };
const GET = Buffer.from("GET / HTTP/1.1\r\nHost: naf.example\r\n\r\n");

describe("converseInClear", () => {
  test("hears an answer of HTTP, chunked or with its length", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/chunked") response.write("protected ");
      response.end("resource");
    });
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close().closeAllConnections());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const to = { host: "127.0.0.1", port };
    const heard = await converseInClear(to, [GET], BOUNDS);
    expect(heard).toMatchObject({ connected: true, answer: { status: 200 } });
    expect(heard.answer?.body.toString()).toBe("resource");
    const chunked = Buffer.from(GET.toString().replace("/ ", "/chunked "));
    const { answer } = await converseInClear(to, [chunked], { ...BOUNDS, answerMs: 100 });
    expect(answer?.body.toString()).toContain("protected ");
  });

  test("finds an answer behind octets of TLS, and sends a piece when the one before was answered", async () => {
    const came: string[] = [];
    const server = await listenTcp((socket) => {
      socket.on("data", (chunk) => {
        came.push(String(chunk));
        if (came.length === 1) socket.write(Buffer.from("160303000401020304", "hex"));
        else socket.end("HTTP/1.1 103 hints\r\n\r\nHTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\nno");
      });
    });
    const heard = await converseInClear(server.at, [Buffer.from("hello"), GET], BOUNDS);
    expect(came).toEqual(["hello", GET.toString()]);
    expect(heard.answer?.status).toBe(403);
    expect(heard.answer?.body.toString()).toBe("no");
  });

  test("bears an end, a reset, silence, nonsense, and nobody there", async () => {
    const ending = await listenTcp((socket) => socket.end());
    expect(await converseInClear(ending.at, [GET], BOUNDS)).toMatchObject({ connected: true });
    const resetting = await listenTcp((socket) => socket.resetAndDestroy());
    expect((await converseInClear(resetting.at, [GET, GET], BOUNDS)).answer).toBeUndefined();
    const silent = await listenTcp((socket) => socket.resume());
    const short = { ...BOUNDS, answerMs: 50 };
    expect((await converseInClear(silent.at, [GET], short)).how).toContain("0 octets, no HTTP, and no end");
    const nonsense = await listenTcp((socket) => socket.end(Buffer.alloc(200_000, "HTTP/1.1 2")));
    expect((await converseInClear(nonsense.at, [GET], BOUNDS)).answer).toBeUndefined();
    const dripping = await listenTcp((socket) => {
      const timer = setInterval(() => socket.write("x"), 10);
      socket.once("close", () => clearInterval(timer));
    });
    expect((await converseInClear(dripping.at, [GET], { ...short, answerMs: 200 })).how).toContain(
      "and no end",
    );
    expect(await converseInClear(await closedPort(), [GET], BOUNDS)).toMatchObject({ connected: false });
  });
});
