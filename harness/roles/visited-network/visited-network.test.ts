import { describe, expect, onTestFinished, test } from "vitest";
import { EngineSecureClient } from "../../wire/engine/engine-secure-client.ts";
import { NodeSecureClient } from "../../wire/node-secure-client.ts";
import { listenTls } from "../../wire/testing/loopback.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { IDENTITY, KEY, PSK_12, pskOffer, pskServer } from "../../wire/testing/tls-peers.ts";
import { protectionOf } from "./protection.ts";
import { Client, enabler, FIRST, standing, up, VERSIONS, visitedNetwork } from "./tls-path-fixture.ts";
import { type Action, receiverOf } from "./treatment.ts";

const BAD_RECORD_MAC = { kind: "alert", alert: 20 };

describe.each(VERSIONS)("TLS %s through a visited network", (version) => {
  const protection = protectionOf(version, PSK_12);

  test.each<[string, Action, object?]>([
    ["one bit of the middle", { kind: "alter", region: "middle", protection }],
    ["one bit of the tag", { kind: "alter", region: "tag", protection, bit: 7 }],
    ["one bit of the begin", { kind: "alter", region: "begin", protection }],
    ["cut off and mended", { kind: "truncate", octets: 1, mend: true }],
    ["extended and mended", { kind: "extend", octets: 3, mend: true }],
    ["its type", { kind: "alter", region: "type" }, { kind: "alert" }],
    ["its length", { kind: "alter", region: "length" }, { kind: "alert" }],
    ["cut off", { kind: "truncate", octets: 2, mend: false }],
    ["left out", { kind: "drop" }],
    ["swapped", { kind: "swap" }],
    ["a random one before it", { kind: "inject", what: "random" }],
    ["a plain one before it", { kind: "inject", what: "plain" }],
    ["content cut into records", { kind: "refragment", octets: 9 }, { kind: "alert" }],
  ])("an enabler ends a connection with a record changed: %s", async (_, action, how = BAD_RECORD_MAC) => {
    const { sut, network, client } = await standing(version);
    const treated = network.treat(up(action, { nth: 2, of: "application" }));
    await client.ask("one");
    const ended = client.ending();
    await client.say("two", "three");
    expect(await ended).toMatchObject(how);
    expect(sut.lines).toEqual(["zero", "one"]);
    expect(treated).toMatchObject({
      carriedOut: true,
      records: [{ connection: 1, position: { application: 2 } }],
    });
    expect(receiverOf(treated.treatment)).toBe("server");
  });

  test.each<[string, Action, readonly string[]]>([
    ["repeated", { kind: "repeat" }, ["zero", "one"]],
    ["sent again after new traffic", { kind: "replay", after: 2 }, ["zero", "one", "two", "three"]],
  ])("an enabler ends a connection with a record %s, and takes it once", async (_, action, lines) => {
    const { sut, network, client } = await standing(version);
    network.treat(up(action));
    const ended = client.ending();
    await client.say("one", "two", "three");
    expect(await ended).toEqual(BAD_RECORD_MAC);
    expect(sut.lines).toEqual(lines);
  });

  test("a record that is replayed by hand, of another session, or reflected ends the connection", async () => {
    const { sut, network, client } = await standing(version);
    const [first] = network.connections;
    const recorded = first?.record("towards-server", { nth: 1, of: "protected" });
    expect(recorded?.octets.length).toBeGreaterThan(20);
    const other = await Client.connect(network.inside(sut.at), version);
    await other.ask("other");
    await network.mark();
    const spliced = network.treat({
      ...up({ kind: "splice", record: recorded?.octets ?? Buffer.alloc(0) }),
      connection: 2,
    });
    let ended = other.ending();
    await other.say("never");
    expect(await ended).toEqual(BAD_RECORD_MAC);
    expect(spliced.carriedOut).toBe(true);
    const reflected = network.treat({
      direction: "towards-client",
      which: FIRST,
      action: { kind: "reflect", pass: true },
    });
    expect(receiverOf(reflected.treatment)).toBe("server");
    ended = client.ending();
    await client.say("one");
    expect(await ended).toEqual(BAD_RECORD_MAC);
    expect(sut.lines).toEqual(["zero", "other", "one"]);
    const third = await Client.connect(network.inside(sut.at), version);
    await third.ask("third");
    ended = third.ending();
    const again = network.connections[2]?.records("towards-server").at(-1)?.octets ?? Buffer.alloc(0);
    network.connections[2]?.insert("towards-server", again);
    expect(await ended).toEqual(BAD_RECORD_MAC);
    expect(sut.lines.filter((line) => line === "third")).toHaveLength(1);
  });

  test("a terminal notices what was changed towards it, which judges no enabler", async () => {
    const { network, client } = await standing(version);
    const treated = network.treat({
      direction: "towards-client",
      which: FIRST,
      action: { kind: "alter", region: "tag", protection },
    });
    const ended = client.ending();
    await client.say("one");
    expect(await ended).toMatchObject({ kind: "protocol-error" });
    expect(client.heard).toBe("zero!\n");
    expect(receiverOf(treated.treatment)).toBe("client");
  });

  test("small segments and a delay change nothing but time", async () => {
    const { sut, network, client } = await standing(version);
    const both = ["towards-server", "towards-client"] as const;
    const fragmented = both.map((direction) =>
      network.treat({
        direction,
        which: { nth: "every", of: "any" },
        action: { kind: "fragment", octets: 7 },
      }),
    );
    await client.ask("one");
    const whole = await Client.connect(network.inside(sut.at), version);
    await whole.ask("two");
    expect(fragmented.every(({ records }) => records.length > 2)).toBe(true);
    const pieces = network.connections[1]?.serverSide?.events ?? [];
    expect(Math.max(...pieces.filter(({ comment }) => comment).map(({ octets }) => octets.length))).toBe(7);
  });

  test("handshake records may be cut as the path likes: the transcript holds messages", async () => {
    const sut = await enabler();
    const network = await visitedNetwork([sut.at]);
    const cut = (["towards-server", "towards-client"] as const).map((direction) =>
      network.treat({
        direction,
        which: { nth: 1, of: "handshake" },
        action: { kind: "refragment", octets: 50 },
      }),
    );
    const client = await Client.connect(network.inside(sut.at), version);
    await client.ask("one");
    expect(cut.map(({ carriedOut }) => carriedOut)).toEqual([true, true]);
    const [path] = network.recording.connections;
    expect(
      path?.serverSide?.events.filter(({ comment }) => comment?.includes("cut into")).length,
    ).toBeGreaterThan(2);
  });

  test("a delay lasts until it is released, or its bound", async () => {
    const { sut, network, client } = await standing(version);
    const long = network.treat(up({ kind: "delay", ms: 60_000 }));
    await client.say("one");
    await long.done;
    const other = await Client.connect(network.inside(sut.at), version);
    await other.ask("in between");
    expect(sut.lines).toEqual(["zero", "in between"]);
    long.release();
    await client.hears("one!");
    const short = network.treat(up({ kind: "delay", ms: 30 }, { nth: 2, of: "application" }));
    await client.ask("two");
    expect(short.carriedOut).toBe(true);
  });

  test.each(["before", "middle", "after"] as const)("a connection that is cut %s a record", async (where) => {
    const { sut, network, client } = await standing(version);
    const treated = network.treat(up({ kind: "cut", where, how: "reset" }));
    const ended = client.ending();
    await client.say("one");
    expect(await ended).toEqual({ kind: "reset" });
    await sut.listener.allGone();
    const possible = where === "after" ? [["zero"], ["zero", "one"]] : [["zero"]];
    expect(possible).toContainEqual(sut.lines);
    expect(treated.carriedOut).toBe(true);
    expect(network.recording.connections[0]?.serverSide?.events.at(-1)).toMatchObject({
      kind: "reset",
      from: "client",
      comment: "the connection is cut, application record 1 towards the server",
    });
  });

  test("a connection that ends in the middle of a record serves nothing of it", async () => {
    const { sut, network, client } = await standing(version);
    network.treat(up({ kind: "cut", where: "middle", how: "end" }));
    await client.say("one", "two");
    await sut.listener.allGone();
    expect(sut.lines).toEqual(["zero"]);
  });

  test("octets behind a record that its header does not count end the connection, the record is whole", async () => {
    const { sut, network, client } = await standing(version);
    network.treat(up({ kind: "extend", octets: 5, mend: false }));
    const ended = client.ending();
    await client.say("one", "two");
    expect(await ended).toMatchObject({ kind: "alert" });
    expect(sut.lines).toEqual(["zero", "one"]);
  });

  test("a flight that is played back on its own connection ends it", async () => {
    const { sut, network, client } = await standing(version);
    const [connection] = network.connections;
    const ended = client.ending();
    connection?.insert("towards-server", connection.flights("towards-server").at(-1) ?? Buffer.alloc(0));
    expect(await ended).toMatchObject({ kind: "alert" });
    expect(sut.lines).toEqual(["zero"]);
  });

  test("a whole connection that is played back gets no data", async () => {
    const { sut, network, client } = await standing(version);
    client.socket.end();
    await sut.listener.allGone();
    const [connection] = network.connections;
    if (connection === undefined) throw new Error("there was a connection");
    expect(connection.flights("towards-server").length).toBeGreaterThan(1);
    for (const pace of ["by-flight", "at-once"] as const) {
      const replay = await network.replayConnection(connection, { pace, answerMs: 5_000, endMs: 5_000 });
      expect(["alert", "closed", "reset"]).toContain(replay.ending.kind);
      expect(replay.types[0]).toBe(22);
      if (version === "1.2") expect(replay.types).not.toContain(23);
      expect(replay.sent).toBeGreaterThan(100);
    }
    expect(sut.lines).toEqual(["zero"]);
    expect(network.recording.connections).toHaveLength(3);
  });

  test.each([
    ["Node's client", () => new NodeSecureClient()],
    ["the engine", () => new EngineSecureClient()],
  ])("carries HTTP of %s without a change", async (_, make) => {
    const server = await listenTls(pskServer(), (socket) => {
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    });
    const network = await visitedNetwork([server.at]);
    const bounds = { connectMs: 5_000, responseMs: 5_000 };
    const offer = pskOffer(version, KEY);
    expect(offer.authentication).toMatchObject({ identity: IDENTITY });
    const shaken = await make().connect(network.inside(server.at), offer, bounds, new Recorder());
    if (!shaken.ok) throw new Error(JSON.stringify(shaken.ending));
    onTestFinished(() => shaken.session.close());
    await network.mark();
    const request = { method: "GET", target: "/", headers: [["Host", "naf.example"]] } as const;
    expect(await shaken.session.exchange(request)).toMatchObject({ ok: true, response: { status: 200 } });
    const records = network.connections[0]?.records("towards-server") ?? [];
    expect(records.filter(({ position }) => position.application !== undefined)).toHaveLength(1);
    expect(records.at(-1)?.position.application).toBe(1);
  });
});
