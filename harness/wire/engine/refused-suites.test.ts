import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { retiredSuites, suitesOf } from "../../protocols/tls/index.ts";
import type { Offer } from "../secure-client.ts";
import { EngineSecureClient } from "./engine-secure-client.ts";

const BOUNDS = { connectMs: 5_000, responseMs: 5_000 };
const SILENT = { event: () => undefined };

/** A ServerHello of TLS 1.2 with this suite, in its record (RFC 5246 7.4.1.3). */
function serverHello(suite: number): Buffer {
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    Buffer.of(0, suite >> 8, suite & 0xff, 0),
  ]);
  return Buffer.concat([Buffer.of(22, 3, 3, 0, body.length + 4, 2, 0, 0, body.length), body]);
}

/** What the client says of a server that answers the first octets with these and closes; and those octets. */
async function outcomeWith(offer: Pick<Offer, "suites">, answer: Buffer) {
  let hello: Buffer = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (chunk: Buffer) => {
      hello = chunk;
      socket.end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  // address() of a listening TCP server is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const authentication = { kind: "psk", identity: "somebody", key: Buffer.alloc(32) } as const;
  const outcome = await new EngineSecureClient().connect(
    { host: "127.0.0.1", port },
    { version: "1.2", authentication, ...offer },
    BOUNDS,
    SILENT,
  );
  return { outcome, hello };
}

const RC4 = retiredSuites("psk", "RC4");

test("suites that no library has are offered, and the one that a server chooses is told", async () => {
  const [first] = RC4;
  const { outcome, hello } = await outcomeWith({ suites: RC4 }, serverHello(0x008a));
  const codes = Buffer.concat(RC4.map(({ code }) => Buffer.of(code >> 8, code & 0xff)));
  expect(hello.includes(codes)).toBe(true);
  expect(outcome).toMatchObject({ ok: false, suiteChosen: first });
});

test.each([
  ["a server that chooses what was not offered", serverHello(0x00a8)],
  ["a server that refuses", Buffer.of(21, 3, 3, 0, 2, 2, 40)],
  ["a server that only closes", Buffer.alloc(0)],
])("no suite is told of %s", async (_, answer) => {
  const { outcome } = await outcomeWith({ suites: RC4 }, answer);
  expect(outcome.ok).toBe(false);
  expect(outcome).not.toHaveProperty("suiteChosen");
});

test("retired suites are apart from those that can be claimed", () => {
  const all = (["psk", "certificate"] as const).flatMap((one) => retiredSuites(one, "RC4", "export", "DES"));
  expect(all).toHaveLength(21);
  const claimable = (["psk", "certificate"] as const).flatMap((one) => [
    ...suitesOf(one, true),
    ...suitesOf(one, false),
  ]);
  expect(all.filter(({ code }) => claimable.some((one) => one.code === code))).toEqual([]);
});
