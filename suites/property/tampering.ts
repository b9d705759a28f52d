/** A record of data that the path treats on its way to the enabler, and what the enabler then did. */
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { Inconclusive } from "../../harness/conformance/verdict.ts";
import type { Action } from "../../harness/roles/visited-network/index.ts";
import {
  actingOf,
  alertOf,
  endedBySystem,
  goalOf,
  howEnded,
  type Reached,
  reach,
  requireKept,
} from "./over-path.ts";
import type { WayCode } from "./ways.ts";

export interface Tampering {
  /** What the path does to the first record of data; asked when the connection stands. */
  readonly action: (reached: Reached) => Action | Promise<Action>;
  /** The flight is two requests: the first one can act (default), or only the second one. */
  readonly acting?: "first" | "second";
}

export interface Tampered {
  /** The enabler ended the connection, and answered nothing that came after the change. */
  readonly ended: boolean;
  /** Nothing was served and no state changed, with controls before and after. */
  readonly refused: boolean;
  readonly alert: number | undefined;
  readonly how: string;
}

/** Treats the first of two requests on a connection that was served, between controls. */
export async function tamper(
  context: CaseContext,
  code: WayCode,
  { action, acting = "first" }: Tampering,
): Promise<Tampered> {
  const { refusal } = context;
  const change = actingOf(context, code);
  const goal = goalOf(context, code);
  const before = await change.read();
  let ended = false;
  let alert: number | undefined;
  const trial = await refusal(async () => {
    const reached = await reach(context, code);
    // What may act before the change must leave the connection open for what must not act behind it.
    if (acting === "second") requireKept(reached);
    const treated = reached.network.treat({
      direction: "towards-server",
      which: { nth: 1, of: "application" },
      connection: reached.connection.number,
      action: await action(reached),
    });
    const requests = acting === "first" ? [change.request, goal] : [goal, change.request];
    const outcomes = await reached.access.flightHere(requests);
    if (!treated.carriedOut)
      throw new Inconclusive(`${treated.describe()}: ${treated.whyNot ?? "no such record came by"}`);
    // Before the change takes effect, what was sent as it should be may be answered.
    const counted = acting === "first" ? outcomes : outcomes.slice(1);
    ended = endedBySystem(counted);
    requireTwoRecords(reached, ended);
    alert = alertOf(outcomes);
    const served = counted.some((one) => one.ok && one.response.status < 300);
    return { served, how: outcomes.map(howEnded).join(", then ") };
  });
  const after = await change.read();
  const state = before === after ? "" : `, but the state went from ${before} to ${after}`;
  return {
    ended,
    alert,
    refused: trial.refused && after === before,
    how: `${trial.how}${state}`,
  };
}

/** Without a second record a receiver cannot notice that the first one is missing. @throws Inconclusive */
function requireTwoRecords({ connection }: Reached, ended: boolean): void {
  const numbers = connection.records("towards-server").map(({ position }) => position.application ?? 0);
  // The count begins anew at the mark.
  if (!ended && (numbers.findLast((number) => number > 0) ?? 0) < 2)
    throw new Inconclusive("both requests went in one record of TLS, so that nothing came behind the change");
}
