/** The suite's own TLS against gnutls-serv, which has 3DES still and takes long identities: in a private network. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  algorithmsOf,
  type CipherSuite,
  retiredSuites,
  suitesOf,
} from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { ECDSA_CERTIFICATE } from "../../harness/wire/engine/testing/ecdsa-certificate.ts";
import { ENABLER, suiteNamed } from "./operator.ts";
import { PrivateNetwork } from "./private-network.ts";
import { Product, ProductError, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";
import { outputOf } from "./run-program.ts";
import type { EngineVisit, EngineVisited } from "./visit-with-engine.ts";

const PROGRAM = fileURLToPath(new URL("./visit-with-engine.ts", import.meta.url));
const EVERYTHING =
  "NORMAL:+VERS-ALL:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA:+3DES-CBC:+ARCFOUR-128:+CIPHER-ALL:+MAC-ALL";
/** GnuTLS has no TLS 1.3 where it has RSA-PSK: one server for each. Nobody else is in the private network. */
const SERVERS = [
  { port: 4433, priority: EVERYTHING },
  { port: 4434, priority: `${EVERYTHING}:+RSA-PSK` },
] as const;
const portFor = ({ name }: CipherSuite): number => SERVERS[name.startsWith("TLS_RSA_PSK_") ? 1 : 0].port;
const KEY = "07".repeat(32);
const IDENTITIES = {
  plain: Buffer.from("3GPP-bootstrapping;any@bsf.home1.example"),
  "not UTF-8": Buffer.from("fffe80c1", "hex"),
  "with NUL": Buffer.from("410042", "hex"),
  "257 octets": Buffer.alloc(257, 0x42),
} as const;

/** The longest that each version can carry: in TLS 1.3 it shares an extension of 65,535 octets with its binder. */
const LONGEST = { "1.2": Buffer.alloc(65_535, 0x43), "1.3": Buffer.alloc(65_000, 0x44) } as const;

const folder = new ProductFolder();
let network: PrivateNetwork | undefined;
let whyNoNetwork = "";
const servers: Product[] = [];
let files: readonly string[] = [];
/** Those that both ends have. */
let suites: readonly CipherSuite[] = [];

beforeAll(async () => {
  try {
    network = await PrivateNetwork.create();
  } catch (error) {
    if (!(error instanceof ProductError && /not permitted/.test(error.output))) throw error;
    whyNoNetwork = "gnutls-serv needs a private network, which this user may not make; root may";
    return;
  }
  suites = await suitesOfBoth();
  const authority = await CertificateAuthority.create("test operator");
  const { certificate, privateKey } = await authority.issue({
    commonName: ENABLER,
    names: [ENABLER],
    usage: "server",
  });
  files = [
    ...["--x509certfile", folder.write("rsa.pem", certificate)],
    ...["--x509keyfile", folder.write("rsa.key", privateKey)],
    ...["--x509certfile", folder.write("ec.pem", ECDSA_CERTIFICATE.cert)],
    ...["--x509keyfile", folder.write("ec.key", ECDSA_CERTIFICATE.key)],
  ];
  const identities = Object.values(IDENTITIES);
  for (const { port, priority } of SERVERS) servers.push(await serve(port, priority, identities));
});
beforeEach(({ skip }) => skip(network === undefined, whyNoNetwork));
afterAll(async () => {
  for (const server of servers) await server.stop();
  await network?.remove();
  folder.remove();
});

async function serve(port: number, priority: string, identities: readonly Buffer[]): Promise<Product> {
  if (network === undefined) throw new Error("not prepared");
  // Of the form #6964:key a name is in hexadecimal digits.
  const secrets = identities.map((identity) => `#${identity.toString("hex")}:${KEY}\n`);
  const server = new Product(
    network.inside(
      unprivileged([
        ...["gnutls-serv", "--http", "-p", String(port), "--disable-client-cert", "--priority", priority],
        ...["--pskpasswd", folder.write(`secrets-${port}.txt`, secrets.join("")), ...files],
      ]),
    ),
  );
  try {
    await server.line((line) => (/listening on IPv4 .*done$/.test(line) ? true : undefined));
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function suitesOfBoth(): Promise<readonly CipherSuite[]> {
  const lists = SERVERS.map(({ priority }) => outputOf(["gnutls-cli", "-l", "--priority", priority]));
  const text = (await Promise.all(lists)).join("");
  const codes = [...text.matchAll(/0x(\w\w), 0x(\w\w)/g)].map(([, high, low]) =>
    Number.parseInt(`${high}${low}`, 16),
  );
  const ours = (["psk", "certificate", "any"] as const).flatMap((how) => [
    ...suitesOf(how, true),
    ...retiredSuites(how, "DES"),
  ]);
  return ours.filter((suite) => codes.includes(suite.code) && algorithmsOf(suite) !== undefined);
}

/** What the test says of a visit. */
type Order = Omit<EngineVisit, "port" | "key"> & { readonly port?: number };

async function visit(orders: readonly Order[]): Promise<readonly EngineVisited[]> {
  if (network === undefined) throw new Error("not prepared");
  const all: readonly EngineVisit[] = orders.map((order) => ({
    port: portFor(order.suite),
    ...order,
    key: KEY,
  }));
  // The program writes just this.
  return JSON.parse(
    await outputOf(network.inside([process.execPath, PROGRAM]), JSON.stringify(all)),
  ) as EngineVisited[];
}

const SERVED = "HTTP/1.0 200 OK";
const plain = IDENTITIES.plain.toString("hex");

/** An external key is one for SHA-256 (RFC 8446 4.2.11); GnuTLS ends a handshake of another hash in which one is offered. */
const fitsKey = ({ authentication, hash }: CipherSuite): boolean =>
  authentication !== "any" || hash === "SHA-256";

describe("gnutls-serv", () => {
  test.each(["1.0", "1.1", "1.2", "1.3"] as const)("TLS %s: every suite that both have", async (version) => {
    const some = suites.filter(({ versions }) => versions.includes(version));
    expect(some.length).toBeGreaterThanOrEqual(version === "1.3" ? 3 : 20);
    const visited = await visit(
      some.map((suite) => ({ version, suite, ...(fitsKey(suite) ? { identity: plain } : {}) })),
    );
    expect(visited.map(({ suite, answer }) => [suite, answer])).toEqual(
      some.map(({ name }) => [name, SERVED]),
    );
    expect(visited.filter(({ page }) => !page.includes(`TLS${version}`))).toEqual([]);
    const keyed = some.filter(
      (suite) => suite.authentication === "psk" || (version === "1.3" && fitsKey(suite)),
    );
    expect(visited.filter(({ pskInUse }) => pskInUse === true)).toHaveLength(keyed.length);
  });

  test.each(["1.0", "1.1"] as const)(
    "TLS %s: 3DES is carried out, with and without encrypt-then-MAC",
    async (version) => {
      const some = retiredSuites("psk", "DES").filter(({ name }) => name.includes("3DES"));
      expect(some.length).toBeGreaterThan(3);
      for (const encryptThenMac of [true, false]) {
        const orders = some.map((suite) => ({ version, suite, identity: plain, encryptThenMac }));
        expect((await visit(orders)).map(({ answer }) => answer)).toEqual(orders.map(() => SERVED));
      }
    },
  );

  test.each(["1.0", "1.1", "1.2"] as const)(
    "TLS %s: a second handshake on the connection",
    async (version) => {
      const orders = ["TLS_PSK_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"].map((name) => {
        const suite = suiteNamed(name);
        return {
          version,
          suite,
          twice: true,
          ...(suite.authentication === "psk" ? { identity: plain } : {}),
        } as const;
      });
      expect((await visit(orders)).map(({ answer, second }) => [answer, second])).toEqual(
        orders.map(() => [SERVED, true]),
      );
    },
  );

  test("RC4 is offered; what the server then chooses the engine does not carry out", async () => {
    const some = retiredSuites("psk", "RC4");
    const visited = await visit(some.map((suite) => ({ version: "1.0", suite, identity: plain })));
    expect(visited.map(({ answer }) => answer)).toEqual(
      some.map(() => expect.stringContaining("that can be carried out")),
    );
  });

  test.each(Object.entries(IDENTITIES))("an identity that is %s", async (_what, identity) => {
    const hex = identity.toString("hex");
    const [legacy, newest] = await visit([
      { version: "1.2", suite: suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256"), identity: hex },
      { version: "1.3", suite: suiteNamed("TLS_AES_128_GCM_SHA256"), identity: hex },
    ]);
    expect(legacy).toMatchObject({ answer: SERVED, pskInUse: true });
    expect(newest).toMatchObject({ answer: SERVED, pskInUse: true });
  });

  // The handshake is done; then gnutls-serv 3.7.9 writes the identity behind the end of its page, and dies of it.
  test.each([
    ["1.2", 4435],
    ["1.3", 4436],
  ] as const)("TLS %s: an identity as long as there can be", async (version, port) => {
    const server = await serve(port, EVERYTHING, [LONGEST[version]]);
    onTestFinished(() => server.stop());
    const suite = suiteNamed(
      version === "1.2" ? "TLS_PSK_WITH_AES_128_GCM_SHA256" : "TLS_AES_128_GCM_SHA256",
    );
    const [visited] = await visit([{ port, version, suite, identity: LONGEST[version].toString("hex") }]);
    expect(visited).toMatchObject({ version, pskInUse: true });
  });
});
