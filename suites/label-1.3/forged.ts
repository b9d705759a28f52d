import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { Action } from "../../harness/roles/visited-network/index.ts";
import { actingOf, endedBySystem, goalOf, howEnded, reach, requireKept } from "../property/over-path.ts";
import { tamper } from "../property/tampering.ts";
import { USER_WAYS, type WayCode } from "../property/ways.ts";

const FORGERIES = ["plain-request", "random-octets", "of-another-user", "altered", "truncated"] as const;

/** A record with a request that another user made on a session of its own. @throws Error when none came by */
async function recordOfAnother(context: CaseContext, code: WayCode): Promise<Uint8Array> {
  const other = await reach(context, code);
  await other.access.requestHere(goalOf(context, code));
  const record = other.connection.record("towards-server", { nth: 1, of: "application" });
  if (record === undefined) throw new Error("no record of another session came by");
  return record.octets;
}

export const forgedRecords: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L13-${code}-BI-01`,
      purpose:
        "What the network puts among the records of a terminal, or makes of one, is not taken for its own",
      requirements: ["1.3", "3.1"],
      polarity: "invalid",
      parameters: ["tls"],
      variants: { forgery: FORGERIES },
      clauses: ["RD 6 1.3", "RD 3.2 message authentication", "RFC 5246 6.2.3, 6.3", "RFC 8446 5.2, 7.1"],
      steps: [
        "a terminal in a visited network is served",
        "the network puts something before its next record, or puts another user's in its place, or changes it",
        "the connection has ended, nothing that follows is answered, and the state is what it was",
      ],
    },
    async (context) => {
      const { parameters, preamble, check, observe } = context;
      const seen = await tamper(context, code, {
        action: async (): Promise<Action> => {
          switch (parameters["forgery"]) {
            case "plain-request":
              return { kind: "inject", what: "plain" };
            case "random-octets":
              return { kind: "inject", what: "random" };
            case "altered":
              return { kind: "alter", region: "middle" };
            case "truncated":
              return { kind: "truncate", octets: 1, mend: true };
            default:
              return {
                kind: "splice",
                record: await preamble("another user's record", () => recordOfAnother(context, code)),
              };
          }
        },
      });
      check("3.1", "what was put there is noticed: the connection ends", seen.ended, seen.how);
      check("1.3", "nothing of it acts, and nothing that follows it", seen.refused, seen.how);
      observe("how it was refused", seen.how);
    },
  ),
);

/** RD 3.2 consistent view: each end knows who said what, also when the enabler hears its own words. */
export const reflectedRecord: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L13-${code}-BI-02`,
      purpose: "A record of the enabler's own that the network sends back is not taken for the terminal's",
      requirements: ["1.3", "3.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 6 1.3", "RD 3.2 consistent view", "RFC 5246 6.3", "RFC 8446 7.3"],
      steps: [
        "a terminal in a visited network is served, and the network sends the record of the answer back to the enabler too",
        "the terminal sends a request that changes a state on this connection",
        "the connection has ended, the request is not answered, and the state is what it was",
      ],
    },
    async (context) => {
      const { refusal, preamble, check, observe } = context;
      const change = actingOf(context, code);
      const before = await change.read();
      let ended = false;
      const trial = await refusal(async () => {
        const reached = await reach(context, code);
        requireKept(reached);
        const treated = reached.network.treat({
          direction: "towards-client",
          which: { nth: 1, of: "application" },
          connection: reached.connection.number,
          action: { kind: "reflect", pass: true },
        });
        await reached.access.requestHere(goalOf(context, code));
        await preamble("a record is sent back", async () => {
          if (!treated.carriedOut) throw new Error(treated.whyNot ?? "no such record came by");
        });
        const outcome = await reached.access.requestHere(change.request);
        ended = endedBySystem([outcome]);
        return { served: outcome.ok && outcome.response.status < 300, how: howEnded(outcome) };
      });
      const after = await change.read();
      const seen = after === before ? trial.how : `${trial.how}, state ${before}, then ${after}`;
      check("3.1", "the enabler notices its own words: the connection ends", ended, seen);
      check("1.3", "nothing that follows acts or is answered", trial.refused && after === before, seen);
      observe("how it was refused", seen);
    },
  ),
);
