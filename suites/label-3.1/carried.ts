import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, EntryOptions } from "../../harness/conformance/case-context.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import type { Treatment } from "../../harness/roles/visited-network/index.ts";
import type { HttpOutcome } from "../../harness/wire/http-connection.ts";
import {
  actingOf,
  goalOf,
  howEnded,
  isServed,
  type Reached,
  reach,
  reachAgain,
} from "../property/over-path.ts";
import { EVERY_WAY, type WayCode } from "../property/ways.ts";

/** What every receiver has to bear: from the path, or from a terminal that uses its freedom. */
const MANNERS: ReadonlyMap<
  string,
  { readonly treatments: readonly Treatment[]; readonly options?: EntryOptions }
> = new Map([
  [
    "small-segments",
    {
      treatments: (["towards-server", "towards-client"] as const).map((direction) => ({
        direction,
        which: { nth: "every", of: "any" },
        action: { kind: "fragment", octets: 200 },
      })),
    },
  ],
  [
    "hello-in-pieces",
    {
      treatments: [
        {
          direction: "towards-server",
          which: { nth: 1, of: "handshake" },
          action: { kind: "refragment", octets: 40 },
        },
      ],
    },
  ],
  ["handshake-in-pieces", { treatments: [], options: { misbehaviour: "fragmentedHandshake" } }],
  ["octet-by-octet", { treatments: [], options: { misbehaviour: "fragmentedData" } }],
  ["empty-record", { treatments: [], options: { misbehaviour: "emptyDataRecord" } }],
]);

/** What the terminal makes of a change in what the enabler sends: that is ours, and only shows that it is protected. */
async function observeProtection(context: CaseContext, code: WayCode, reached: Reached): Promise<void> {
  const { access, connection, network } = reached;
  if (!access.session.alive) return;
  const treated = network.treat({
    direction: "towards-client",
    which: { nth: 1, of: "application" },
    connection: connection.number,
    action: { kind: "alter", region: "middle" },
  });
  await network.mark();
  const outcome = await access.requestHere(goalOf(context, code));
  const how = treated.carriedOut ? howEnded(outcome) : (treated.whyNot ?? "no record came");
  context.observe("what the enabler sends is protected: the terminal notices a change", how);
}

type Arrival = { readonly ok: true; readonly value: Reached } | { readonly ok: false; readonly how: string };

/** Whether the terminal gets in is the question here, so that not getting in is an answer. */
async function arrive(
  context: CaseContext,
  code: WayCode,
  usual: Reached,
  options: EntryOptions = {},
): Promise<Arrival> {
  try {
    return { ok: true, value: await reachAgain(context, code, usual, options) };
  } catch (error) {
    if (error instanceof Inconclusive) return { ok: false, how: error.message };
    throw error;
  }
}

/** What does not work without the network either is not the question here. @throws Inconclusive */
async function requireUsual(context: CaseContext, code: WayCode): Promise<Reached> {
  const usual = await reach(context, code);
  const change = actingOf(context, code);
  await context.preamble("a request acts that comes as usual", async () => {
    const before = await change.read();
    const outcome = await usual.access.request(change.request);
    if (!hasActed(context, code, outcome, [before, await change.read()])) throw new Error(howEnded(outcome));
  });
  return usual;
}

/** The state has changed; where there is none, the answer tells. */
function hasActed(
  context: CaseContext,
  code: WayCode,
  outcome: HttpOutcome,
  [before, after]: readonly (string | undefined)[],
): boolean {
  if (!actingOf(context, code).observable) return isServed(context, code, outcome);
  return outcome.ok && after !== before;
}

export const carriedData: readonly TestCase[] = EVERY_WAY.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L31-${code}-BV-01`,
      purpose: "Data that arrives in small pieces, in records that hold little or nothing, arrives unchanged",
      requirements: ["3.1"],
      polarity: "valid",
      parameters: ["tls"],
      variants: { manner: [...MANNERS.keys()] },
      clauses: ["RD 6 3.1", "RFC 5246 6.2.1", "RFC 8446 5.1, 5.4", "RFC 9293 3.8"],
      steps: [
        "a terminal enters through a visited network, in the manner of the variant",
        "it is served, and a request that changes a state changes it",
        "one bit of what the enabler answers is changed; what the terminal makes of it is recorded",
      ],
    },
    async (context) => {
      const { parameters, check, preamble, visitedNetwork } = context;
      const manner = MANNERS.get(parameters["manner"] ?? "");
      const network = await preamble("a visited network", visitedNetwork);
      const usual = await requireUsual(context, code);
      for (const one of manner?.treatments ?? []) network.treat(one);
      const change = actingOf(context, code);
      const before = await change.read();
      const reached = await arrive(context, code, usual, manner?.options);
      const outcome = reached.ok ? await reached.value.access.request(change.request) : undefined;
      const after = await change.read();
      const acted = outcome !== undefined && hasActed(context, code, outcome, [before, after]);
      const seen = `${reached.ok ? "served" : reached.how}, state ${before}, then ${after}`;
      check("3.1", "the terminal is served, and what it sends arrives as it was sent: it acts", acted, seen);
      if (!reached.ok) return;
      // What the path treats already it cannot treat again.
      if (manner?.treatments.every(({ which }) => which.nth !== "every"))
        await observeProtection(context, code, reached.value);
    },
  ),
);
