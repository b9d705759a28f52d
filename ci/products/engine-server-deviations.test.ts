/** Misbehaviour that only a server can show, judged by `openssl s_client` and `gnutls-cli`. */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  SERVER_DEVIATIONS,
  type ServerDeviationName,
  type ServerSetup,
  serverDeviation,
} from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { EngineListener } from "../../harness/wire/engine/engine-listener.ts";
import { ENABLER, suiteNamed } from "./operator.ts";
import { ProductFolder } from "./product-folder.ts";
import { runProgram } from "./run-program.ts";

type Version = "1.2" | "1.3";
type Authentication = "psk" | "certificate";
type Row = readonly [ServerDeviationName | "none", Version, Authentication];

const KEY = Buffer.alloc(32, 7);
const IDENTITY = "3GPP-bootstrapping;any@bsf.home1.example";
const SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
].map(suiteNamed);
const AT_ONCE = 4;
const folder = new ProductFolder();
let credential: NonNullable<ServerSetup["credential"]>;
let trust: string;

beforeAll(async () => {
  const authority = await CertificateAuthority.create("test operator");
  const issued = await authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "server" });
  credential = {
    chain: [new X509Certificate(issued.certificate).raw],
    key: createPrivateKey(issued.privateKey),
  };
  trust = folder.write("ca.pem", authority.certificate);
});
afterAll(() => folder.remove());

/** Answers each piece of text with the text in brackets, and ends. */
async function listen([name]: Row): Promise<number> {
  const listener = await EngineListener.start(
    (): ServerSetup => ({
      versions: ["1.2", "1.3"],
      suites: SUITES,
      credential,
      psk: { find: async ({ identity }) => (identity.toString() === IDENTITY ? KEY : undefined) },
      random: (octets) => randomBytes(octets),
      ...(name === "none" ? {} : { hooks: serverDeviation(name).begin() }),
    }),
    {
      connection: (stream) =>
        stream.on("data", (octets: Buffer) => stream.end(`[${octets.toString("latin1").trim()}]\n`)),
    },
  );
  onTestFinished(() => listener.close());
  return listener.address.port;
}

async function openssl(row: Row): Promise<string> {
  const [, version, authentication] = row;
  const key = ["-psk", KEY.toString("hex"), "-psk_identity", IDENTITY];
  const cipher = authentication === "psk" ? "PSK-AES128-GCM-SHA256" : "ECDHE-RSA-AES128-GCM-SHA256";
  return (
    await runProgram(
      [
        ...["openssl", "s_client", "-connect", `127.0.0.1:${await listen(row)}`, "-servername", ENABLER],
        ...["-quiet", "-verify_return_error", "-CAfile", trust, version === "1.3" ? "-tls1_3" : "-tls1_2"],
        ...(version === "1.3" ? ["-ciphersuites", "TLS_AES_128_GCM_SHA256"] : ["-cipher", cipher]),
        ...(authentication === "psk" ? key : []),
      ],
      "hello\n",
    )
  ).stdout;
}

async function gnutls(row: Row): Promise<string> {
  const [, version, authentication] = row;
  const exchange = authentication === "psk" ? "PSK" : "ECDHE-RSA";
  const versions = `NORMAL:-VERS-ALL:+VERS-TLS${version}`;
  const psk = authentication === "psk" ? ":+PSK:+DHE-PSK:+ECDHE-PSK" : "";
  const priority = version === "1.3" ? `${versions}${psk}` : `${versions}:-KX-ALL:+${exchange}`;
  const key = ["--pskusername", IDENTITY, "--pskkey", KEY.toString("hex")];
  const { stdout, stderr } = await runProgram(
    [
      ...["gnutls-cli", "--logfile", "/dev/null", "--x509cafile", trust, "--port", String(await listen(row))],
      ...["--sni-hostname", ENABLER, "--verify-hostname", ENABLER, "--priority", priority],
      ...[...(authentication === "psk" ? key : []), "127.0.0.1"],
    ],
    "hello\n",
  );
  return `${stdout}${stderr}`;
}

// The keys of a record of ours are its type's.
const NAMES = Object.keys(SERVER_DEVIATIONS) as ServerDeviationName[];
const WITHOUT = (["1.2", "1.3"] as const).flatMap((version) =>
  (["psk", "certificate"] as const).map((authentication): Row => ["none", version, authentication]),
);
const ROWS = NAMES.flatMap((name) =>
  WITHOUT.filter(
    ([, version, authentication]) =>
      serverDeviation(name).versions.includes(version) &&
      (serverDeviation(name).authentication ?? authentication) === authentication,
  ).map(([, version, authentication]): Row => [name, version, authentication]),
);

/** The rows that the program does otherwise than the clause says, in order. */
async function differing(
  rows: readonly Row[],
  program: (row: Row) => Promise<string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  const left = [...rows];
  const one = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const [name, ...rest] = row;
      const served = (await program(row)).includes("[hello]");
      const expected = name === "none" || serverDeviation(name).expects === "accept";
      if (served !== expected) found.push([name, ...rest].join(" "));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return found.sort();
}

test.each([
  ["openssl s_client", openssl],
  ["gnutls-cli", gnutls],
] as const)("%s is served by a server that does everything right", async (_program, run) => {
  expect(await differing(WITHOUT, run)).toEqual([]);
});

const bothWays = (name: ServerDeviationName, version: Version) =>
  (["certificate", "psk"] as const).map((one) => `${name} ${version} ${one}`);

/** An extension that it does not know is passed over, where the clauses have it end the handshake. */
const OPENSSL = [...bothWays("extensionOfNobody", "1.2"), ...bothWays("extensionOfNobody", "1.3")];

/**
 * GnuTLS 3.7 passes over extensions that it did not offer or has read before, and does not look at the session id of
 * TLS 1.3; a HelloRequest within the handshake ends it, which RFC 5246 7.4.1.1 has the client pass over.
 */
const GNUTLS = [
  ...OPENSSL,
  ...bothWays("helloRequestInside", "1.2"),
  ...bothWays("otherSessionId", "1.3"),
  ...bothWays("repeatedServerExtension", "1.2"),
  ...bothWays("repeatedServerExtension", "1.3"),
  ...bothWays("statusUnasked", "1.2"),
];

test("openssl s_client does what the clauses say of each misbehaviour, but for these", async () => {
  expect(await differing(ROWS, openssl)).toEqual(OPENSSL);
});

test("gnutls-cli does what the clauses say of each misbehaviour, but for these", async () => {
  expect(await differing(ROWS, gnutls)).toEqual(GNUTLS);
});
