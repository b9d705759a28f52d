/** The suite's own TLS against `openssl s_server`: every version and suite, odd identities, and what Node's server cannot do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { algorithmsOf, type ClientOffer, type Hooks, suitesOf } from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { DrivenClient } from "../../harness/wire/engine/testing/driven-client.ts";
import { ECDSA_CERTIFICATE } from "../../harness/wire/engine/testing/ecdsa-certificate.ts";
import { ENABLER, suiteNamed } from "./operator.ts";
import { Product, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

const KEY = Buffer.alloc(32, 7);
const IDENTITY = Buffer.from("3GPP-bootstrapping;any@bsf.home1.example");
const GCM = suiteNamed("TLS_AES_128_GCM_SHA256");
const PSK_GCM = suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256");
const REQUEST = "GET / HTTP/1.0\r\n\r\n";
const psk = { identity: IDENTITY, key: KEY };
const folder = new ProductFolder();
let certificates: readonly string[];

beforeAll(async () => {
  const authority = await CertificateAuthority.create("test operator");
  const issued = await authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "server" });
  certificates = [
    ...["-cert", folder.write("server.pem", issued.certificate)],
    ...["-key", folder.write("server.key", issued.privateKey)],
    ...["-dcert", folder.write("ec.pem", ECDSA_CERTIFICATE.cert)],
    ...["-dkey", folder.write("ec.key", ECDSA_CERTIFICATE.key)],
  ];
});
afterAll(() => folder.remove());

const command = (...options: readonly string[]): readonly string[] =>
  unprivileged([
    ...["openssl", "s_server", "-accept", "127.0.0.1:0", ...certificates, "-min_protocol", "TLSv1"],
    ...["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY.toString("utf8")],
    ...["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", ...options],
  ]);

const portIn = (line: string): number | undefined => {
  const port = /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
};

async function start(...options: readonly string[]): Promise<{ server: Product; port: number }> {
  const server = new Product(command(...options));
  onTestFinished(() => server.stop());
  return { server, port: await server.line(portIn) };
}

function visit(port: number, offer: ClientOffer, hooks: Hooks = {}): DrivenClient {
  const client = new DrivenClient(port, offer, hooks);
  onTestFinished(() => client.destroy());
  return client;
}

/** The server's page about the connection. */
async function page(client: DrivenClient): Promise<string> {
  await client.ask(REQUEST, "\0never");
  return client.received;
}

const SUITES = (["psk", "certificate"] as const)
  .flatMap((how) => [...suitesOf(how, true), ...suitesOf(how, false)])
  .filter((suite) => algorithmsOf(suite) !== undefined);

describe("every suite", () => {
  test.each(["1.0", "1.1", "1.2"] as const)("TLS %s", async (version) => {
    const { port } = await start("-www");
    const suites = SUITES.filter(({ versions }) => versions.includes(version));
    for (const suite of suites) {
      const client = visit(port, { versions: [version], suites: [suite], psk, serverName: ENABLER });
      expect(await page(client)).toContain(`Cipher    : ${suite.openssl}\n`);
      expect(client.established).toMatchObject({ version, suite });
      expect(client.end).toEqual({ by: "server", alert: 0 });
    }
    expect(suites.length).toBeGreaterThan(version === "1.2" ? 100 : 50);
  });

  test.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "TLS 1.3 %s",
    async (name) => {
      const { port } = await start("-www");
      const suite = suiteNamed(name);
      const client = visit(port, { versions: ["1.3"], suites: [suite], serverName: ENABLER });
      expect(await page(client)).toContain(`Cipher    : ${name}\n`);
      expect(client.established?.pskInUse).toBe(false);
    },
  );
});

describe("pre-shared keys of TLS 1.3", () => {
  test.each(["psk_ke", "psk_dhe_ke"] as const)("%s alone", async (mode) => {
    const { port } = await start("-www", "-allow_no_dhe_kex");
    const client = visit(port, { versions: ["1.3"], suites: [GCM], psk, pskModes: [mode] });
    expect(await page(client)).toContain("Protocol  : TLSv1.3\n");
    expect(client.established).toMatchObject({ pskInUse: true, resumed: false, certificates: [] });
  });

  test("a ticket in mode psk_ke", async () => {
    const { port } = await start("-www", "-allow_no_dhe_kex");
    const offer: ClientOffer = { versions: ["1.3"], suites: [GCM] };
    const first = visit(port, offer);
    await page(first);
    const [session] = first.sessions;
    if (session === undefined) throw new Error("the server gave no ticket");
    const again = visit(port, { ...offer, session, pskModes: ["psk_ke"] });
    await page(again);
    expect(again.established).toMatchObject({ resumed: true, pskInUse: true });
  });
});

test("early data is taken", async () => {
  const { server, port } = await start("-early_data");
  const offer: ClientOffer = { versions: ["1.3"], suites: [GCM] };
  const first = visit(port, offer);
  await first.until(() => first.sessions.length > 0);
  const [session] = first.sessions;
  if (session === undefined) throw new Error("the server gave no ticket");
  expect(session).toMatchObject({ maxEarlyData: 16_384 });
  first.close();
  const again = visit(port, { ...offer, session, earlyData: Buffer.from("early words\n") });
  expect(await again.shaken()).toMatchObject({ resumed: true, earlyDataAccepted: true });
  await server.line((line) => line.includes("early words") || undefined);
  again.send("later words\n");
  await server.line((line) => line.includes("later words") || undefined);
  // A ticket is good for early data once (RFC 8446 8.1).
  again.close();
  const third = visit(port, { ...offer, session, earlyData: Buffer.from("early words again\n") });
  expect(await third.shaken()).toMatchObject({ earlyDataAccepted: false });
});

test("KeyUpdate: both directions go on with new keys", async () => {
  const [program = "", ...args] = command();
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const line = async <T>(read: (line: string) => T | undefined): Promise<T> => {
    for (;;) {
      for (const one of lines) {
        const found = read(one);
        if (found !== undefined) return found;
      }
      await once(reader, "line");
    }
  };
  const answered = Promise.withResolvers<void>();
  const client = visit(
    await line(portIn),
    { versions: ["1.3"], suites: [GCM] },
    {
      message(message) {
        if (message.name === "keyUpdate") answered.resolve();
        return [message];
      },
    },
  );
  await client.shaken();
  client.send("before\n");
  await line((one) => one.includes("before") || undefined);
  // s_server takes K for "update my keys, and ask for yours"; what it reads at once is one command.
  child.stdin.write("K\n");
  await answered.promise;
  child.stdin.write("after the update\n");
  await client.until(() => client.received.includes("after the update"));
  client.send("and back\n");
  await line((one) => one.includes("and back") || undefined);
  expect(client.end).toBeUndefined();
});

describe("identities that Node cannot send", () => {
  const taken = [
    ["octets that are not UTF-8", Buffer.from("ffc1fe80", "hex")],
    ["256 octets", Buffer.alloc(256, 0x41)],
  ] as const;

  // s_server takes up to TLS 1.2 any identity and only says that it is another one.
  test.each(taken)("%s reach a server of TLS 1.2", async (_what, identity) => {
    const { port } = await start("-www", "-nocert");
    const client = visit(port, { versions: ["1.2"], suites: [PSK_GCM], psk: { identity, key: KEY } });
    expect(await page(client)).toContain(`PSK identity: ${identity.toString("latin1")}\n`);
  });

  test.each([257, 65_535 - 2])(
    "%i octets are refused by TLS 1.2 of OpenSSL with an alert",
    async (octets) => {
      const { port } = await start("-www", "-nocert");
      const client = visit(port, {
        versions: ["1.2"],
        suites: [PSK_GCM],
        psk: { identity: Buffer.alloc(octets, 0x41), key: KEY },
      });
      await client.until(() => false);
      expect(client.end).toMatchObject({ by: "server", alert: expect.any(Number) });
    },
  );

  test.each([
    ["octets that are not UTF-8, with NUL", Buffer.from("ff00fe80", "hex")],
    ["257 octets", Buffer.alloc(257, 0x41)],
    ["60,000 octets", Buffer.alloc(60_000, 0x41)],
  ])("%s are passed over by TLS 1.3, which shows its certificate", async (_what, identity) => {
    const { port } = await start("-www");
    const client = visit(port, { versions: ["1.3"], suites: [GCM], psk: { identity, key: KEY } });
    await page(client);
    expect(client.established).toMatchObject({ pskInUse: false, version: "1.3" });
  });
});
