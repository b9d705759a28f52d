/** Every named deviation against Node's TLS (OpenSSL): what `expects` says is what an independent server does. */
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  deviationsIn,
  expectationOf,
  type TlsDeviationName,
  type TlsVersion,
  tlsDeviation,
} from "../../protocols/tls/index.ts";
import { listenTls } from "../testing/loopback.ts";
import { IDENTITY, KEY } from "../testing/tls-peers.ts";
import { EngineListener } from "./engine-listener.ts";
import { DrivenClient, suiteNamed } from "./testing/driven-client.ts";

const REQUEST = "first request;";
const MARKER = "second request;";

/** Deviations that are refused only after something right has been read, and what that is. */
const READ_BEFORE: Partial<Record<TlsDeviationName, string>> = {
  // The first copy is a record like any other; the second one must not be read.
  repeatedRecord: REQUEST,
};

/** What OpenSSL does where the clause leaves it open: a change here is worth a look, and no defect. */
const LEFT_OPEN: Partial<Record<TlsDeviationName, "refuses" | "accepts">> = {
  repeatedExtension: "refuses",
  emptyHandshakeRecord: "accepts",
  longKeyExchange: "refuses",
  strangeChangeCipherSpec: "refuses",
  otherRecordVersion: "accepts",
  warningAlert: "accepts",
};

interface Seen {
  /** Application data that the server's program got. */
  readonly reads: string;
  /** What the program's answers repeat of it. */
  readonly answers: string;
  readonly endedByServer: boolean;
}

const answers = ({ received }: DrivenClient): string => received.replaceAll(/[[\]]/g, "");

type Listen = (onRead: (text: string) => void) => Promise<{ readonly port: number }>;

const byNode: Listen = async (onRead) => {
  const { at } = await listenTls(
    {
      pskCallback: (_socket, identity) => (identity === IDENTITY ? KEY : null),
      ciphers: "TLS_AES_128_GCM_SHA256:PSK-AES128-CBC-SHA:@SECLEVEL=0",
      minVersion: "TLSv1",
    },
    (socket) =>
      socket.setEncoding("latin1").on("data", (text: string) => {
        onRead(text);
        socket.write(`[${text}]`);
      }),
  );
  return at;
};

const byEngine: Listen = async (onRead) => {
  const setup = {
    versions: ["1.0", "1.1", "1.2", "1.3"],
    suites: [suiteNamed("TLS_AES_128_GCM_SHA256"), suiteNamed("TLS_PSK_WITH_AES_128_CBC_SHA")],
    psk: { find: async () => Buffer.from(KEY) },
    random: (octets: number) => randomBytes(octets),
  } as const;
  const listener = await EngineListener.start(() => setup, {
    connection: (stream) =>
      stream.on("data", (octets: Buffer) => {
        onRead(octets.toString("latin1"));
        stream.write(`[${octets.toString("latin1")}]`);
      }),
  });
  onTestFinished(() => listener.close());
  return listener.address;
};

async function carryOut(
  name: TlsDeviationName | undefined,
  version: TlsVersion,
  listen: Listen,
): Promise<Seen> {
  let reads = "";
  const at = await listen((text) => {
    reads += text;
  });
  const suite = suiteNamed(version === "1.3" ? "TLS_AES_128_GCM_SHA256" : "TLS_PSK_WITH_AES_128_CBC_SHA");
  const client = new DrivenClient(
    at.port,
    { versions: [version], suites: [suite], psk: { identity: Buffer.from(IDENTITY), key: KEY } },
    name === undefined ? {} : tlsDeviation(name).begin(),
  );
  onTestFinished(() => client.destroy());
  await client.until(() => client.established !== undefined);
  if (client.established !== undefined) {
    client.send(REQUEST);
    client.send(MARKER);
    await client.until(() => answers(client).endsWith(MARKER));
  }
  return { reads, answers: answers(client), endedByServer: client.end !== undefined };
}

const VERSIONS = ["1.0", "1.1", "1.2", "1.3"] as const;
/** Of the many that stand in a wrong place only those are looked at for which a clause decides. */
const ROWS = VERSIONS.flatMap((version) =>
  deviationsIn(version)
    .filter((name) => !name.includes("@") || expectationOf(name, version) !== "either")
    .map((name) => [name, version] as const),
);
/** Open by the clause; or what is not opened looks like the begin of a long message, for whose end it waits. */
const OPEN_TO_ENGINE: readonly TlsDeviationName[] = ["emptyHandshakeRecord", "omittedChangeCipherSpec"];
/** Behind a fatal alert Node's socket says nothing and reads nothing: it does not end. */
const SILENT: readonly TlsDeviationName[] = ["fatalAlert@before-data"];

const ACCEPTED: Seen = { reads: REQUEST + MARKER, answers: REQUEST + MARKER, endedByServer: false };

describe.each([
  ["Node's TLS server", byNode, ROWS.filter(([name]) => !SILENT.includes(name))],
  ["the engine's own server", byEngine, ROWS.filter(([name]) => !OPEN_TO_ENGINE.includes(name))],
] as const)("against %s", (_peer, listen, rows) => {
  test.each(VERSIONS)("TLS %s without deviation is served", async (version) => {
    expect(await carryOut(undefined, version, listen)).toEqual(ACCEPTED);
  });

  test.each(rows)("%s in TLS %s", async (name, version) => {
    const expects = expectationOf(name, version);
    const outcome = expects === "either" ? LEFT_OPEN[name] : `${expects}s`;
    const read = READ_BEFORE[name] ?? "";
    const seen = await carryOut(name, version, listen);
    if (outcome === "accepts") expect(seen).toEqual(ACCEPTED);
    else {
      expect(outcome).toBe("refuses");
      expect(seen).toMatchObject({ reads: read, endedByServer: true });
      // An answer to what was right may or may not arrive before the end.
      expect(read.startsWith(seen.answers)).toBe(true);
    }
  });
});
