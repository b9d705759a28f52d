import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import { claimedLinks } from "../../harness/conformance/parameters.ts";
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
      parameters: [],
      clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 5246 7.3, F.1.4", "RFC 8446 2.2, 8"],
      steps: [
        "in each TLS version a terminal in a visited network is served, and resumes the session on another connection",
        "where it can, it changes a state there, and the network records the connection",
        "the network plays it back, flight by flight; the state is as it was",
      ],
    },
    async (context) => {
      const wayIn = code === "PSK" ? "uc1.psk-tls" : "uc1.https-digest";
      const links = claimedLinks(context.ics, wayIn);
      let resumed = 0;
      for (const version of new Set(links.map((link) => link.version))) {
        const suites = links.filter((link) => link.version === version).map(({ suite }) => suite);
        const sessions: ResumableSession[] = [];
        const how = { version, suites: suites.slice(0, 1) };
        const first = await reach(context, code, { ...how, onTicket: (session) => sessions.push(session) });
        const resume = sessions.at(-1);
        const again =
          resume === undefined ? undefined : await reachAgain(context, code, first, { ...how, resume });
        const goesOn = again?.access.session.resumed === true;
        context.observe(`a session of TLS ${version}`, goesOn ? "goes on" : "does not go on");
        if (again === undefined || !goesOn) continue;
        resumed += 1;
        await judgePlayback(context, again, { pace: "by-flight" });
      }
      if (resumed === 0) throw new NothingToAsk("the enabler resumes no session");
    },
  ),
);
