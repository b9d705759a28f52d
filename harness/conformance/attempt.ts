import type { EntryOutcome } from "../roles/terminal/index.ts";
import { headerValues } from "../wire/http-message.ts";
import { describeEnding } from "../wire/observer.ts";
import type { Attempt, EnablerView, RefusalOptions, Trial } from "./case-context.ts";
import type { Controls } from "./controls.ts";
import type { TokenState } from "./observations.ts";
import { Inconclusive } from "./verdict.ts";

export interface AttemptInput {
  readonly enter: () => Promise<EntryOutcome>;
  readonly controls: Controls;
  readonly enabler: EnablerView;
  readonly state: TokenState | undefined;
  readonly options: RefusalOptions;
}

type Seen = Omit<Attempt, "refused">;

/** Enters, asks for the protected resource, then tries to change a state: all between two controls. */
export async function attempt(input: AttemptInput): Promise<Attempt> {
  let seen: Seen | undefined;
  const trial = async (): Promise<Trial> => {
    seen = await tryToEnter(input);
    return seen;
  };
  const outcome = await input.controls.around(trial, input.options, input.state);
  if (seen === undefined) throw new Error("the attempt was not carried out");
  return { ...seen, ...outcome };
}

async function tryToEnter({ enter, enabler, state }: AttemptInput): Promise<Seen> {
  const began = performance.now();
  const tookMs = () => Math.round(performance.now() - began);
  const entry = await enter();
  if (!entry.entered) {
    const how = describeEnding(entry.ending);
    // "Refused" counts only when TCP connected.
    if (!entry.tcpConnected) throw new Inconclusive(`TCP did not connect: ${how}`);
    return { served: false, how, handshakeCompleted: false, ending: entry.ending, tookMs: tookMs() };
  }
  const outcome = await entry.access.request(enabler.protectedResource);
  const took = tookMs();
  // Whether this acted is read by the control afterwards.
  if (state !== undefined && entry.access.session.alive) await entry.access.request(state.change);
  await entry.access.session.close();
  const common = { handshakeCompleted: true, tookMs: took };
  if (!outcome.ok) {
    return { ...common, served: false, how: describeEnding(outcome.ending), ending: outcome.ending };
  }
  const { response } = outcome;
  return {
    ...common,
    served: enabler.serves(response),
    how: `handshake completed, status ${response.status}`,
    status: response.status,
    challenges: headerValues(response, "www-authenticate"),
  };
}
