import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { suiteByName } from "../../protocols/tls/index.ts";
import { EngineSecureClient } from "../../wire/engine/engine-secure-client.ts";
import { closedPort, listenTcp, listenTls } from "../../wire/testing/loopback.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { PSK_12, pskOffer, pskServer } from "../../wire/testing/tls-peers.ts";
import { protectionOf } from "./protection.ts";
import { standing, up, visitedNetwork } from "./tls-path-fixture.ts";
import { ACTIONS } from "./treatment.ts";

const BAD_RECORD_MAC = { kind: "alert", alert: 20 };

describe.each([true, false])("a record of CBC in TLS 1.2, encrypt-then-MAC %s", (encryptThenMac) => {
  test.each(["begin", "middle", "tag", "padding"] as const)("of which the %s is changed", async (region) => {
    const suite = suiteByName("TLS_PSK_WITH_AES_128_CBC_SHA256");
    if (suite === undefined) throw new Error("the suite is in the table");
    const served: string[] = [];
    const server = await listenTls(pskServer(), (socket) => {
      socket.on("data", (data) => served.push(String(data)));
    });
    const network = await visitedNetwork([server.at]);
    const protection = protectionOf("1.2", suite, encryptThenMac);
    const treated = network.treat(up({ kind: "alter", region, protection }));
    const client = new EngineSecureClient({ offer: { encryptThenMac } });
    const bounds = { connectMs: 5_000, responseMs: 5_000 };
    const offer = { ...pskOffer("1.2"), suites: [suite] };
    const shaken = await client.connect(network.inside(server.at), offer, bounds, new Recorder());
    if (!shaken.ok) throw new Error(JSON.stringify(shaken.ending));
    onTestFinished(() => shaken.session.close());
    const request = { method: "GET", target: "/", headers: [["Host", "naf.example"]] } as const;
    expect(await shaken.session.exchange(request)).toEqual({ ok: false, ending: BAD_RECORD_MAC });
    expect(treated.carriedOut).toBe(true);
    expect(served).toEqual([]);
  });
});

describe("a visited network", () => {
  test("says of a treatment that it could not be carried out, and carries the record on", async () => {
    const { network, client } = await standing("1.2", { holdMs: 30 });
    const padding = network.treat(
      up({ kind: "alter", region: "padding", protection: protectionOf("1.2", PSK_12) }),
    );
    await client.ask("one");
    expect(padding).toMatchObject({ carriedOut: false });
    expect(padding.whyNot).toContain("has no padding");
    const swap = network.treat(up({ kind: "swap" }, { nth: 2, of: "application" }));
    await client.ask("two");
    expect(swap).toMatchObject({ carriedOut: false, whyNot: "no record followed within 30 ms" });
    expect(network.recording.notes).toHaveLength(2);
  });

  test("carries what is no TLS, ends as ends and resets as resets", async () => {
    const echo = await listenTcp((socket) => {
      socket.on("data", (data) => (String(data) === "reset" ? socket.resetAndDestroy() : socket.write(data)));
    });
    const network = await visitedNetwork([echo.at]);
    network.treat(up({ kind: "drop" }, { nth: 1, of: "any" }));
    const socket = connect(network.inside(echo.at));
    onTestFinished(() => void socket.destroy());
    socket.write("GET / HTTP/1.1");
    expect(String((await once(socket, "data"))[0])).toBe("GET / HTTP/1.1");
    socket.end();
    await once(socket, "close");
    const second = connect(network.inside(echo.at));
    second.write("reset");
    const [error] = await once(second, "error").catch((caught: unknown) => [caught]);
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect(network.recording.connections.map(({ serverSide }) => serverSide?.events.at(-1)?.kind)).toEqual([
      "end",
      "reset",
    ]);
  });

  test("has bounds, and notes when one is exceeded", async () => {
    const echo = await listenTcp((socket) => socket.pipe(socket));
    const nowhere = await closedPort();
    const network = await visitedNetwork([echo.at, nowhere], { recordedOctets: 10, lifeMs: 200 });
    const lost = connect(network.inside(nowhere));
    await once(lost, "error").catch(() => undefined);
    const socket = connect(network.inside(echo.at));
    socket.on("error", () => undefined);
    socket.write("more than ten octets");
    expect(String((await once(socket, "data"))[0])).toBe("more than ten octets");
    await new Promise((resolve) => socket.once("close", resolve));
    expect(network.recording.notes).toEqual([
      `${nowhere.host}:${nowhere.port} could not be reached`,
      "more than 10 octets: what follows is carried and not recorded",
      "connection 2: ended after 200 ms",
    ]);
    expect(() => network.inside({ host: "192.0.2.1", port: 1 })).toThrow("does not lead to 192.0.2.1:1");
  });

  test("takes no more connections than it may at the same time, and notes it", async () => {
    const echo = await listenTcp((socket) => socket.pipe(socket));
    const network = await visitedNetwork([echo.at, echo.at], { connections: 1 });
    const first = connect(network.inside(echo.at));
    onTestFinished(() => void first.destroy());
    first.write("first");
    await once(first, "data");
    const second = connect(network.inside(echo.at)).on("error", () => undefined);
    await new Promise((resolve) => second.once("close", resolve));
    expect(network.connections).toHaveLength(1);
    expect(network.recording.notes).toEqual([
      `${echo.at.host}:${echo.at.port}: more than 1 connections at the same time`,
    ]);
  });

  test("every action has its title and its clause", () => {
    for (const [name, { title, clause }] of Object.entries(ACTIONS)) {
      expect(`${name}: ${title}`).toMatch(/: (a|the|one|octets) ?.+/);
      expect(clause).toMatch(/RFC \d+ /);
    }
  });
});
