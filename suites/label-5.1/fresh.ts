import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { RETRY_RANDOM } from "../../harness/protocols/tls/index.ts";
import { protectionOf } from "../../harness/roles/visited-network/index.ts";
import { goalOf, type Reached, reach, reachAgain } from "../property/over-path.ts";
import { EVERY_WAY, type WayCode } from "../property/ways.ts";

/** Connections with the same pre-shared key, and requests on each. */
const CONNECTIONS = 3;
const REQUESTS = 4;
const RECORD_HEADER = 5;
/** ServerHello behind the headers of record and message: version, then 32 octets of random (RFC 5246 7.4.1.3). */
const RANDOM = { at: RECORD_HEADER + 4 + 2, octets: 32 } as const;

function serverRandom({ connection }: Reached): string | undefined {
  const randomOf = (nth: number) =>
    connection
      .record("towards-client", { nth, of: "handshake" })
      ?.octets.subarray(RANDOM.at, RANDOM.at + RANDOM.octets);
  const first = randomOf(1);
  // A HelloRetryRequest says so by its random (RFC 8446 4.1.3).
  return (first?.equals(RETRY_RANDOM) === true ? randomOf(2) : first)?.toString("hex");
}

/**
 * What each record of the enabler says in clear of its nonce or IV (RFC 5246 6.2.3.2, RFC 5288 3); nothing where it
 * follows from the number of the record, or from the record before.
 */
function noncesOf({ access: { session }, connection }: Reached): readonly string[] {
  const protection = protectionOf(session.version, session.suite);
  const octets =
    protection.kind === "aead" ? protection.nonce : protection.kind === "cbc" ? protection.iv : 0;
  if (octets === 0) return [];
  return connection
    .records("towards-client")
    .filter(({ position }) => position.application !== undefined)
    .map((record) => record.octets.subarray(RECORD_HEADER, RECORD_HEADER + octets).toString("hex"));
}

const repeated = (values: readonly string[]): number => values.length - new Set(values).size;

/** RD 3.2 session formation: what one connection agreed upon says nothing of the next. */
async function connections(context: CaseContext, code: WayCode): Promise<readonly Reached[]> {
  const first = await reach(context, code);
  const all = [first];
  while (all.length < CONNECTIONS) all.push(await reachAgain(context, code, first));
  for (const { access } of all)
    for (let more = 0; more < REQUESTS && access.session.alive; more += 1)
      await access.requestHere(goalOf(context, code));
  return all;
}

export const freshKeys: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BV-01`,
      purpose: "Each connection has keys of its own, and no nonce or IV comes twice on it",
      requirements: ["5.1"],
      polarity: "valid",
      parameters: ["tls", "suite"],
      clauses: [
        "RD 6 5.1",
        "RD 3.2 session formation",
        "RFC 5246 6.2.3.2, F.1.4",
        "RFC 5288 3",
        "RFC 8446 4.1.3",
      ],
      steps: [
        `a terminal in a visited network enters ${CONNECTIONS} times with the same key, and asks ${REQUESTS} times each`,
        "the enabler's random numbers and what either end derives of each connection are compared, and the nonces of its records",
      ],
    },
    async (context) => {
      const { check, observe } = context;
      const all = await connections(context, code);
      const randoms = all.map(serverRandom).filter((one) => one !== undefined);
      check(
        "5.1",
        "the enabler's part of each handshake is fresh",
        randoms.length === all.length && repeated(randoms) === 0,
        `${all.length} handshakes, ${repeated(randoms)} random numbers come again`,
      );
      const nonces = all.map(noncesOf);
      check(
        "5.1",
        "no nonce or IV of a connection comes twice",
        nonces.every((one) => repeated(one) === 0),
        nonces.map((one) => `${one.length} records, ${repeated(one)} come again`).join("; "),
      );
      observe(
        "the terminal derives its own from each",
        `${new Set(all.map(bindingOf)).size} of ${all.length}`,
      );
    },
  ),
);

const bindingOf = ({ access: { session } }: Reached): string =>
  Buffer.from(session.channelBinding ?? []).toString("hex");
