import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { type Action, VisitedNetwork } from "../../../../harness/roles/visited-network/index.ts";
import { DrivenClient, suiteNamed } from "../../../../harness/wire/engine/testing/driven-client.ts";
import { type Bench, SERVER_NAME } from "../bench.ts";
import { authorization, connectHttps, connectPsk, exchange, type Link, pskOffer } from "../clients.ts";
import { GET, Terminal, withTerminal } from "./digest-terminal.ts";
import { type Probe, TLS_12, TLS_13, TOO_LONG_MS } from "./probe.ts";

const LINKS: readonly Link[] = [
  TLS_12,
  TLS_13,
  ["TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "0100000007"],
  ["TLSv1.2", "ECDHE-PSK-CHACHA20-POLY1305", "010001ccac"],
  ["TLSv1.2", "PSK-AES256-GCM-SHA384", "01000100a9"],
  ["TLSv1.2", "PSK-AES128-CBC-SHA256", "01000100ae"],
  ["TLSv1.2", "PSK-AES128-CBC-SHA", "010001008c"],
];
const FIRST = { nth: 1, of: "application" } as const;
const REPLAY = { pace: "by-flight", answerMs: 1_000, endMs: 200 } as const;

/** A request that counts, in one record. */
const counting = (counter: string) =>
  `POST /counters/${counter} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\nContent-Length: 0\r\n\r\n`;

/** A terminal that was served over a path which can do something to its records. */
class Walk {
  readonly network: VisitedNetwork;
  readonly counter = randomUUID();
  readonly #bench: Bench;
  readonly #link: Link;

  private constructor(bench: Bench, link: Link, network: VisitedNetwork) {
    this.#bench = bench;
    this.#link = link;
    this.network = network;
  }

  static async along(bench: Bench, link: Link, story: (walk: Walk) => Promise<boolean>): Promise<boolean> {
    const network = await VisitedNetwork.start([bench.endpoints["uc1.psk-tls"]]);
    try {
      return await story(new Walk(bench, link, network));
    } finally {
      await network.close();
    }
  }

  /** A connection over the path, or straight to the enabler. */
  async connect(straight = false): Promise<TLSSocket> {
    const user = this.#bench.keyManager.bootstrap("user1@home1.example");
    const { port } = this.network.inside(this.#bench.endpoints["uc1.psk-tls"]);
    const socket = await connectPsk(this.#bench, pskOffer(user, ...this.#link), straight ? undefined : port);
    socket.on("error", () => {});
    await exchange(socket, { path: "/protected" });
    await this.network.mark();
    return socket;
  }

  treat(action: Action, direction: "towards-server" | "towards-client" = "towards-server"): void {
    this.network.treat({ direction, which: FIRST, action });
  }

  async count(): Promise<number> {
    const socket = await this.connect(true);
    const { body } = await exchange(socket, { path: `/counters/${this.counter}` });
    socket.destroy();
    return JSON.parse(body).count;
  }
}

/** Writes each text in a record of its own, and resolves when so many answers are there, or the connection ended. */
async function say(socket: TLSSocket, texts: readonly string[], answers: number): Promise<string> {
  if (socket.destroyed) return "";
  let heard = "";
  const done = Promise.withResolvers<void>();
  const hear = (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (heard.split("HTTP/1.1 ").length > answers) done.resolve();
  };
  socket.on("data", hear);
  socket.once("close", () => done.resolve());
  const timer = setTimeout(done.resolve, TOO_LONG_MS);
  for (const text of texts) {
    // What is written to a connection that is going may never be said to be written.
    const written = new Promise<void>((resolve) => socket.write(text, () => resolve()));
    await Promise.race([written, done.promise]);
  }
  if (answers > 0) await done.promise;
  clearTimeout(timer);
  socket.off("data", hear);
  return heard;
}

/** True when the story says so over every link. */
const everywhere =
  (story: (walk: Walk) => Promise<boolean>): Probe =>
  async (bench) => {
    const seen = await Promise.all(LINKS.map((link) => Walk.along(bench, link, story)));
    return seen.every(Boolean);
  };

interface Course {
  /** Requests that count. */
  readonly said: number;
  readonly answers: number;
  /** How often they have acted. */
  readonly count: number;
}

/** True when requests run this course after the path did something to the record of the first. */
const runs = (action: Action, { said, answers, count }: Course) =>
  everywhere(async (walk) => {
    const socket = await walk.connect();
    walk.treat(action);
    await say(socket, new Array<string>(said).fill(counting(walk.counter)), answers);
    return (await walk.count()) === count;
  });

/** One request that acts as if nothing had been done to it. */
const acts = (action: Action) => runs(action, { said: 1, answers: 1, count: 1 });

/** True when each of the probes says so. */
const all =
  (...probes: readonly Probe[]): Probe =>
  async (bench) => {
    for (const probe of probes) if (!(await probe(bench))) return false;
    return true;
  };

const spliced = everywhere(async (walk) => {
  await say(await walk.connect(), [counting(walk.counter)], 1);
  const record = walk.network.connections[0]?.records("towards-server").at(-1)?.octets;
  const socket = await walk.connect();
  walk.network.treat({
    direction: "towards-server",
    which: FIRST,
    connection: 2,
    action: { kind: "splice", record: record ?? Buffer.alloc(0) },
  });
  await say(socket, ["GET / HTTP/1.1\r\n\r\n"], 1);
  return (await walk.count()) === 2;
});

/** True when the connection goes on after this; `answers`: those to the request before. */
const goesOnBehind = (action: Action, direction: "towards-server" | "towards-client", answers: number) =>
  everywhere(async (walk) => {
    const socket = await walk.connect();
    walk.treat(action, direction);
    const request = counting(walk.counter);
    await say(socket, [request.replace("/counters/", "/counters/x")], answers);
    await say(socket, [request], 1);
    return (await walk.count()) === 1;
  });

const playedBack = everywhere(async (walk) => {
  const socket = await walk.connect();
  await say(socket, [counting(walk.counter)], 1);
  socket.destroy();
  const [connection] = walk.network.connections;
  if (connection === undefined) throw new Error("no connection over the path");
  await walk.network.replayConnection(connection, REPLAY);
  return (await walk.count()) === 2;
});

const playedBackOverHttps: Probe = async (bench) => {
  const at = bench.endpoints["uc1.https-digest"];
  const network = await VisitedNetwork.start([at]);
  try {
    const endpoints = { ...bench.endpoints, "uc1.https-digest": network.inside(at) };
    const user = bench.keyManager.bootstrap("user1@home1.example");
    const socket = await connectHttps({ material: bench.material, endpoints }, "TLSv1.3");
    const terminal = new Terminal(bench, socket, user);
    const counter = { path: `/counters/${randomUUID()}` };
    await terminal.ask({ ...counter, method: "POST" });
    socket.destroy();
    const [connection] = network.connections;
    if (connection === undefined) throw new Error("no connection over the path");
    await network.replayConnection(connection, REPLAY);
    const later = await Terminal.connect(bench);
    const { body } = await later.ask(counter);
    later.socket.destroy();
    return JSON.parse(body).count === 2;
  } finally {
    await network.close();
  }
};

const cutOff = everywhere(async (walk) => {
  const socket = await walk.connect();
  const request = counting(walk.counter).replace(
    "Content-Length: 0\r\n\r\n",
    "Content-Length: 9\r\n\r\nhalf",
  );
  await new Promise((resolve) => socket.write(request, resolve));
  walk.network.treat({
    direction: "towards-server",
    which: { nth: 2, of: "application" },
    action: { kind: "cut", where: "before", how: "end" },
  });
  await say(socket, ["other"], 1);
  return (await walk.count()) === 1;
});

const cutOffOverHttps = withTerminal(async (terminal) => {
  const sent = { method: "POST", path: `/counters/${randomUUID()}`, body: "whole" };
  // So that the key is known, and nothing is waited for later.
  await terminal.ask(GET);
  const credentials = authorization(sent, await terminal.choice({ qop: "auth-int" }));
  const head = `POST ${sent.path} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\nAuthorization: ${credentials}`;
  const later = await Terminal.connect(terminal.bench);
  const gone = once(terminal.socket, "close");
  terminal.socket.end(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n`);
  terminal.socket.resume();
  await gone;
  const { body } = await later.ask({ path: sent.path });
  later.socket.destroy();
  return JSON.parse(body).count === 1;
});

const refused = everywhere(async (walk) => {
  walk.network.treat({
    direction: "towards-server",
    which: { nth: 1, of: "handshake" },
    action: { kind: "refragment", octets: 40 },
  });
  return walk.connect().then(
    () => false,
    () => true,
  );
});

/** The same over the way in with a certificate, where nothing but an answer shows. */
const answeredOverHttps: Probe = async (bench) => {
  const at = bench.endpoints["uc1.https-digest"];
  const network = await VisitedNetwork.start([at]);
  try {
    const seen = (["TLSv1.2", "TLSv1.3"] as const).map(async (version, index) => {
      const endpoints = { ...bench.endpoints, "uc1.https-digest": network.inside(at) };
      const socket = await connectHttps({ material: bench.material, endpoints }, version);
      socket.on("error", () => {});
      await exchange(socket, { path: "/open" });
      await network.mark();
      const action = { kind: "alter", region: "tag" } as const;
      network.treat({ direction: "towards-server", which: FIRST, connection: index + 1, action });
      return (await say(socket, [`GET /open HTTP/1.1\r\nHost: ${SERVER_NAME}\r\n\r\n`], 1)).includes(" 200 ");
    });
    return (await Promise.all(seen)).every(Boolean);
  } finally {
    await network.close();
  }
};

/** A request that goes with the ClientHello, under the pre-shared key (RFC 8446 2.3). */
const actsEarly: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap("user1@home1.example");
  const { identity, key } = pskOffer(user, ...TLS_13);
  const counter = randomUUID();
  const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, {
    versions: ["1.3"],
    suites: [suiteNamed("TLS_AES_128_GCM_SHA256")],
    serverName: SERVER_NAME,
    psk: { identity: Buffer.from(identity), key },
    earlyData: Buffer.from(counting(counter)),
  });
  await client.until(() => client.established !== undefined);
  client.send(`GET /counters/${counter} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\n\r\n`);
  await client.until(() => client.received.includes("count"));
  client.close();
  return client.received.includes('"count":1');
};

const ALTERED = { kind: "alter", region: "tag" } as const;

const inAnyOrder: Probe = all(
  runs({ kind: "repeat" }, { said: 1, answers: 2, count: 2 }),
  runs({ kind: "drop" }, { said: 2, answers: 1, count: 1 }),
  runs({ kind: "swap" }, { said: 2, answers: 2, count: 2 }),
);

/** By id of the fault that each one finds. */
export const recordProbes: Readonly<Record<string, Probe>> = {
  "records-unverified": all(acts(ALTERED), answeredOverHttps),
  "records-of-any-length": all(
    acts({ kind: "truncate", octets: 1, mend: true }),
    acts({ kind: "extend", octets: 1, mend: true }),
  ),
  "records-in-any-order": inAnyOrder,
  "digest-replayed-records-act": inAnyOrder,
  "records-of-other-connections": spliced,
  "records-reflected": goesOnBehind({ kind: "reflect", pass: true }, "towards-client", 1),
  "records-in-clear": runs({ kind: "inject", what: "plain" }, { said: 1, answers: 2, count: 1 }),
  "records-skipped": goesOnBehind(ALTERED, "towards-server", 0),
  "psk-connection-played-back": playedBack,
  "https-connection-played-back": playedBackOverHttps,
  "psk-early-data-processed": actsEarly,
  "cut-bodies-processed": cutOff,
  "digest-cut-bodies-processed": cutOffOverHttps,
  "hello-fragments-refused": refused,
};
