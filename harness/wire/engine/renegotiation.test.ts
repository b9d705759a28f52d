/** Second handshakes, engine with engine: what only two ends of ours can be made to do. Products try the rest. */
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Accepted,
  type ClientOffer,
  type SecondHandshakes,
  type ServerSetup,
  type TlsDeviationName,
  type TlsVersion,
  tlsDeviation,
} from "../../protocols/tls/index.ts";
import { Recorder } from "../testing/recorder.ts";
import { SHORT } from "../testing/tls-peers.ts";
import { EngineListener } from "./engine-listener.ts";
import { EngineSecureClient } from "./engine-secure-client.ts";
import type { EngineSocket } from "./engine-socket.ts";
import { DrivenClient, suiteNamed } from "./testing/driven-client.ts";

const VERSIONS = ["1.0", "1.1", "1.2"] as const;
const CBC = suiteNamed("TLS_PSK_WITH_AES_128_CBC_SHA");
const KEYS = new Map(["one", "two"].map((name) => [name, randomBytes(32)]));
const offerOf = (name: string, version: TlsVersion, more: Partial<ClientOffer> = {}): ClientOffer => ({
  versions: [version],
  suites: version === "1.3" ? [suiteNamed("TLS_AES_128_GCM_SHA256")] : [CBC],
  psk: { identity: Buffer.from(name), key: KEYS.get(name) ?? Buffer.alloc(32) },
  ...more,
});

const withoutTwo: NonNullable<ServerSetup["psk"]>["find"] = ({ identity }) =>
  identity.toString() === "one" ? KEYS.get("one") : undefined;

/** Answers each piece of text with it and the identity of then. */
async function listen(secondHandshakes?: SecondHandshakes, more: Partial<ServerSetup> = {}) {
  const later: Accepted[] = [];
  const reads: string[] = [];
  const streams: EngineSocket[] = [];
  const listener = await EngineListener.start(
    () => ({
      versions: ["1.0", "1.1", "1.2", "1.3"],
      suites: [suiteNamed("TLS_AES_128_GCM_SHA256"), CBC],
      psk: { find: async ({ identity }) => KEYS.get(identity.toString()) },
      random: (octets) => randomBytes(octets),
      ...(secondHandshakes === undefined ? {} : { secondHandshakes }),
      ...more,
    }),
    {
      connection(stream, first) {
        streams.push(stream);
        stream.on("data", (octets: Buffer) => {
          const text = octets.toString("latin1");
          reads.push(text);
          stream.write(`[${text} of ${(later.at(-1) ?? first).identity}]`);
        });
      },
      renegotiated: (_stream, accepted) => later.push(accepted),
    },
  );
  onTestFinished(() => listener.close());
  const visit = async (offer: ClientOffer, deviation?: TlsDeviationName): Promise<DrivenClient> => {
    const client = new DrivenClient(
      listener.address.port,
      offer,
      deviation === undefined ? {} : tlsDeviation(deviation).begin(),
    );
    onTestFinished(() => client.destroy());
    await client.shaken();
    return client;
  };
  return { visit, later, reads, streams, address: listener.address };
}

describe.each(VERSIONS)("TLS %s", (version) => {
  test("what follows belongs to the new identity, and the two ends agree", async () => {
    const { visit, later } = await listen({});
    const client = await visit(offerOf("one", version));
    expect(await client.ask("a", "]")).toBe("[a of one]");
    const second = await client.renegotiate(offerOf("two", version));
    expect(await client.ask("b", "two]")).toBe("[a of one][b of two]");
    expect(second).toMatchObject({ version, suite: CBC, resumed: false });
    if (typeof second !== "object") return;
    expect(later[0]?.finished).toEqual(second.finished);
    expect(later[0]?.exporter("label", undefined, 32)).toEqual(second.exporter("label", undefined, 32));
  });

  test("data of both ends stands between the messages of a second handshake", async () => {
    const wish = Promise.withResolvers<Buffer | undefined>();
    const find: NonNullable<ServerSetup["psk"]>["find"] = ({ identity }) =>
      identity.toString() === "two" ? wish.promise : KEYS.get("one");
    const { visit, streams, reads } = await listen({}, { psk: { find } });
    const client = await visit(offerOf("one", version));
    const second = client.renegotiate(offerOf("two", version));
    // The server has not read the ClientHello, so this goes in the flight before its own.
    client.send("meanwhile");
    await client.until(() => client.received.endsWith("[meanwhile of one]"));
    expect(reads).toEqual(["meanwhile"]);
    streams[0]?.write("unasked");
    await client.until(() => client.received.endsWith("unasked"));
    wish.resolve(KEYS.get("two"));
    expect(await second).toMatchObject({ pskInUse: true });
  });
});

describe("what ends it", () => {
  const refused: readonly (readonly [TlsDeviationName, number])[] = [
    ["withoutRenegotiationInfo", 40],
    ["emptyRenegotiationInfo", 40],
    ["wrongVerifyData", 40],
    ["wrongRenegotiationInfo", 40],
    ["wrongFinished", 51],
    ["earlyApplicationData", 10],
  ];

  test.each(refused)("%s of the client, with alert %i", async (deviation, alert) => {
    const { visit, later, reads } = await listen({ legacy: true });
    const client = await visit(offerOf("one", "1.2"));
    expect(await client.renegotiate(offerOf("two", "1.2"), tlsDeviation(deviation).begin())).toBeUndefined();
    expect(client.end).toEqual({ by: "server", alert });
    expect([later, reads]).toEqual([[], []]);
  });

  test.each([
    ["is empty", () => Buffer.of(0)],
    [
      "has another end",
      (data: Buffer) => Buffer.concat([data.subarray(0, -1), Buffer.of(data.at(-1) === 0 ? 1 : 0)]),
    ],
    ["is not there", () => undefined],
  ] as const)("renegotiation_info of the server %s", async (_what, change) => {
    let hellos = 0;
    const serverHello: NonNullable<ServerSetup["hooks"]>["serverHello"] = (hello) => {
      hellos += 1;
      if (hellos === 1) return hello;
      const extensions = hello.extensions?.flatMap(({ type, data }) => {
        const changed = type === 0xff01 ? change(data) : data;
        return changed === undefined ? [] : [{ type, data: changed }];
      });
      return { ...hello, extensions };
    };
    const { visit } = await listen({}, { hooks: { serverHello } });
    const client = await visit(offerOf("one", "1.2"));
    expect(await client.renegotiate(offerOf("two", "1.2"))).toBeUndefined();
    expect(client.end).toMatchObject({ by: "client", alert: 40 });
  });

  test("data of the server between its ChangeCipherSpec and its Finished", async () => {
    const { visit, later } = await listen({}, { hooks: dataBeforeSecondFinished() });
    const client = await visit(offerOf("one", "1.2"));
    expect(await client.renegotiate(offerOf("two", "1.2"))).toBeUndefined();
    expect(client.end).toMatchObject({ by: "client", alert: 10 });
    expect([client.received, later.length]).toEqual(["", 1]);
  });

  test("a wrong key", async () => {
    const { visit, later } = await listen({});
    const client = await visit(offerOf("one", "1.2"));
    const wrong = { identity: Buffer.from("two"), key: Buffer.alloc(32, 1) };
    expect(await client.renegotiate(offerOf("two", "1.2", { psk: wrong }))).toBeUndefined();
    expect([client.end, later]).toEqual([{ by: "server", alert: 20 }, []]);
  });
});

/** Puts data before the Finished of a second handshake. */
function dataBeforeSecondFinished(): NonNullable<ServerSetup["hooks"]> {
  let seen = 0;
  return {
    message(message) {
      if (message.name !== "finished") return [message];
      seen += 1;
      const data = { name: "applicationData", type: 23, octets: Buffer.from("too early") } as const;
      return seen === 1 ? [message] : [data, message];
    },
  };
}

describe("what a server is asked to be lax about", () => {
  test.each(["withoutRenegotiationInfo", "emptyRenegotiationInfo", "wrongVerifyData"] as const)(
    "%s",
    async (deviation) => {
      const { visit } = await listen({ laxity: { anyRenegotiationInfo: true } });
      const client = await visit(offerOf("one", "1.2"));
      const second = await client.renegotiate(offerOf("two", "1.2"), tlsDeviation(deviation).begin());
      expect(second).toMatchObject({ pskInUse: true });
      expect(await client.ask("a", "]")).toBe("[a of two]");
    },
  );

  test("any Finished, in the second handshake and not in the first", async () => {
    const { visit } = await listen({ laxity: { anyFinished: true } });
    const client = await visit(offerOf("one", "1.2"));
    expect(
      await client.renegotiate(offerOf("two", "1.2"), tlsDeviation("wrongFinished").begin()),
    ).toMatchObject({ pskInUse: true });
    await expect(visit(offerOf("one", "1.2"), "wrongFinished")).rejects.toThrow();
  });

  test("a terminal that knows nothing of RFC 5746", async () => {
    for (const setup of [{ legacy: true }, {}] as const) {
      const { visit } = await listen(setup);
      const client = await visit(offerOf("one", "1.2"), "withoutRenegotiationInfo");
      const hooks = tlsDeviation("withoutRenegotiationInfo").begin();
      const second = await client.renegotiate(offerOf("two", "1.2"), hooks);
      expect(typeof second === "object").toBe("legacy" in setup);
    }
  });
});

describe("a server that knows nothing of RFC 5746", () => {
  const silent: NonNullable<ServerSetup["hooks"]>["serverHello"] = (hello) => ({
    ...hello,
    extensions: hello.extensions?.filter(({ type }) => type !== 0xff01),
  });

  test("is taken when it says nothing of it the second time either", async () => {
    const { visit } = await listen({}, { hooks: { serverHello: silent } });
    const client = await visit(offerOf("one", "1.2"));
    expect(client.established?.secureRenegotiation).toBe(false);
    expect(await client.renegotiate(offerOf("two", "1.2"))).toMatchObject({ secureRenegotiation: false });
  });

  test("is not when it suddenly does (RFC 5746 4.2)", async () => {
    let hellos = 0;
    const { visit } = await listen(
      {},
      { hooks: { serverHello: (hello) => (hellos++ === 0 ? silent(hello) : hello) } },
    );
    const client = await visit(offerOf("one", "1.2"));
    expect(await client.renegotiate(offerOf("two", "1.2"))).toBeUndefined();
    expect(client.end).toMatchObject({ by: "client", alert: 40 });
  });
});

describe("what becomes of it, as a session tells", () => {
  const never = new Promise<Buffer>(() => undefined);
  const findOne: NonNullable<ServerSetup["psk"]>["find"] = ({ identity }) =>
    identity.toString() === "one" ? KEYS.get("one") : never;

  test.each([
    ["completed", {}, {}, { kind: "completed" }],
    ["declined", undefined, {}, { kind: "declined" }],
    [
      "ended by an alert",
      {},
      { psk: { find: withoutTwo } },
      { kind: "ended", ending: { kind: "alert", alert: 115 } },
    ],
    ["silence", {}, { psk: { find: findOne } }, { kind: "silence", ms: SHORT }],
  ] as const)("%s", async (_what, secondHandshakes, more, outcome) => {
    const { address } = await listen(secondHandshakes, more);
    const authentication = (name: string) =>
      ({ kind: "psk", identity: name, key: KEYS.get(name) ?? Buffer.alloc(32) }) as const;
    const opened = await new EngineSecureClient().connect(
      address,
      { version: "1.2", suites: [CBC], authentication: authentication("one") },
      { connectMs: 5_000, responseMs: outcome.kind === "silence" ? SHORT : 5_000 },
      new Recorder(),
    );
    if (!opened.ok) throw new Error("no connection");
    onTestFinished(() => opened.session.close());
    const before = opened.session.channelBinding;
    expect(await opened.session.renegotiate?.({ authentication: authentication("two") })).toEqual(outcome);
    expect(opened.session.alive).toBe(outcome.kind !== "ended");
    const same = Buffer.from(before ?? []).equals(Buffer.from(opened.session.channelBinding ?? []));
    expect(same).toBe(outcome.kind === "declined" || outcome.kind === "silence");
  });
});

describe("where there is none", () => {
  test("it is declined unless the setup says otherwise, and can be wished again", async () => {
    const { visit } = await listen();
    const client = await visit(offerOf("one", "1.2"));
    for (const text of ["a", "b"]) {
      expect(await client.renegotiate(offerOf("two", "1.2"))).toBe("declined");
      expect(await client.ask(text, `${text} of one]`)).toContain(`[${text} of one]`);
    }
  });

  test("in TLS 1.3, and while one goes on, nothing is begun", async () => {
    const { visit } = await listen({});
    const newest = await visit(offerOf("one", "1.3"));
    expect(() => newest.client.renegotiate(offerOf("one", "1.3"))).toThrow(/no connection/);
    const client = await visit(offerOf("one", "1.2"));
    client.client.renegotiate(offerOf("two", "1.2"));
    expect(() => client.client.renegotiate(offerOf("two", "1.2"))).toThrow(/no connection/);
  });
});
