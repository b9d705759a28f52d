import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import {
  endedBySystem,
  goalOf,
  howEnded,
  type Reached,
  reach,
  reachAgain,
  requireKept,
} from "../property/over-path.ts";
import { changeOnce, judgeReplay, recordsSinceMark } from "../property/recorded.ts";
import { needing, USER_WAYS, type WayCode } from "../property/ways.ts";

const WHEN = ["at-once", "after-traffic", "other-connection"] as const;
/** Requests of the terminal between a record and its replay. */
const TRAFFIC = 3;

/** The connection into which the network plays: the one that it recorded, or another one of the same terminal. */
async function target(context: CaseContext, code: WayCode, recorded: Reached): Promise<Reached> {
  const when = context.parameters["when"];
  if (when === "other-connection") return reachAgain(context, code, recorded);
  requireKept(recorded);
  if (when === "at-once") return recorded;
  for (let more = 0; more < TRAFFIC; more += 1) await recorded.access.requestHere(goalOf(context, code));
  requireKept(recorded);
  return recorded;
}

export const replayedRecords: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L14-${code}-BI-01`,
      purpose:
        "Records that the network plays back, at once, later or on another connection, do not act again",
      requirements: ["1.4", "1.1", "3.1"],
      polarity: "replay",
      needs: needing(fields, { observes: ["state"] }),
      parameters: ["tls"],
      variants: { when: WHEN },
      clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 5246 6.2.3.1", "RFC 8446 5.3"],
      steps: [
        "a terminal in a visited network changes a state by a request, of which the network keeps the records",
        "the network sends them again at once, after other requests, or on another connection of the terminal",
        "the connection has ended, and the state is as it was after the first",
      ],
    },
    async (context) => {
      const { refusal, check } = context;
      const recorded = await reach(context, code);
      const state = context.state();
      const after = await changeOnce(context, recorded, state);
      const records = recordsSinceMark(recorded.connection);
      let ended = false;
      const trial = await refusal(async () => {
        const { access, connection } = await target(context, code, recorded);
        connection.insert("towards-server", records);
        const outcome = await access.requestHere(goalOf(context, code));
        ended = endedBySystem([outcome]);
        return { served: false, how: howEnded(outcome) };
      });
      await judgeReplay(context, state, after, trial.how);
      check("3.1", "that a record came twice is noticed: the connection ends", ended, trial.how);
    },
  ),
);
