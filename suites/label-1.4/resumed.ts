import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { ResumableSession } from "../../harness/protocols/tls/index.ts";
import { reach, reachAgain } from "../property/over-path.ts";
import { needing, USER_WAYS } from "../property/ways.ts";
import { judgePlayback } from "./connections.ts";

export const replayedResumptions: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L14-${code}-BI-03`,
      purpose: "A connection on which an earlier session goes on does not act again when it is played back",
      requirements: ["1.4", "1.1"],
      polarity: "replay",
      needs: needing(fields, { observes: ["state"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 5246 7.3, F.1.4", "RFC 8446 2.2, 8"],
      steps: [
        "a terminal in a visited network is served, and resumes the session on another connection",
        "it changes a state there, and the network records the connection",
        "the network plays it back, flight by flight; the state is as it was",
      ],
    },
    async (context) => {
      const sessions: ResumableSession[] = [];
      const first = await reach(context, code, { onTicket: (session) => sessions.push(session) });
      const resume = sessions.at(-1);
      if (resume === undefined) throw new NothingToAsk("the enabler gives nothing to resume a session with");
      const again = await reachAgain(context, code, first, { resume });
      if (!again.access.session.resumed) throw new NothingToAsk("the enabler resumes no session");
      await judgePlayback(context, again, { pace: "by-flight" });
    },
  ),
);
