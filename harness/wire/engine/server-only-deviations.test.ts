/** Misbehaviour that only a server can show, judged by Node's client (OpenSSL) and by the engine's own. */
import { describe, expect, test } from "vitest";
import { SERVER_DEVIATIONS, type ServerDeviationName, serverDeviation } from "../../protocols/tls/index.ts";
import { IDENTITY, KEY, NAME } from "../testing/tls-peers.ts";
import { DrivenClient, suiteNamed } from "./testing/driven-client.ts";
import { ask, ciphersOf, listen, open, psk } from "./testing/engine-server.ts";

type Version = "1.2" | "1.3";
type Authentication = "psk" | "certificate";

const suiteOf = (version: Version, authentication: Authentication) =>
  version === "1.3"
    ? suiteNamed("TLS_AES_128_GCM_SHA256")
    : suiteNamed(
        authentication === "psk"
          ? "TLS_PSK_WITH_AES_128_GCM_SHA256"
          : "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      );

/** What a client hears of its text, or nothing. */
type Hears = (port: number, version: Version, authentication: Authentication) => Promise<string>;

const byNode: Hears = async (port, version, authentication) => {
  const own = authentication === "psk" ? psk : {};
  try {
    return await ask(
      await open(port, version, { ...own, ...ciphersOf(suiteOf(version, authentication)) }),
      "one",
    );
  } catch {
    return "";
  }
};

const byEngine: Hears = async (port, version, authentication) => {
  const client = new DrivenClient(port, {
    versions: [version],
    suites: [suiteOf(version, authentication)],
    serverName: NAME,
    ...(authentication === "psk" ? { psk: { identity: Buffer.from(IDENTITY), key: Buffer.from(KEY) } } : {}),
    ...(version === "1.3" ? { pskModes: ["psk_dhe_ke"] } : {}),
  });
  await client.until(() => client.established !== undefined);
  if (client.established !== undefined && client.end === undefined) client.send("one");
  await client.until(() => client.received.endsWith("]"));
  client.close();
  return client.received;
};

const VERSIONS = ["1.2", "1.3"] as const;
const AUTHENTICATIONS = ["psk", "certificate"] as const;
// The keys of a record of ours are its type's.
const NAMES = Object.keys(SERVER_DEVIATIONS) as ServerDeviationName[];
const ROWS = NAMES.flatMap((name) =>
  VERSIONS.filter((version) => serverDeviation(name).versions.includes(version)).flatMap((version) =>
    AUTHENTICATIONS.filter((one) => (serverDeviation(name).authentication ?? one) === one).map(
      (authentication) => [name, version, authentication] as const,
    ),
  ),
);

/** OpenSSL passes over an extension that it does not know, where the clauses have it end the handshake. */
const NODE_TAKES: readonly ServerDeviationName[] = ["extensionOfNobody"];

const NOTHING: readonly ServerDeviationName[] = [];

describe.each([
  ["Node's client", byNode, NODE_TAKES],
  ["the engine's client", byEngine, NOTHING],
] as const)("%s", (_who, hears, takes) => {
  test.each(VERSIONS.flatMap((version) => AUTHENTICATIONS.map((one) => [version, one] as const)))(
    "is served in TLS %s by %s without any",
    async (version, authentication) => {
      const { port } = await listen();
      expect(await hears(port, version, authentication)).toBe("[one]");
    },
  );

  test.each(ROWS)("%s in TLS %s by %s", async (name, version, authentication) => {
    const { port } = await listen({ hooks: serverDeviation(name).begin() });
    const goesOn = serverDeviation(name).expects === "accept" || takes.includes(name);
    expect(await hears(port, version, authentication)).toBe(goesOn ? "[one]" : "");
  });
});

test("each has a title and a clause of its own", () => {
  const described = NAMES.map(serverDeviation);
  expect(new Set(described.map(({ title }) => title)).size).toBe(NAMES.length);
  for (const { title, clause } of described) {
    expect(title).not.toMatch(/\.$/);
    expect(clause).toMatch(/^RFC \d{4} /);
  }
});
