import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, EntryOptions } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import { protectionOf } from "../../harness/roles/visited-network/index.ts";
import {
  alertOf,
  endedBySystem,
  goalOf,
  howEnded,
  type Reached,
  reachAgain,
  reachIfServed,
} from "../property/over-path.ts";
import { needing, USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";
import { rankSum } from "./rank-sum.ts";

/** Connections with each of the two changes. */
const EACH = 16;

const CHANGES = ["padding", "tag"] as const;
type Change = (typeof CHANGES)[number];

/** One link of each version and MAC that has CBC with the MAC inside. */
function cbcLinks({ ics }: CaseContext, code: WayCode): readonly Link[] {
  const found = new Map<string, Link>();
  for (const link of claimedLinks(ics, WAYS_IN[code])) {
    const mac = /_CBC_(\w+)$/.exec(link.suite.name)?.[1];
    const key = `${link.version} ${mac}`;
    if (mac !== undefined && !found.has(key)) found.set(key, link);
  }
  return [...found.values()];
}

/** How connections ended whose first record of data was changed so. */
interface Endings {
  readonly alerts: (number | undefined)[];
  /** Milliseconds from the request to the end. */
  readonly times: number[];
}

/** One connection more, with the change. @throws Inconclusive when the enabler notices nothing */
async function changeOnce(
  context: CaseContext,
  code: WayCode,
  reached: Reached,
  change: Change,
  into: Endings,
): Promise<void> {
  const { network, connection, access } = reached;
  const { version, suite } = access.session;
  const treated = network.treat({
    direction: "towards-server",
    which: { nth: 1, of: "application" },
    connection: connection.number,
    // Whatever number of padding octets is said, with this bit it is another one that they are not.
    action: { kind: "alter", region: change, bit: 4, protection: protectionOf(version, suite, false) },
  });
  const began = performance.now();
  const outcomes = await access.flightHere([goalOf(context, code)]);
  const took = performance.now() - began;
  if (!treated.carriedOut) throw new Inconclusive(treated.whyNot ?? "no record of data came by");
  if (!endedBySystem(outcomes))
    throw new Inconclusive(`a changed record did not end the connection: ${outcomes.map(howEnded).join()}`);
  into.alerts.push(alertOf(outcomes));
  into.times.push(took);
}

/** undefined: the enabler serves nobody with this link who does not encrypt before the MAC. */
async function endings(
  context: CaseContext,
  code: WayCode,
  link: Link,
): Promise<Readonly<Record<Change, Endings>> | undefined> {
  const options: EntryOptions = {
    version: link.version,
    suites: [link.suite],
    client: "engine",
    offering: { encryptThenMac: false },
  };
  const seen = { padding: { alerts: [], times: [] }, tag: { alerts: [], times: [] } };
  const first = await reachIfServed(context, code, options);
  if (first === undefined) return undefined;
  for (let nth = 0; nth < EACH; nth += 1)
    // In turn, so that what the machine does meanwhile meets both alike.
    for (const change of nth % 2 === 0 ? CHANGES : CHANGES.toReversed())
      await changeOnce(context, code, await reachAgain(context, code, first, options), change, seen[change]);
  return seen;
}

const namesOf = (alerts: readonly (number | undefined)[]): string =>
  [...new Set(alerts.map((alert) => alert ?? "none seen"))].join(" or ");

/**
 * A reset overtakes an alert where octets are left unread, so that an alert which was not seen once tells nothing: only
 * when it is never seen behind the one change and mostly behind the other.
 */
function sameAnswer({ padding, tag }: Readonly<Record<Change, Endings>>): boolean {
  const told = (alerts: readonly (number | undefined)[]) => alerts.filter((alert) => alert !== undefined);
  const [one, other] = [told(padding.alerts), told(tag.alerts)];
  if (one.length === 0 || other.length === 0) return one.length + other.length < EACH / 2;
  return new Set([...one, ...other]).size === 1;
}

function judge(context: CaseContext, link: Link, seen: Readonly<Record<Change, Endings>>): void {
  const { check, observe } = context;
  const name = `TLS ${link.version}, ${link.suite.name}`;
  const { padding, tag } = seen;
  const how = `${name}: alert ${namesOf(padding.alerts)} behind wrong padding, ${namesOf(tag.alerts)} behind a wrong MAC`;
  const told21 = [...padding.alerts, ...tag.alerts].includes(21);
  // TLS 1.0 had an alert for it (RFC 2246 7.2.2).
  if (link.version === "1.0") observe("how a wrong padding and a wrong MAC are answered", how);
  else {
    check("4.1", "wrong padding is answered as a wrong MAC is", sameAnswer(seen), how);
    check("4.1", "no alert tells that decryption failed", !told21, how);
  }
  const { p, medians } = rankSum(padding.times, tag.times);
  const [ofPadding, ofTag] = medians.map((ms) => ms.toFixed(2));
  observe(
    "time until the connection ended",
    `${name}: ${ofPadding} ms behind wrong padding, ${ofTag} ms behind a wrong MAC (medians of ${EACH}); such a difference comes about by chance with p = ${p.toPrecision(2)}`,
  );
}

export const paddingAnswers: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L41-${code}-BI-01`,
      purpose:
        "What is wrong with a record is not told, so that nobody can guess what it holds octet by octet",
      requirements: ["4.1"],
      polarity: "invalid",
      needs: needing(fields, { link: "CBC" }),
      parameters: [],
      clauses: ["RD 6 4.1", "RFC 5246 6.2.3.2, 7.2.2", "RFC 7457 2.4, 2.5"],
      steps: [
        "in each claimed version with CBC and each MAC, a terminal in a visited network that does not offer to encrypt before the MAC is served on many connections",
        `on ${EACH} of them the padding of its next record is changed, and on ${EACH} the MAC, in turn`,
        "the enabler answers both alike; the times are compared by their ranks and reported",
      ],
    },
    async (context) => {
      let judged = 0;
      for (const link of cbcLinks(context, code)) {
        const seen = await endings(context, code, link);
        if (seen === undefined) continue;
        judge(context, link, seen);
        if (link.version !== "1.0") judged += 1;
      }
      if (judged === 0)
        throw new NothingToAsk(
          "no version from TLS 1.1 on is served with the MAC inside: nothing is to be told apart",
        );
    },
  ),
);
