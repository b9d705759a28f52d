/**
 * The Digest way into the reference enabler with curl, which knows nothing of GBA: the B-TID is its user, base64 of
 * Ks_NAF its password. curl answers the first challenge, SHA-256; MD5 is what Apache judges (digest-apache).
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openProfile, REFERENCE_PROFILE } from "../../harness/cli/open-profile.ts";
import { ksNafPassword, uaTlsSuite } from "../../harness/protocols/gba/index.ts";
import type { CipherSuite } from "../../harness/protocols/tls/index.ts";
import { TestSystem } from "../../harness/system/test-system.ts";
import { ENABLER, suiteNamed, User } from "./operator.ts";
import { ProductFolder } from "./product-folder.ts";
import { outputOf } from "./run-program.ts";

const folder = new ProductFolder();
let system: TestSystem;
let user: User;

beforeAll(async () => {
  system = await TestSystem.start(openProfile(REFERENCE_PROFILE));
  user = await User.bootstrap(system.keyManager, system.subscriber());
  folder.write("authority.pem", system.trust);
});
afterAll(async () => {
  await system?.close();
  folder.remove();
});

function passwordFor(suite: CipherSuite): string {
  return ksNafPassword(user.credential.key({ nafFqdn: ENABLER, ua: uaTlsSuite(suite.code) }));
}

/** Body and status that curl ends with. */
async function visit(suite: CipherSuite, password: string, target: string, ...more: readonly string[]) {
  const port = system.endpoints["uc1.https-digest"]?.port;
  const only =
    suite.version === "1.3"
      ? ["--tlsv1.3", "--tls13-ciphers", suite.openssl]
      : ["--tlsv1.2", "--tls-max", "1.2", "--ciphers", suite.openssl];
  const output = await outputOf([
    ...["curl", "--silent", "--show-error", "--max-time", "20", ...only],
    ...["--cacert", `${folder.path}/authority.pem`, "--resolve", `${ENABLER}:${port}:127.0.0.1`],
    ...["--digest", "--user", `${user.credential.name}:${password}`],
    ...["--write-out", "\\n%{http_code}", ...more, `https://${ENABLER}:${port}${target}`],
  ]);
  const end = output.lastIndexOf("\n");
  return { status: output.slice(end + 1), body: output.slice(0, end) };
}

describe.each(
  [
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
  ].map((name) => [name, suiteNamed(name)] as const),
)("curl over %s", (_name, suite) => {
  test("is served as the subscriber", async () => {
    const { status, body } = await visit(suite, passwordFor(suite), "/identity");
    expect(status).toBe("200");
    expect(JSON.parse(body)).toMatchObject({
      user: user.subscriber.impi,
      btid: user.credential.name,
      suite: suite.name,
    });
  });

  test("acts once with one request", async () => {
    const target = `/counters/${randomBytes(8).toString("hex")}`;
    const password = passwordFor(suite);
    expect(await visit(suite, password, target, "--data", "x=1")).toMatchObject({ status: "200" });
    expect(JSON.parse((await visit(suite, password, target)).body)).toEqual({ count: 1 });
  });

  test("is not served with another key, nor with that of another suite", async () => {
    const other = suiteNamed("TLS_CHACHA20_POLY1305_SHA256");
    for (const password of [randomBytes(32).toString("base64"), passwordFor(other)]) {
      expect(await visit(suite, password, "/identity")).toMatchObject({ status: "401" });
    }
  });
});
