/** Every named deviation against Node's TLS (OpenSSL): what `expects` says is what an independent server does. */
import { describe, expect, onTestFinished, test } from "vitest";
import { TLS_DEVIATIONS, type TlsDeviationName, type TlsVersion } from "../../protocols/tls/index.ts";
import { listenTls } from "../testing/loopback.ts";
import { IDENTITY, KEY } from "../testing/tls-peers.ts";
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

async function carryOut(name: TlsDeviationName | undefined, version: TlsVersion): Promise<Seen> {
  let reads = "";
  const { at } = await listenTls(
    {
      pskCallback: (_socket, identity) => (identity === IDENTITY ? KEY : null),
      ciphers: "TLS_AES_128_GCM_SHA256:PSK-AES128-CBC-SHA:@SECLEVEL=0",
      minVersion: "TLSv1",
    },
    (socket) =>
      socket.setEncoding("latin1").on("data", (text: string) => {
        reads += text;
        socket.write(`[${text}]`);
      }),
  );
  const suite = suiteNamed(version === "1.3" ? "TLS_AES_128_GCM_SHA256" : "TLS_PSK_WITH_AES_128_CBC_SHA");
  const client = new DrivenClient(
    at.port,
    { versions: [version], suites: [suite], psk: { identity: Buffer.from(IDENTITY), key: KEY } },
    name === undefined ? {} : TLS_DEVIATIONS[name].begin(),
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

// The keys of a record of ours are its type's.
const NAMES = Object.keys(TLS_DEVIATIONS) as TlsDeviationName[];
const ROWS = NAMES.flatMap((name) =>
  TLS_DEVIATIONS[name].versions.map((version) => [name, version] as const),
);

const ACCEPTED: Seen = { reads: REQUEST + MARKER, answers: REQUEST + MARKER, endedByServer: false };

describe("against Node's TLS server", () => {
  test.each(["1.0", "1.1", "1.2", "1.3"] as const)("TLS %s without deviation is served", async (version) => {
    expect(await carryOut(undefined, version)).toEqual(ACCEPTED);
  });

  test.each(ROWS)("%s in TLS %s", async (name, version) => {
    const { expects } = TLS_DEVIATIONS[name];
    const outcome = expects === "either" ? LEFT_OPEN[name] : `${expects}s`;
    const read = READ_BEFORE[name] ?? "";
    const seen = await carryOut(name, version);
    if (outcome === "accepts") expect(seen).toEqual(ACCEPTED);
    else {
      expect(outcome).toBe("refuses");
      expect(seen).toMatchObject({ reads: read, endedByServer: true });
      // An answer to what was right may or may not arrive before the end.
      expect(read.startsWith(seen.answers)).toBe(true);
    }
  });
});
