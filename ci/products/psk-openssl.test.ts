/** PSK-TLS of the terminal against `openssl s_server`. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type CipherSuite, type SuiteVersion, suitesOf } from "../../harness/protocols/tls/index.ts";
import { NodeSecureClient } from "../../harness/wire/node-secure-client.ts";
import { ENABLER, Operator, pskUa, suiteNamed, type User } from "./operator.ts";
import { Product, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

const HINT = "3GPP-bootstrapping";
const SUITES = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_256_GCM_SHA384",
  "TLS_PSK_WITH_AES_128_CBC_SHA",
  "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
].map(suiteNamed);

let operator: Operator;
const folder = new ProductFolder();

beforeAll(async () => {
  operator = await Operator.start();
});
afterAll(async () => {
  await operator.close();
  folder.remove();
});

/** A server that answers every request with what it knows of the connection, whatever suite is offered. */
async function startServer(options: readonly string[]): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = new Product(
    unprivileged([
      ...["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-psk_hint", HINT],
      ...["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", ...options],
    ]),
  );
  const stop = () => server.stop();
  try {
    const port = await server.line((line) => /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
    return { port: Number(port), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serverFor(user: User, suite: CipherSuite): Promise<number> {
  const key = ["-psk", user.keyHex(pskUa(suite)), "-psk_identity", user.pskIdentity];
  const { port, stop } = await startServer(["-nocert", ...key]);
  onTestFinished(stop);
  return port;
}

const named = (suite: CipherSuite) => [suite.name, suite] as const;

describe("the terminal", () => {
  test.each(SUITES.map(named))("enters with %s", async (_name, suite) => {
    const user = await operator.user();
    const outcome = await user.enterWithPsk(await serverFor(user, suite), suite);
    if (!outcome.entered) throw new Error(`not entered: ${JSON.stringify(outcome.ending)}`);
    const { access } = outcome;
    onTestFinished(() => access.session.close());
    expect(access.session).toMatchObject({
      version: suite.version,
      suite,
      pskInUse: true,
      // TLS 1.3 has no ServerKeyExchange, and so no hint (RFC 8446 4.2.11).
      hint: suite.version === "1.2" ? HINT : null,
    });
    expect(access.session.certificate).toBeUndefined();
    const reply = await access.request({ method: "GET", target: "/" });
    if (!reply.ok) throw new Error(`not served: ${JSON.stringify(reply.ending)}`);
    expect(reply.response.status).toBe(200);
    const page = reply.response.body.toString();
    expect(page).toMatch(new RegExp(`Protocol +: TLSv${suite.version}\n`));
    expect(page).toMatch(new RegExp(`Cipher +: ${suite.openssl}\n`));
    if (suite.version === "1.2") expect(page).toContain(`PSK identity: ${user.pskIdentity}\n`);
  });

  test.each([...SUITES.slice(0, 1), ...SUITES.slice(-1)].map(named))(
    "sees with %s that another key is refused by an alert",
    async (_name, suite) => {
      const user = await operator.user();
      const port = await serverFor(user, suite);
      const liar = user.credential.withKey(randomBytes(32), "random key");
      expect(await user.enterWithPsk(port, suite, liar)).toMatchObject({
        entered: false,
        tcpConnected: true,
        ending: { kind: "alert" },
      });
    },
  );

  test("sees that a key for another Ua identifier is refused by an alert", async () => {
    const user = await operator.user();
    const suite = suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256");
    const port = await serverFor(user, suite);
    const other = pskUa(suiteNamed("TLS_PSK_WITH_AES_256_GCM_SHA384"));
    const liar = user.credential.forOtherUa(other, "00a9");
    expect(await user.enterWithPsk(port, suite, liar)).toMatchObject({
      entered: false,
      ending: { kind: "alert" },
    });
  });
});

/** A refusal says something about a server only if the suite would have been negotiated by another one. */
describe("a server that takes every suite negotiates what the client offers alone", () => {
  const identity = "3GPP-bootstrapping;any@bsf.home1.example";
  const key = randomBytes(32);
  let trust: string;
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeAll(async () => {
    trust = operator.authority.certificate;
    const issued = await operator.authority.issue({
      commonName: ENABLER,
      names: [ENABLER],
      usage: "server",
    });
    server = await startServer([
      ...["-cert", folder.write("server.pem", issued.certificate)],
      ...["-key", folder.write("server.key", issued.privateKey)],
      ...["-psk", key.toString("hex"), "-psk_identity", identity],
      ...["-min_protocol", "TLSv1"],
    ]);
  });
  afterAll(() => server.stop());

  async function connect(suite: CipherSuite, version: SuiteVersion = suite.version) {
    const psk = suite.authentication === "psk";
    const outcome = await new NodeSecureClient().connect(
      { host: "127.0.0.1", port: server.port },
      {
        version,
        suites: [suite],
        serverName: ENABLER,
        authentication: psk ? { kind: "psk", identity, key } : { kind: "certificate", trust },
      },
      { connectMs: 10_000, responseMs: 20_000 },
      { event: () => undefined },
    );
    if (!outcome.ok) return { suite: suite.name, ending: outcome.ending };
    const { session } = outcome;
    await session.close();
    return { suite: session.suite.name, pskInUse: session.pskInUse, names: session.certificate?.names };
  }

  test.each(["1.0", "1.1"] as const)(
    "TLS %s: the suites that the table gives it, and no other",
    async (version) => {
      const suites = (["psk", "certificate", "anonymous"] as const).flatMap((authentication) =>
        suitesOf(authentication, true).filter(({ name }) => !name.includes("_ECDSA_")),
      );
      const negotiated: string[] = [];
      for (const suite of suites)
        if (!("ending" in (await connect(suite, version)))) negotiated.push(suite.name);
      const possible = suites.filter(({ versions }) => versions.includes(version));
      expect(negotiated).toEqual(possible.map(({ name }) => name));
    },
  );

  test.each([
    ["psk", true],
    ["psk", false],
    ["certificate", true],
    ["certificate", false],
    ["anonymous", true],
    ["anonymous", false],
  ] as const)("authentication %s, encrypted: %s", async (authentication, encrypts) => {
    // The server's certificate is an RSA one.
    const suites = suitesOf(authentication, encrypts).filter(({ name }) => !name.includes("_ECDSA_"));
    expect(suites).not.toEqual([]);
    const seen = [];
    for (const suite of suites) seen.push(await connect(suite));
    const certified = (name: string) => authentication === "certificate" || name.startsWith("TLS_RSA_PSK_");
    expect(seen).toEqual(
      suites.map(({ name }) => ({
        suite: name,
        pskInUse: authentication === "psk",
        names: certified(name) ? [ENABLER] : undefined,
      })),
    );
  });
});
