/** The suite's own TLS server against `openssl s_client` and `gnutls-cli`: every version and suite that they have. */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type Accepted,
  algorithmsOf,
  type CipherSuite,
  type ServerSetup,
  suitesOf,
  type TlsVersion,
} from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { EngineListener } from "../../harness/wire/engine/engine-listener.ts";
import { ECDSA_CERTIFICATE } from "../../harness/wire/engine/testing/ecdsa-certificate.ts";
import { ENABLER, suiteNamed } from "./operator.ts";
import { ProductFolder } from "./product-folder.ts";
import { outputOf, runProgram } from "./run-program.ts";

const KEY = Buffer.alloc(32, 7);
const IDENTITY = "3GPP-bootstrapping;any@bsf.home1.example";
const SUITES_13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"].map(
  suiteNamed,
);
const SUITES = [
  ...suitesOf("psk", true),
  ...suitesOf("psk", false),
  ...suitesOf("certificate", true),
  ...suitesOf("certificate", false),
].filter((suite) => algorithmsOf(suite) !== undefined);
/** Programs that run at the same time. */
const AT_ONCE = 4;

const credentialOf = (certificate: string, key: string) => ({
  chain: [new X509Certificate(certificate).raw],
  key: createPrivateKey(key),
});
const ECDSA = credentialOf(ECDSA_CERTIFICATE.cert, ECDSA_CERTIFICATE.key);
let rsa: ReturnType<typeof credentialOf>;
let client: { readonly certificate: string; readonly privateKey: string };
let ofOpenssl: string;
const folder = new ProductFolder();

beforeAll(async () => {
  const authority = await CertificateAuthority.create("test operator");
  const issued = await authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "server" });
  rsa = credentialOf(issued.certificate, issued.privateKey);
  client = await authority.issue({ commonName: "terminal", names: ["terminal.example"], usage: "client" });
  ofOpenssl = await outputOf(["openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]);
});
afterAll(() => folder.remove());

/** Answers each piece of text with the text in brackets, and ends. */
async function listen(more: Partial<ServerSetup> = {}) {
  const accepted: Accepted[] = [];
  const setup = (): ServerSetup => ({
    versions: ["1.0", "1.1", "1.2", "1.3"],
    suites: [...SUITES_13, ...SUITES],
    credential: rsa,
    psk: { find: async ({ identity }) => (identity.toString() === IDENTITY ? KEY : undefined) },
    random: (octets) => randomBytes(octets),
    ...more,
  });
  const listener = await EngineListener.start(setup, {
    connection(stream, one) {
      accepted.push(one);
      stream.on("data", (octets: Buffer) => stream.end(`[${octets.toString("latin1").trim()}]\n`));
    },
  });
  onTestFinished(() => listener.close());
  return { port: listener.address.port, accepted };
}

const VERSION = { "1.0": "-tls1", "1.1": "-tls1_1", "1.2": "-tls1_2", "1.3": "-tls1_3" } as const;

async function openssl(
  port: number,
  version: TlsVersion,
  suite: CipherSuite,
  more: readonly string[] = [],
): Promise<string> {
  const ciphers =
    version === "1.3" ? ["-ciphersuites", suite.name] : ["-cipher", `${suite.openssl}:@SECLEVEL=0`];
  const psk = suite.authentication === "psk" ? ["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY] : [];
  const command = [
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-servername", ENABLER, "-quiet"],
    ...[VERSION[version], ...ciphers, ...psk, ...more],
  ];
  return (await runProgram(command, "hello\n")).stdout;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const one = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

describe("openssl s_client", () => {
  test.each(["1.0", "1.1", "1.2"] as const)("every suite of TLS %s", async (version) => {
    const byRsa = await listen();
    const byEcdsa = await listen({ credential: ECDSA });
    const suites = SUITES.filter(
      ({ name, versions }) => versions.includes(version) && ofOpenssl.includes(`${name} `),
    );
    expect(suites.length).toBeGreaterThan(20);
    await inParallel(suites, async (suite) => {
      const { port } = suite.name.includes("_ECDSA_") ? byEcdsa : byRsa;
      expect([suite.name, await openssl(port, version, suite)]).toEqual([suite.name, "[hello]\n"]);
    });
    expect(byRsa.accepted.length + byEcdsa.accepted.length).toBe(suites.length);
  });

  test.each(SUITES_13)("TLS 1.3 $name, by certificate and by a pre-shared key", async (suite) => {
    const { port, accepted } = await listen();
    expect(await openssl(port, "1.3", suite)).toBe("[hello]\n");
    if (suite.hash !== "SHA-256") return;
    const psk = ["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY];
    expect(await openssl(port, "1.3", suite, psk)).toBe("[hello]\n");
    expect(accepted.at(-1)?.identity?.toString()).toBe(IDENTITY);
  });

  test.each(["1.0", "1.1", "1.2", "1.3"] as const)(
    "a certificate of the terminal in TLS %s",
    async (version) => {
      const { port, accepted } = await listen({ clientCertificate: "required" });
      const suite = version === "1.3" ? SUITES_13[0] : suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
      const shown = [
        ...["-cert", folder.write("client.pem", client.certificate)],
        ...["-key", folder.write("client.key", client.privateKey)],
      ];
      expect(suite && (await openssl(port, version, suite, shown))).toBe("[hello]\n");
      expect(accepted.at(-1)?.certificates[0]).toEqual(new X509Certificate(client.certificate).raw);
    },
  );
});

/**
 * Debian's gnutls-cli 3.7.9 crashes with DHE-PSK and ECDHE-PSK, against openssl s_server too.
 * GnuTLS names key exchanges, ciphers and MACs apart: whatever it has of them.
 */
const GNUTLS: readonly (readonly [TlsVersion, string])[] = (["1.0", "1.1", "1.2"] as const).flatMap(
  (version) => ["PSK", "RSA-PSK", "RSA", "DHE-RSA", "ECDHE-RSA"].map((name) => [version, name] as const),
);

async function gnutls(port: number, priority: string, psk: boolean): Promise<string> {
  const key = psk ? ["--pskusername", IDENTITY, "--pskkey", KEY.toString("hex")] : [];
  const { stdout, stderr } = await runProgram(
    [
      ...["gnutls-cli", "--insecure", "--logfile", "/dev/null", "--port", String(port), "127.0.0.1"],
      ...["--sni-hostname", ENABLER, "--priority", priority, ...key],
    ],
    "hello\n",
  );
  return `${stdout}${stderr}`;
}

describe("gnutls-cli", () => {
  test.each(GNUTLS)("TLS %s with %s", async (version, exchange) => {
    const { port, accepted } = await listen();
    const priority = `NORMAL:-VERS-ALL:+VERS-TLS${version}:-KX-ALL:+${exchange}:+SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1`;
    expect(await gnutls(port, priority, exchange.endsWith("PSK"))).toContain("[hello]");
    expect(accepted.at(-1)?.version).toBe(version);
  });

  test("TLS 1.3 by certificate and by a pre-shared key", async () => {
    const { port, accepted } = await listen();
    const priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    expect(await gnutls(port, priority, false)).toContain("[hello]");
    expect(await gnutls(port, `${priority}:+PSK`, true)).toContain("[hello]");
    expect(accepted.map(({ identity }) => identity?.toString())).toEqual([undefined, IDENTITY]);
  });
});
