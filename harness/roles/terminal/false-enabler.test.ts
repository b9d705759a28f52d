/** An enabler that cannot prove itself gets no connection from the terminal, and is told nothing of the user (1.2). */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UA_TLS13_PSK, uaTlsSuite } from "../../protocols/gba/index.ts";
import {
  type ServerDeviationName,
  type ServerSetup,
  serverDeviation,
  suiteByName,
} from "../../protocols/tls/index.ts";
import { EngineListener } from "../../wire/engine/engine-listener.ts";
import { EngineSecureClient } from "../../wire/engine/engine-secure-client.ts";
import { credentialOf } from "../../wire/engine/testing/engine-server.ts";
import { NodeSecureClient } from "../../wire/node-secure-client.ts";
import { CertificateAuthority, type IssuedCertificate } from "../certificate-authority/index.ts";
import { NAF } from "../testing/names.ts";
import { authority, newSubscriber, startKeyManager, terminalOf } from "../testing/operator.ts";
import type { EnablerEntrance, EntryOutcome } from "./index.ts";

type Version = "1.2" | "1.3";
const VERSIONS = ["1.2", "1.3"] as const;

function suiteNamed(name: string) {
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`${name} is not in the table`);
  return suite;
}
const TLS_13 = suiteNamed("TLS_AES_128_GCM_SHA256");
const PSK_12 = suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256");
const RSA_12 = suiteNamed("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
const CLIENTS = [
  ["Node's TLS", () => new NodeSecureClient()],
  ["the engine", () => new EngineSecureClient()],
] as const;

const issue = (by: CertificateAuthority, name: string, usage: "server" | "client" = "server") =>
  by.issue({ commonName: name, names: [name], usage });
const stranger = await CertificateAuthority.create("strange operator");
const right = await issue(authority, NAF);

const credential = ({ certificate, privateKey }: IssuedCertificate) =>
  credentialOf({ cert: certificate, key: privateKey });

/** A false enabler, and how much was told to it behind its handshake. */
async function listen(more: Partial<ServerSetup>) {
  const told: string[] = [];
  const setup = (): ServerSetup => ({
    versions: VERSIONS,
    suites: [TLS_13, PSK_12, RSA_12],
    random: (octets) => randomBytes(octets),
    ...more,
  });
  const listener = await EngineListener.start(setup, {
    connection: (stream) => stream.on("data", (octets: Buffer) => told.push(octets.toString("latin1"))),
  });
  return { at: listener.address, told, close: () => listener.close() };
}

async function enter(
  listening: Awaited<ReturnType<typeof listen>>,
  go: (at: EnablerEntrance["address"]) => Promise<EntryOutcome>,
) {
  try {
    const outcome = await go(listening.at);
    if (outcome.entered) await outcome.access.session.close();
    return { entered: outcome.entered, told: listening.told };
  } finally {
    await listening.close();
  }
}

describe.each(CLIENTS)("with %s", (_name, newClient) => {
  async function withPsk(version: Version, keyOf: (right: Buffer) => Buffer) {
    const keyManager = await startKeyManager();
    const subscriber = newSubscriber();
    keyManager.addSubscriber(subscriber);
    const { terminal } = terminalOf(subscriber);
    const association = await terminal.bootstrap(keyManager);
    const ua = version === "1.3" ? UA_TLS13_PSK : uaTlsSuite(PSK_12.code);
    const suites = [version === "1.3" ? TLS_13 : PSK_12];
    const key = Buffer.from(association.credential.key({ nafFqdn: NAF, ua }));
    const listening = await listen({
      psk: { hint: Buffer.from("3GPP-bootstrapping"), find: () => keyOf(key) },
    });
    return enter(listening, (address) =>
      terminal.enterWithPsk(
        { address, serverName: NAF, version, suites, client: newClient() },
        association.credential,
        { ua, separator: ";" },
      ),
    );
  }

  test.each(VERSIONS)("PSK-TLS %s: an enabler that does not know the key", async (version) => {
    expect(await withPsk(version, () => randomBytes(32))).toEqual({ entered: false, told: [] });
  });

  test.each(VERSIONS)("PSK-TLS %s: who knows the key is entered", async (version) => {
    expect(await withPsk(version, (right) => right)).toMatchObject({ entered: true });
  });

  const withDigest = async (version: Version, more: Partial<ServerSetup>) => {
    const keyManager = await startKeyManager();
    const subscriber = newSubscriber();
    keyManager.addSubscriber(subscriber);
    const { terminal } = terminalOf(subscriber);
    const association = await terminal.bootstrap(keyManager);
    const suites = [version === "1.3" ? TLS_13 : RSA_12];
    return enter(await listen({ credential: credential(right), ...more }), (address) =>
      terminal.enterWithDigest(
        { address, serverName: NAF, version, suites, client: newClient() },
        association.credential,
        {
          trust: authority.certificate,
          ua: (_version, suite) => uaTlsSuite(suite.code),
          choice: { algorithm: "SHA-256", qop: "auth" },
        },
      ),
    );
  };

  test.each(VERSIONS)("TLS %s: the right enabler is entered, so that the others are not", async (version) => {
    expect(await withDigest(version, {})).toMatchObject({ entered: true });
  });

  test.each(
    VERSIONS.flatMap((version) =>
      (
        [
          ["of another authority", () => issue(stranger, NAF)],
          ["for another name", () => issue(authority, "other.home1.example")],
          ["of a client", () => issue(authority, NAF, "client")],
        ] as const
      ).map(([what, made]) => [version, what, made] as const),
    ),
  )("TLS %s: a certificate %s", async (version, _what, made) => {
    expect(await withDigest(version, { credential: credential(await made()) })).toEqual({
      entered: false,
      told: [],
    });
  });

  const UNPROVEN: readonly (readonly [Version, ServerDeviationName])[] = [
    ["1.2", "wrongServerSignature"],
    ["1.2", "otherServerShare"],
    ["1.2", "serverKeyExchangeLeftOut"],
    ["1.2", "certificateLeftOut"],
    ["1.3", "wrongProof"],
    ["1.3", "proofLeftOut"],
    ["1.3", "proofOfOldScheme"],
    ["1.3", "certificateLeftOut"],
  ];
  test.each(UNPROVEN)("TLS %s: the right certificate, and %s", async (version, name) => {
    expect(await withDigest(version, { hooks: serverDeviation(name).begin() })).toEqual({
      entered: false,
      told: [],
    });
  });

  test.each(VERSIONS)("TLS %s: the right certificate with the key of another", async (version) => {
    const { key } = credential(await issue(stranger, NAF));
    expect(await withDigest(version, { credential: { ...credential(right), key } })).toEqual({
      entered: false,
      told: [],
    });
  });
});
