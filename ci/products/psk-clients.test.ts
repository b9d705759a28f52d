/** The PSK-TLS way into the reference enabler with the clients of OpenSSL and GnuTLS. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openProfile, REFERENCE_PROFILE } from "../../harness/cli/open-profile.ts";
import type { CipherSuite } from "../../harness/protocols/tls/index.ts";
import { TestSystem } from "../../harness/system/test-system.ts";
import { ENABLER, pskUa, suiteNamed, User } from "./operator.ts";
import { Product, unprivileged } from "./product.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

const HINT = "3GPP-bootstrapping";
const REQUEST = `GET /identity HTTP/1.1\r\nHost: ${ENABLER}\r\nConnection: close\r\n\r\n`;
const SUITES = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];
/** With GnuTLS's priority strings. Without DHE and ECDHE in TLS 1.2: gnutls-cli 3.7.9 crashes after such a handshake. */
const GNUTLS_SUITES = [
  ["TLS_PSK_WITH_AES_128_GCM_SHA256", "+VERS-TLS1.2:+PSK:+AES-128-GCM:+AEAD"],
  ["TLS_PSK_WITH_AES_256_GCM_SHA384", "+VERS-TLS1.2:+PSK:+AES-256-GCM:+AEAD"],
  ["TLS_AES_128_GCM_SHA256", "+VERS-TLS1.3:+ECDHE-PSK:+AES-128-GCM:+AEAD"],
  ["TLS_CHACHA20_POLY1305_SHA256", "+VERS-TLS1.3:+ECDHE-PSK:+CHACHA20-POLY1305:+AEAD"],
] as const;

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.start(openProfile(REFERENCE_PROFILE));
});
afterAll(() => system?.close());

const port = () => String(system.endpoints["uc1.psk-tls"]?.port);
const newUser = () => User.bootstrap(system.keyManager, system.subscriber());
const randomKey = () => randomBytes(32).toString("hex");

function openssl(user: User, suite: CipherSuite, key: string): Promise<ProgramResult> {
  const only = suite.version === "1.3" ? ["-tls1_3", "-ciphersuites"] : ["-tls1_2", "-cipher"];
  return runProgram(
    [
      ...["openssl", "s_client", "-quiet", "-connect", `127.0.0.1:${port()}`, "-servername", ENABLER],
      ...[...only, suite.openssl, "-psk", key, "-psk_identity", user.pskIdentity],
    ],
    REQUEST,
  );
}

/** gnutls-cli, which keeps the connection until the test ends. */
function gnutls(user: User, priority: string, key: string): Product {
  const client = new Product(
    unprivileged([
      ...["gnutls-cli", "127.0.0.1", "-p", port(), "--sni-hostname", ENABLER],
      ...["--pskusername", user.pskIdentity, "--pskkey", key],
      ...["--priority", `NONE:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:${priority}`],
    ]),
  );
  onTestFinished(() => client.stop());
  return client;
}

describe("openssl s_client", () => {
  test.each(SUITES)("is served as the subscriber over %s, and not with another key", async (name) => {
    const suite = suiteNamed(name);
    const user = await newUser();
    const { code, stdout } = await openssl(user, suite, user.keyHex(pskUa(suite)));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.parse(stdout.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      user: user.subscriber.impi,
      btid: user.credential.name,
      suite: suite.name,
    });
    const refused = await openssl(user, suite, randomKey());
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/alert/);
  });
});

describe("gnutls-cli", () => {
  test.each(GNUTLS_SUITES)("gets in with %s, and not with another key", async (name, priority) => {
    const suite = suiteNamed(name);
    const user = await newUser();
    const client = gnutls(user, priority, user.keyHex(pskUa(suite)));
    const lines = await client.lines((all) =>
      all.includes("- Handshake was completed") ? [...all] : undefined,
    );
    expect(lines).toContain(`- PSK authentication. Connected as '${user.pskIdentity}'`);
    if (suite.version === "1.2") expect(lines).toContain(`- PSK authentication. PSK hint '${HINT}'`);
    const liar = gnutls(user, priority, randomKey());
    await liar.line((line) => line.startsWith("*** Received alert") || undefined);
  });
});
