/** What servers send, changed at random: the engine ends with an alert of its own or goes on, and never throws. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { TlsOptions } from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ClientEnd, type ClientOffer, TlsClient } from "../../protocols/tls/index.ts";
import { listenTls } from "../testing/loopback.ts";
import { certificateServer, IDENTITY, KEY, server } from "../testing/tls-peers.ts";
import { suiteNamed } from "./testing/driven-client.ts";

const psk = { identity: Buffer.from(IDENTITY), key: KEY };
const offers: Readonly<Record<string, ClientOffer>> = {
  "1.0 PSK, CBC": {
    versions: ["1.0"],
    suites: [suiteNamed("TLS_PSK_WITH_AES_128_CBC_SHA")],
    psk,
    tickets: true,
  },
  "1.2 PSK, GCM": { versions: ["1.2"], suites: [suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256")], psk },
  "1.2 ECDHE_RSA": {
    versions: ["1.2"],
    suites: [suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")],
    statusRequest: true,
    tickets: true,
  },
  "1.2 DHE_RSA": { versions: ["1.2"], suites: [suiteNamed("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")] },
  "1.3 PSK": { versions: ["1.3"], suites: [suiteNamed("TLS_AES_128_GCM_SHA256")], psk },
  "1.3 certificate, retried": {
    versions: ["1.3"],
    suites: [suiteNamed("TLS_AES_128_GCM_SHA256")],
    groups: ["x448", "x25519"],
  },
};
const NAMES = Object.keys(offers);

/** The engine with randomness that is the same each time, so that a recorded server fits it. */
class Replayed {
  readonly #client: TlsClient;
  readonly written: Buffer[] = [];
  established = false;
  end: ClientEnd | undefined;
  received = "";

  constructor(offer: ClientOffer, write: (octets: Buffer) => void = () => undefined) {
    let count = 0;
    this.#client = new TlsClient(
      {
        offer,
        random: (octets) => {
          count += 1;
          const block = createHash("shake256", { outputLength: octets });
          return Buffer.from(block.update(`random ${count}`).digest());
        },
        now: () => 0,
      },
      {
        write,
        established: () => {
          this.established = true;
        },
        application: (octets) => {
          this.received += octets.toString("latin1");
        },
        ended: (end) => {
          this.end = end;
        },
      },
    );
  }

  start(): void {
    this.#client.start();
  }

  receive(chunk: Uint8Array): void {
    this.#client.receive(chunk);
  }
}

/** All that a server of Node's sends to this offer until it has sent its data. */
async function record(offer: ClientOffer): Promise<Buffer> {
  const options: TlsOptions = {
    ...certificateServer(server),
    pskCallback: (_socket, identity) => (identity === IDENTITY ? KEY : null),
    ciphers: "TLS_AES_128_GCM_SHA256:ALL:PSK:@SECLEVEL=0",
    dhparam: "auto",
    ecdhCurve: "X25519",
    minVersion: "TLSv1",
  };
  const { at } = await listenTls(options, (socket) => socket.write("served"));
  const socket = connect({ port: at.port, host: at.host });
  const client = new Replayed(offer, (octets) => socket.write(octets));
  const chunks: Buffer[] = [];
  socket.on("connect", () => client.start());
  await new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error(JSON.stringify(client.end))));
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      client.receive(chunk);
      if (client.received === "served") resolve();
    });
  });
  socket.destroy();
  return Buffer.concat(chunks);
}

const recorded = new Map<string, Promise<Buffer>>();

function replay(name: string, octets: Buffer, cuts: readonly number[] = []): Replayed {
  const offer = offers[name];
  if (offer === undefined) throw new Error(`there is no offer ${name}`);
  const client = new Replayed(offer);
  client.start();
  const places = [...cuts.map((cut) => cut % (octets.length + 1)), octets.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    client.receive(octets.subarray(from, to));
    from = to;
  }
  return client;
}

/** Recorded when it is first asked for. */
function flight(name: string): Promise<Buffer> {
  const offer = offers[name];
  if (offer === undefined) throw new Error(`there is no offer ${name}`);
  const octets = recorded.get(name) ?? record(offer);
  recorded.set(name, octets);
  return octets;
}

describe.each(NAMES)("%s", (name) => {
  test("the recorded server is understood, however it is cut", async () => {
    const octets = await flight(name);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const client = replay(name, octets, cuts);
        expect([client.established, client.received, client.end]).toEqual([true, "served", undefined]);
      }),
      { numRuns: 30 },
    );
    const single = replay(name, octets, [...octets.keys()]);
    expect(single.received).toBe("served");
  });

  test("changed octets, wherever they are, never throw", async () => {
    const right = await flight(name);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 3 }),
        (changes, cuts) => {
          const octets = Buffer.from(right);
          for (const [at, value] of changes) octets.writeUInt8(value, at % octets.length);
          const { received, end } = replay(name, octets, cuts);
          expect("served".startsWith(received)).toBe(true);
          if (end?.by === "client") expect(end.text).not.toBe("");
        },
      ),
      { numRuns: 300 },
    );
  });

  test("pieces left out, repeated or inserted never throw", async () => {
    const octets = await flight(name);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 40 }), (first, second, inserted) => {
        const [from, to] = [first % octets.length, second % octets.length];
        const changed = Buffer.concat([octets.subarray(0, from), inserted, octets.subarray(to)]);
        const { received } = replay(name, changed);
        expect(["", "served", "servedserved"]).toContain(received);
      }),
      { numRuns: 200 },
    );
  });
});

test("arbitrary octets in place of a server never throw", () => {
  const header = fc.constantFrom(
    "16030300",
    "1503030002",
    "1403030001",
    "1703030010",
    "16030100",
    "160303004a0200004603",
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      header,
      fc.uint8Array({ maxLength: 300 }),
      (name, begin, octets) => {
        const client = replay(name, Buffer.concat([Buffer.from(begin, "hex"), octets]));
        expect(client.established).toBe(false);
      },
    ),
    { numRuns: 1_000 },
  );
});

/** CPU time in microseconds, the least of three: a handshake message of so many octets, each in a record of its own. */
function cost(octets: number): number {
  const message = Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.alloc(octets)]);
  message.writeUIntBE(octets, 1, 3);
  const records = Buffer.concat([...message].map((octet) => Buffer.from([22, 3, 3, 0, 1, octet])));
  const times = [1, 2, 3].map(() => {
    const began = process.cpuUsage();
    const client = replay("1.2 PSK, GCM", records);
    expect(client.end?.by).toBe("client");
    return process.cpuUsage(began).user;
  });
  return Math.min(...times);
}

test("twenty times as many tiny records do not cost quadratic time", () => {
  cost(4_000);
  // Linear time is 20 times as much, and more where the collector of garbage runs; quadratic time is 400 times as much.
  expect(cost(200_000) / cost(10_000)).toBeLessThan(150);
});
