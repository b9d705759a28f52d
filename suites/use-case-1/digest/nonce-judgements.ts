import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import {
  type DigestAccess,
  gbaChallenges,
  recomputed,
  type SentRequest,
} from "../../../harness/roles/terminal/index.ts";
import type { HttpOutcome } from "../../../harness/wire/http-connection.ts";
import type { HttpResponse } from "../../../harness/wire/http-message.ts";
import { requireQop, sendingTrial, trialOf } from "./requests.ts";

/** Served, or told that only the nonce is at fault (RFC 7616 3.3). */
export function servedOrStale({ enabler }: CaseContext, outcome: HttpOutcome): boolean {
  return trialOf(enabler, outcome).served || (outcome.ok && isStale(outcome.response, enabler.serverName));
}

export function isStale(response: HttpResponse, fqdn: string): boolean {
  return response.status === 401 && gbaChallenges(response, fqdn).some(({ stale }) => stale);
}

/** A count that was used before, with a new cnonce and the right response, is refused. */
export async function checkUsed(context: CaseContext, access: DigestAccess, used: SentRequest, when: string) {
  await context.preamble("the challenge has a qop", async () => requireQop(access));
  const cnonce = `${used.fields.cnonce}0`;
  const again = recomputed({ ...used, fields: { ...used.fields, cnonce } }, access.secrets);
  const trial = await sendingTrial(context, access, again);
  context.check("1.1", `nothing protected is served for a used count, ${when}`, trial.refused, trial.how);
  context.check("1.4", `a count counts once, ${when}`, trial.refused, trial.how);
}
