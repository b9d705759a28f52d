/** PSK-TLS of the harness's client against gnutls-serv, which listens on every address: in a private network. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ENABLER, Operator, pskUa, suiteNamed, type User } from "./operator.ts";
import { PrivateNetwork } from "./private-network.ts";
import { Product, ProductError, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";
import { outputOf } from "./run-program.ts";
import type { Visit, Visited } from "./visit-with-psk.ts";

const PROGRAM = fileURLToPath(new URL("./visit-with-psk.ts", import.meta.url));
const HINT = "3GPP-bootstrapping";
/** Nobody else is in the private network. */
const PORT = 4433;
const SUITES = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_256_GCM_SHA384",
  "TLS_PSK_WITH_AES_128_CBC_SHA",
  "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
].map(suiteNamed);

const folder = new ProductFolder();
let operator: Operator;
/** By suite: the server knows one key for each identity, and the key depends on the suite. */
let users: readonly User[];
let network: PrivateNetwork | undefined;
let whyNoNetwork = "";
let server: Product | undefined;

beforeAll(async () => {
  operator = await Operator.start();
  users = await Promise.all(SUITES.map(() => operator.user()));
  try {
    network = await PrivateNetwork.create();
  } catch (error) {
    if (!(error instanceof ProductError && /not permitted/.test(error.output))) throw error;
    whyNoNetwork = "gnutls-serv needs a private network, which this user may not make; root may";
    return;
  }
  const secrets = SUITES.map((suite, i) => `${users[i]?.pskIdentity}:${users[i]?.keyHex(pskUa(suite))}\n`);
  server = new Product(
    network.inside(
      unprivileged([
        ...["gnutls-serv", "--http", "-p", String(PORT), "--disable-client-cert", "--pskhint", HINT],
        ...["--pskpasswd", folder.write("secrets.txt", secrets.join(""))],
        ...["--priority", "NORMAL:-KX-ALL:+PSK:+DHE-PSK:+ECDHE-PSK:+SHA256"],
      ]),
    ),
  );
  await server.line((line) => (/listening on IPv4 .*done$/.test(line) ? true : undefined));
});
beforeEach(({ skip }) => skip(network === undefined, whyNoNetwork));
afterAll(async () => {
  await server?.stop();
  await network?.remove();
  await operator.close();
  folder.remove();
});

async function visit(i: number, lie: Partial<Visit> = {}): Promise<Visited> {
  const [suite, user] = [SUITES[i], users[i]];
  if (network === undefined || suite === undefined || user === undefined) throw new Error("not prepared");
  const right = { identity: user.pskIdentity, key: user.keyHex(pskUa(suite)) };
  const order: Visit = { port: PORT, serverName: ENABLER, suite: suite.name, ...right, ...lie };
  const output = await outputOf(network.inside([process.execPath, PROGRAM]), JSON.stringify(order));
  // The program writes just this.
  return JSON.parse(output) as Visited;
}

const EACH = SUITES.map((suite, i) => [suite.name, suite, i] as const);

describe("gnutls-serv", () => {
  test.each(EACH)("serves the identity over %s", async (name, suite, i) => {
    const visited = await visit(i);
    expect(visited).toMatchObject({
      ok: true,
      suite: name,
      pskInUse: true,
      // TLS 1.3 has no ServerKeyExchange, and so no hint (RFC 8446 4.2.11).
      hint: suite.version === "1.2" ? HINT : null,
      status: 200,
    });
    expect(visited.ok ? visited.body : "").toContain(`<TD>TLS${suite.version}</TD>`);
    const told = `PSK authentication. Connected as '${users[i]?.pskIdentity}'`;
    await server?.line((line) => line.includes(told) || undefined);
  });

  test.each(EACH.filter(([name]) => /TLS_PSK_WITH_AES_128_GCM|TLS_AES_128_GCM/.test(name)))(
    "refuses another key and an unknown identity over %s",
    async (_name, _suite, i) => {
      const lies = [
        { key: randomBytes(32).toString("hex") },
        { identity: `3GPP-bootstrapping;${operator.keyManager.unknownBTid()}` },
      ];
      for (const lie of lies)
        expect(await visit(i, lie)).toMatchObject({ ok: false, ending: { kind: "alert" } });
    },
  );
});
