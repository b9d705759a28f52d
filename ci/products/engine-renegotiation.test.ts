/** Second handshakes of the suite's own TLS, up to TLS 1.2, with those of OpenSSL and GnuTLS, as client and as server. */
import { spawn } from "node:child_process";
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type Accepted,
  type ClientOffer,
  type Hooks,
  type SecondHandshakes,
  type TlsVersion,
  tlsDeviation,
} from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { EngineListener } from "../../harness/wire/engine/engine-listener.ts";
import { DrivenClient } from "../../harness/wire/engine/testing/driven-client.ts";
import { ENABLER, suiteNamed } from "./operator.ts";
import { Product, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

const KEY = Buffer.alloc(32, 7);
const IDENTITY = "3GPP-bootstrapping;any@bsf.home1.example";
const psk = { identity: Buffer.from(IDENTITY), key: KEY };
/** OpenSSL's s_server takes any identity up to TLS 1.2, and says when it is another one. */
const other = { identity: Buffer.from("3GPP-bootstrapping;other@bsf.home1.example"), key: KEY };
const VERSIONS = ["1.0", "1.1", "1.2"] as const;
const CBC = suiteNamed("TLS_PSK_WITH_AES_128_CBC_SHA");
const GCM = suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
const RSA = suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
const folder = new ProductFolder();
let issued: { readonly certificate: string; readonly privateKey: string };
let files: readonly string[];

beforeAll(async () => {
  const authority = await CertificateAuthority.create("test operator");
  issued = await authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "server" });
  files = [
    ...["-cert", folder.write("server.pem", issued.certificate)],
    ...["-key", folder.write("server.key", issued.privateKey)],
  ];
});
afterAll(() => folder.remove());

describe("openssl s_server", () => {
  async function start(...options: readonly string[]): Promise<{ server: Product; port: number }> {
    const server = new Product(
      unprivileged([
        ...["openssl", "s_server", "-accept", "127.0.0.1:0", ...files, "-min_protocol", "TLSv1"],
        ...["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY, "-cipher", "ALL:@SECLEVEL=0", ...options],
      ]),
    );
    onTestFinished(() => server.stop());
    const port = await server.line((line) => /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
    return { server, port: Number(port) };
  }

  function visit(port: number, offer: ClientOffer, hooks: Hooks = {}): DrivenClient {
    const client = new DrivenClient(port, offer, hooks);
    onTestFinished(() => client.destroy());
    return client;
  }

  const reads = (server: Product, words: string) =>
    server.line((line) => (line.includes(words) ? true : undefined));

  test.each(VERSIONS)(
    "TLS %s: with the same, with another identity, and with certificates",
    async (version) => {
      const { server, port } = await start("-client_renegotiation");
      const offer: ClientOffer = { versions: [version], suites: [CBC], psk };
      const client = visit(port, offer);
      await client.shaken();
      client.send("before\n");
      await reads(server, "before");
      const first = client.established?.finished;
      expect(await client.renegotiate(offer)).toMatchObject({ version, suite: CBC, pskInUse: true });
      expect(client.later[0]).not.toMatchObject({ finished: first });
      client.send("behind the second\n");
      await reads(server, "behind the second");
      expect(await client.renegotiate({ ...offer, psk: other })).toMatchObject({ pskInUse: true });
      expect(await client.renegotiate({ ...offer, suites: [RSA] })).toMatchObject({
        suite: RSA,
        pskInUse: false,
      });
      client.send("behind the fourth\n");
      await reads(server, "behind the fourth");
      expect(client.end).toBeUndefined();
    },
  );

  test("what the server wishes with HelloRequest can be done, or left alone", async () => {
    const program = running([
      ...["openssl", "s_server", "-accept", "127.0.0.1:0", ...files, "-psk", KEY.toString("hex")],
      ...["-psk_identity", IDENTITY, "-cipher", "ALL:@SECLEVEL=0", "-no_tls1_3"],
    ]);
    await program.until("ACCEPT ");
    const port = Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(program.heard())?.[1]);
    const offer: ClientOffer = { versions: ["1.2"], suites: [CBC], psk };
    const client = visit(port, offer);
    await client.shaken();
    // s_server takes a line that begins with r for the wish.
    program.say("r");
    await client.until(() => client.later.includes("requested"));
    client.send("left alone\n");
    await program.until("left alone");
    expect(await client.renegotiate({ ...offer, psk: other })).toMatchObject({ pskInUse: true });
    client.send("done\n");
    await program.until("done");
    expect(client.end).toBeUndefined();
  });

  test("without its option it declines, and the connection goes on", async () => {
    const { server, port } = await start();
    const offer: ClientOffer = { versions: ["1.2"], suites: [GCM] };
    const client = visit(port, offer);
    await client.shaken();
    expect(await client.renegotiate(offer)).toBe("declined");
    client.send("all the same\n");
    await reads(server, "all the same");
    expect(client.end).toBeUndefined();
  });

  test.each([
    "withoutRenegotiationInfo",
    "emptyRenegotiationInfo",
    "wrongVerifyData",
    "wrongRenegotiationInfo",
    "wrongFinished",
  ] as const)("%s ends it", async (name) => {
    const { port } = await start("-client_renegotiation");
    const offer: ClientOffer = { versions: ["1.2"], suites: [CBC], psk };
    const client = visit(port, offer);
    await client.shaken();
    expect(await client.renegotiate(offer, tlsDeviation(name).begin())).toBeUndefined();
    expect(client.end).toMatchObject({ by: "server" });
  });

  test.each([
    [["-client_renegotiation"], undefined],
    [["-client_renegotiation", "-legacy_renegotiation"], { pskInUse: true }],
  ] as const)("who knows nothing of RFC 5746, with %j", async (options, outcome) => {
    const { port } = await start(...options);
    const offer: ClientOffer = { versions: ["1.2"], suites: [CBC], psk, renegotiationInfo: "none" };
    const client = visit(port, offer);
    await client.shaken();
    const hooks = tlsDeviation("withoutRenegotiationInfo").begin();
    const came = await client.renegotiate({ ...offer, psk: other }, hooks);
    if (outcome === undefined) expect(typeof came).not.toBe("object");
    else expect(came).toMatchObject(outcome);
  });
});

/** Answers each line with it in brackets. */
async function listen(secondHandshakes?: SecondHandshakes) {
  const seen: Accepted[] = [];
  const later: Accepted[] = [];
  const credential = {
    chain: [new X509Certificate(issued.certificate).raw],
    key: createPrivateKey(issued.privateKey),
  };
  const listener = await EngineListener.start(
    () => ({
      versions: VERSIONS,
      suites: [CBC, GCM, RSA],
      credential,
      psk: { find: async () => KEY },
      random: (octets) => randomBytes(octets),
      ...(secondHandshakes === undefined ? {} : { secondHandshakes }),
    }),
    {
      connection(stream, accepted) {
        seen.push(accepted);
        stream.on("data", (octets: Buffer) => stream.write(`[${octets.toString("latin1").trim()}]\n`));
      },
      renegotiated: (_stream, accepted) => later.push(accepted),
    },
  );
  onTestFinished(() => listener.close());
  return { port: listener.address.port, seen, later };
}

const FLAG = { "1.0": "-tls1", "1.1": "-tls1_1", "1.2": "-tls1_2" } as const;

/** s_client takes a line that begins with R for the wish for another handshake. */
const sClient = (port: number, version: keyof typeof FLAG, suite: string, ...more: readonly string[]) =>
  running([
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, FLAG[version]],
    ...["-cipher", `${suite}:@SECLEVEL=0`, ...more],
  ]);

/** A program that is talked to. */
function running(command: readonly string[]) {
  const [program = "", ...args] = unprivileged(command);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  });
  let heard = "";
  child.stdin.on("error", () => undefined);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (heard += chunk));
  return {
    say: (line: string) => child.stdin.write(`${line}\n`),
    heard: () => heard,
    until: (words: string) => expect.poll(() => heard, { timeout: 10_000 }).toContain(words),
  };
}

describe("openssl s_client", () => {
  const keyed = ["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY] as const;

  test.each(VERSIONS)("TLS %s: twice, with a pre-shared key and with a certificate", async (version) => {
    for (const [suite, more] of [
      ["PSK-AES128-CBC-SHA", keyed],
      ["ECDHE-RSA-AES128-SHA", []],
    ] as const) {
      const { port, later } = await listen({});
      const client = sClient(port, version, suite, ...more);
      client.say("before");
      await client.until("[before]");
      client.say("R");
      await expect.poll(() => later.length).toBe(1);
      client.say("between");
      await client.until("[between]");
      client.say("R");
      await expect.poll(() => later.length).toBe(2);
      client.say("behind");
      await client.until("[behind]");
      expect(later[1]).toMatchObject({ version, resumed: false });
      expect(later[1]?.identity?.toString()).toBe(more.length > 0 ? IDENTITY : undefined);
    }
  });

  test("it is declined unless the setup says otherwise", async () => {
    const { port, later } = await listen();
    const client = sClient(port, "1.2", "PSK-AES128-CBC-SHA", ...keyed);
    client.say("before");
    await client.until("[before]");
    client.say("R");
    await client.until("no renegotiation");
    expect(later).toEqual([]);
  });
});

describe("gnutls-cli", () => {
  test.each(VERSIONS)("TLS %s: --rehandshake", async (version: TlsVersion) => {
    const { port, seen, later } = await listen({});
    const priority = `NORMAL:-VERS-ALL:+VERS-TLS${version}:-KX-ALL:+PSK:+SHA1`;
    const client = running([
      ...["gnutls-cli", "--insecure", "--logfile", "/dev/null", "--port", String(port), "127.0.0.1"],
      ...[
        "--priority",
        priority,
        "--pskusername",
        IDENTITY,
        "--pskkey",
        KEY.toString("hex"),
        "--rehandshake",
      ],
    ]);
    await expect.poll(() => later.length, { timeout: 10_000 }).toBe(1);
    client.say("hello");
    await client.until("[hello]");
    expect([seen[0]?.identity, later[0]?.identity].map(String)).toEqual([IDENTITY, IDENTITY]);
  });
});
