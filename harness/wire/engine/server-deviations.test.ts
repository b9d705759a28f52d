/** The engine's server with the misbehaviours that both ends can show, judged by Node's client (OpenSSL). */
import { expect, test } from "vitest";
import { expectationOf, type TlsDeviationName, tlsDeviation } from "../../protocols/tls/index.ts";
import { suiteNamed } from "./testing/driven-client.ts";
import { ask, ciphersOf, listen, open, psk } from "./testing/engine-server.ts";

/** Of messages that a server sends too, and of records. */
const OF_BOTH_ENDS: readonly TlsDeviationName[] = [
  "wrongFinished",
  "wrongEndOfFinished",
  "emptyFinished",
  "longFinished",
  "omittedFinished",
  "dataForFinished",
  "repeatedFinished",
  "earlyApplicationData",
  "omittedChangeCipherSpec",
  "repeatedChangeCipherSpec",
  "strangeChangeCipherSpec",
  "alteredRecord",
  "alteredTag",
  "truncatedRecord",
  "extendedRecord",
  "repeatedRecord",
  "plaintextRecord",
  "unknownRecordType",
  "giantRecord",
  "fragmentedHandshake",
  "fragmentedData",
  "emptyDataRecord",
];
const SUITE = {
  "1.2": suiteNamed("TLS_PSK_WITH_AES_128_GCM_SHA256"),
  "1.3": suiteNamed("TLS_AES_128_GCM_SHA256"),
} as const;
const ROWS = (["1.2", "1.3"] as const).flatMap((version) =>
  OF_BOTH_ENDS.filter((name) => tlsDeviation(name).versions.includes(version)).map(
    (name) => [name, version] as const,
  ),
);

/** What a client hears that asks twice: a repeated record is noticed with the one behind it. */
async function hears(name: TlsDeviationName | undefined, version: "1.2" | "1.3"): Promise<string> {
  const { port } = await listen(name === undefined ? {} : { hooks: tlsDeviation(name).begin() });
  try {
    const socket = await open(port, version, { ...psk, ...ciphersOf(SUITE[version]) });
    const first = await ask(socket, "one");
    return `${first}${await ask(socket, "two")}`;
  } catch {
    return "ended";
  }
}

test.each(["1.2", "1.3"] as const)("TLS %s without any", async (version) => {
  expect(await hears(undefined, version)).toBe("[one][two]");
});

test.each(ROWS)("%s in TLS %s", async (name, version) => {
  const expected = expectationOf(name, version);
  const heard = await hears(name, version);
  if (expected === "refuse") expect(heard).not.toBe("[one][two]");
  if (expected === "accept") expect(heard).toBe("[one][two]");
});
