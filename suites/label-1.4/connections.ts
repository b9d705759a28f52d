import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import type { ReplayOptions } from "../../harness/roles/visited-network/index.ts";
import { type Reached, reach } from "../property/over-path.ts";
import { changeOnce, describeReplay, judgeReplay, playBack } from "../property/recorded.ts";
import { needing, USER_WAYS } from "../property/ways.ts";

const PLAYBACKS: ReadonlyMap<string, Pick<ReplayOptions, "pace" | "flights">> = new Map([
  ["by-flight", { pace: "by-flight" }],
  ["at-once", { pace: "at-once" }],
  // Up to TLS 1.2 the ClientHello alone; in TLS 1.3 the binder of the pre-shared key stands in it.
  ["first-flight", { pace: "at-once", flights: 1 }],
  ["two-flights", { pace: "by-flight", flights: 2 }],
]);

/** A connection on which a request acted is played back between controls, and the state judges. */
export async function judgePlayback(
  context: CaseContext,
  recorded: Reached,
  how: Pick<ReplayOptions, "pace" | "flights">,
): Promise<void> {
  const state = context.state();
  const after = await changeOnce(context, recorded, state);
  const trial = await context.refusal(async () => {
    return { served: false, how: describeReplay(await playBack(context, recorded, how)) };
  });
  await judgeReplay(context, state, after, trial.how);
}

export const replayedConnections: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L14-${code}-BI-02`,
      purpose: "A whole connection, or its first flights, that the network plays back does not act again",
      requirements: ["1.4", "1.1"],
      polarity: "replay",
      needs: needing(fields, { observes: ["state"] }),
      parameters: ["tls"],
      variants: { playback: [...PLAYBACKS.keys()] },
      clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 5246 F.1.4", "RFC 8446 2.3, 8, 4.2.11"],
      steps: [
        "a terminal in a visited network changes a state, and the network records the connection from its ClientHello on",
        "the network plays it back on a connection of its own, flight by flight, at once, or its first flights alone",
        "the state is as it was after the first",
      ],
    },
    async (context) => {
      const playback = PLAYBACKS.get(context.parameters["playback"] ?? "") ?? { pace: "by-flight" };
      await judgePlayback(context, await reach(context, code), playback);
    },
  ),
);
