import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../../wire/http-message.ts";
import { connectionWith } from "../testing/digest-server.ts";

const request = (method: string): HttpRequest => ({ method, target: "/", headers: [["Host", "x"]] });
const GET = request("GET");

/** Counts requests and connections; `answer` gets the number of the request, from 1. */
async function connectionTo(answer: (count: number) => RequestListener) {
  const ports: (number | undefined)[] = [];
  const connection = await connectionWith((incoming, response) => {
    ports.push(incoming.socket.remotePort);
    answer(ports.length)(incoming, response);
  });
  return { connection, requests: () => ports.length, connections: () => new Set(ports).size };
}

const served: RequestListener = (_, response) => response.end("served");
const servedAndClosed: RequestListener = (_, response) =>
  response.setHeader("Connection", "close").end("served");
const cut: RequestListener = ({ socket }) => socket.end();
const reset: RequestListener = ({ socket }) => socket.resetAndDestroy();

describe("a connection to an enabler", () => {
  test("is one for all requests when the enabler keeps it", async () => {
    const { connection, connections } = await connectionTo(() => served);
    const { session } = connection;
    for (const _ of [1, 2, 3]) expect(await connection.exchange(GET)).toMatchObject({ ok: true });
    expect(connections()).toBe(1);
    expect(connection.session).toBe(session);
  });

  test("is made anew when the enabler closes after each response", async () => {
    const { connection, connections, requests } = await connectionTo(() => servedAndClosed);
    const { session } = connection;
    for (const method of ["GET", "POST", "POST"]) {
      expect(await connection.exchange(request(method))).toMatchObject({ ok: true });
      await expect.poll(() => connection.session.alive).toBe(false);
    }
    expect([connections(), requests()]).toEqual([3, 3]);
    expect(connection.session).not.toBe(session);
  });

  test("repeats what may be repeated when a kept connection turns out to be closed", async () => {
    for (const close of [cut, reset]) {
      const { connection, requests } = await connectionTo((count) => (count === 2 ? close : served));
      await connection.exchange(GET);
      expect(await connection.exchange(GET)).toMatchObject({ ok: true });
      expect(requests()).toBe(3);
    }
  });

  test("never repeats what changes a state", async () => {
    const { connection, requests } = await connectionTo((count) => (count === 2 ? cut : served));
    await connection.exchange(GET);
    expect(await connection.exchange(request("POST"))).toEqual({ ok: false, ending: { kind: "closed" } });
    expect(requests()).toBe(2);
  });

  test("repeats nothing that the first request of a connection lost", async () => {
    const { connection, requests } = await connectionTo((count) => (count === 1 ? cut : served));
    expect(await connection.exchange(GET)).toEqual({ ok: false, ending: { kind: "closed" } });
    expect(requests()).toBe(1);
  });

  test("is made anew for a flight of requests too, of which nothing is repeated", async () => {
    const { connection, requests, connections } = await connectionTo((count) =>
      count === 1 ? servedAndClosed : count === 3 ? cut : served,
    );
    await connection.exchange(GET);
    await expect.poll(() => connection.session.alive).toBe(false);
    const [first, second] = await connection.pipeline([GET, GET]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual({ ok: false, ending: { kind: "closed" } });
    expect([requests(), connections()]).toEqual([3, 2]);
  });

  test("repeats once, not for ever", async () => {
    const { connection, requests } = await connectionTo((count) => (count === 1 ? served : cut));
    await connection.exchange(GET);
    expect(await connection.exchange(GET)).toEqual({ ok: false, ending: { kind: "closed" } });
    expect(requests()).toBe(3);
  });
});
