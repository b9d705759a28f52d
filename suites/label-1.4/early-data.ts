import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal, StateProbe } from "../../harness/conformance/case-context.ts";
import { claimedLinks } from "../../harness/conformance/parameters.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import type { VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { howEnded } from "../property/over-path.ts";
import { describeReplay, judgeReplay, playBack } from "../property/recorded.ts";
import { needing, USER_WAYS } from "../property/ways.ts";

/** What the enabler said of the request that came before the handshake. */
type Fate = "accepted" | "refused" | "connection refused";

/** Enters with a request in early data; after a refusal the request is made again, as RFC 8446 4.2.10 has it. */
async function enterEarly(
  context: CaseContext,
  { terminal, credential, state }: { terminal: CaseTerminal; credential: NafCredential; state: StateProbe },
): Promise<void> {
  const { ics, enabler, check, observe } = context;
  const link = claimedLinks(ics, "uc1.psk-tls").find(({ version }) => version === "1.3");
  const before = await state.read();
  const entry = await terminal.enter(credential, {
    version: "1.3",
    ...(link === undefined ? {} : { suites: [link.suite] }),
    earlyRequest: state.change,
  });
  const fate: Fate = entry.entered ? (entry.access.session.earlyData ?? "refused") : "connection refused";
  observe("early data", entry.entered ? fate : `${fate}: ${describeEnding(entry.ending)}`);
  if (entry.entered && fate === "accepted") {
    // What comes behind it is answered behind it: then the early request has acted, if it does.
    await entry.access.requestHere(enabler.protectedResource);
    return;
  }
  const after = await state.read();
  const seen = `${fate}, state ${before}, then ${after}`;
  check(
    "1.4",
    "a request in early data that was refused does not act: it is to be made again",
    after === before,
    seen,
  );
  if (!entry.entered) return;
  const outcome = await entry.access.requestHere(state.change);
  observe("the same request behind the handshake", howEnded(outcome));
}

/** The first flight holds ClientHello, binder and early data: at once on a connection of its own. */
async function replayEarly(context: CaseContext, network: VisitedNetwork, state: StateProbe): Promise<void> {
  const { preamble, refusal } = context;
  const settled = await state.read();
  const connection = await preamble("a connection to play back", async () => {
    const last = network.connections.at(-1);
    if (last === undefined) throw new Error("the terminal did not connect through the path");
    return last;
  });
  const trial = await refusal(async () => {
    const replay = await playBack(context, { network, connection }, { pace: "at-once", flights: 1 });
    return { served: false, how: describeReplay(replay) };
  });
  await judgeReplay(context, state, settled, trial.how);
}

export const replayedEarlyData: readonly TestCase[] = USER_WAYS.filter(({ code }) => code === "PSK").map(
  ({ code, fields }) =>
    testCase(
      {
        ...fields,
        id: `L14-${code}-BI-04`,
        purpose: "A request in early data acts once at most, also when the network plays it back",
        requirements: ["1.4", "1.1"],
        polarity: "replay",
        needs: needing(fields, { observes: ["state"], tls: "1.3" }),
        parameters: [],
        clauses: ["RD 6 1.4", "RD 3.2 replay protection", "RFC 8446 2.3, 4.2.10, 8"],
        steps: [
          "a terminal in a visited network sends a request that changes a state behind its ClientHello, protected by its pre-shared key",
          "when the enabler refuses it, the state is what it was, and the terminal makes the request again",
          "the network plays ClientHello and early data back on a connection of its own: the state does not change again",
        ],
      },
      async (context) => {
        const { preamble, visitedNetwork, anotherTerminal } = context;
        const network = await preamble("a visited network", visitedNetwork);
        const terminal = anotherTerminal({ behind: network });
        const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
        const state = context.state();
        await enterEarly(context, { terminal, credential, state });
        await replayEarly(context, network, state);
      },
    ),
);
