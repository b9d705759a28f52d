import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { Action, PathConnection, VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { type Disturbance, disturb, isNoticed, visit } from "../property/on-zn.ts";
import { USER_WAYS } from "../property/ways.ts";

const FIRST = { nth: 1, of: "application" } as const;
const DATA = 23;

/** Does this to the first record of the answers. */
const treating =
  (action: Action): Disturbance["act"] =>
  (network, connection) =>
    network.treat({ direction: "towards-client", which: FIRST, connection: connection.number, action });

/** The enabler's own question comes back to it, before the answer. */
function reflect(_: VisitedNetwork, connection: PathConnection): undefined {
  const own = connection.records("towards-server").findLast(({ octets }) => octets[0] === DATA);
  if (own === undefined) throw new Error("a question came, and no record of data");
  connection.insert("towards-client", own.octets);
}

const ONE = { terminals: 1, mayServe: 0 } as const;
const TWO = { terminals: 2, mayServe: 0 } as const;

const WAYS: ReadonlyMap<string, Disturbance> = new Map([
  ["altered-body", { ...ONE, act: treating({ kind: "alter", region: "middle" }) }],
  ["altered-tag", { ...ONE, act: treating({ kind: "alter", region: "tag" }) }],
  ["truncated", { ...ONE, act: treating({ kind: "truncate", octets: 1, mend: true }) }],
  ["reflected", { ...ONE, act: reflect }],
  // Of what is missing or out of order a receiver learns with the next record.
  ["dropped", { ...TWO, act: treating({ kind: "drop" }) }],
  ["swapped", { ...TWO, act: treating({ kind: "swap" }) }],
  // The first copy is as it should be, and whoever it is for may be served.
  ["repeated", { ...TWO, mayServe: 1, act: treating({ kind: "repeat" }) }],
  ["cut", { ...ONE, act: treating({ kind: "cut", where: "middle", how: "end" }) }],
]);

/** What the key manager makes of a change in the question is ours, and only shows that the enabler protects what it sends. */
async function observeProtection(context: CaseContext, network: VisitedNetwork): Promise<void> {
  const { terminal, keyManager, preamble, observe } = context;
  const { btid, credential } = await preamble("another terminal bootstraps", () => terminal.bootstrap());
  await network.mark();
  const treated = network.treat({
    direction: "towards-server",
    which: FIRST,
    action: { kind: "alter", region: "middle" },
  });
  // What is asked again on another connection would arrive.
  network.allowNew(false);
  await visit(context, terminal, credential);
  const asked = keyManager.requestsFor(btid).length;
  const how = treated.carriedOut ? `${asked} questions arrived` : (treated.whyNot ?? "no record came");
  observe("what the enabler asks is protected: a changed question does not arrive", how);
}

export const changedAnswers: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L31-${code}-BI-10`,
      purpose:
        "No key is taken from an answer of the key manager that was changed on the way, and the connection ends",
      requirements: ["3.1"],
      polarity: "invalid",
      parameters: [],
      variants: { way: [...WAYS.keys()] },
      clauses: [
        "RD 6 3.1 (between servers)",
        "RFC 5246 6.2.3, 6.2.3.1",
        "RFC 8446 5.2, 5.3",
        "RFC 6733 13.1",
      ],
      steps: [
        "a network stands between enabler and key manager, and a terminal is served over it",
        "terminals whose keys were never asked for enter, and the network does to the answer what the variant says",
        "the connection to the key manager ends, no other one comes about, and nobody is served",
        "where the answers come late and unchanged, the connection stands for longer than that",
        "the network carries everything again, and then is gone: each time a terminal is served",
      ],
      exclusive: true,
    },
    async (context) => {
      const { parameters, check, observe, networkOnZn } = context;
      const way = parameters["way"] ?? "";
      const disturbance = WAYS.get(way);
      if (disturbance === undefined) throw new RangeError(`no way ${way}`);
      await networkOnZn(async (network) => {
        const seen = await disturb(context, network, disturbance);
        check("3.1", "no key is taken from what was changed, or came behind it", seen.refused, seen.how);
        // A connection that was cut is over anyhow.
        if (way !== "cut") {
          const { noticed, how } = await isNoticed(context, network, disturbance, seen);
          check("3.1", "the change is noticed: the connection ends because of it", noticed, how);
        }
        observe("how it was refused", seen.how);
        if (way === "altered-body") await observeProtection(context, network);
      });
    },
  ),
);
