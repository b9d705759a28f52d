import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import { serverShareIn } from "../../harness/protocols/tls/index.ts";
import { type Reached, reach, reachAgain, requireRecorded } from "../property/over-path.ts";
import { EVERY_WAY, needing, WAYS_IN, type WayCode } from "../property/ways.ts";

/** Connections of each kind. */
const CONNECTIONS = 3;

/** "1.3", "DHE_PSK": how a link agrees a fresh secret; undefined: it does not. */
const kindOf = ({ version, suite: { name } }: Link): string | undefined =>
  version === "1.3" ? version : /^TLS_((EC)?DHE\w*)_WITH/.exec(name)?.[1];

/** One link of each kind that is claimed, in each version. */
function ephemeralLinks({ ics }: CaseContext, code: WayCode): readonly Link[] {
  const found = new Map<string, Link>();
  for (const link of claimedLinks(ics, WAYS_IN[code])) {
    const kind = kindOf(link);
    const key = `${link.version} ${kind}`;
    if (kind !== undefined && !found.has(key)) found.set(key, link);
  }
  return [...found.values()];
}

/** What the enabler contributed, as hex; undefined: nothing. @throws Inconclusive when not all was recorded */
function shareOf({ network, connection, access: { session } }: Reached): string | undefined {
  requireRecorded(network);
  const records = connection.records("towards-client").map(({ octets }) => octets);
  return serverShareIn(records, session.suite)?.toString("hex");
}

/** The shares of some connections with the same key. */
async function shares(
  context: CaseContext,
  code: WayCode,
  { version, suite }: Link,
): Promise<readonly (string | undefined)[]> {
  // The engine offers both modes of TLS 1.3, so that the enabler has the choice.
  const options = { version, suites: [suite], client: "engine" } as const;
  const first = await reach(context, code, options);
  const all = [first];
  while (all.length < CONNECTIONS) all.push(await reachAgain(context, code, first, options));
  return all.map(shareOf);
}

export const forwardSecrecy: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BV-03`,
      purpose:
        "Where it is claimed, each connection agrees a secret of its own, so that a key which becomes known later opens nothing",
      requirements: ["5.1"],
      polarity: "valid",
      needs: needing(fields, { claims: { forwardSecrecy: [true] }, link: "ephemeral" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RD 3.2 forward secrecy", "RFC 4279 3", "RFC 8446 2.2, 4.2.9", "RFC 9325 7.4"],
      steps: [
        `with a suite of each kind that agrees a fresh secret, in each claimed version, a terminal enters ${CONNECTIONS} times with the same key; in TLS 1.3 it offers both modes`,
        "what the enabler contributes is there, and is another each time",
      ],
    },
    async (context) => {
      const { check } = context;
      for (const link of ephemeralLinks(context, code)) {
        const seen = await shares(context, code, link);
        const name = `TLS ${link.version}, ${link.suite.name}`;
        const there = seen.filter((share) => share !== undefined);
        const how = `${name}: ${there.length} of ${seen.length}`;
        // Only a pre-shared key makes secrets without a contribution; elsewhere one that is not seen was not read.
        if (code === "PSK")
          check(
            "5.1",
            "the enabler contributes to the secret of each connection",
            there.length === seen.length,
            how,
          );
        else if (there.length < seen.length)
          throw new Inconclusive(`the enabler's contribution cannot be read: ${how}`);
        if (there.length < 2) continue;
        check(
          "5.1",
          "no two connections have the same contribution",
          new Set(there).size === there.length,
          `${name}: ${new Set(there).size} different ones of ${there.length}`,
        );
      }
    },
  ),
);
