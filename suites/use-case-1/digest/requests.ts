/** What the cases of HTTP Digest do with requests: steps of stories, no judgements but the form of a 401. */
import type {
  CaseContext,
  CaseTerminal,
  EntryOptions,
  StateProbe,
  Trial,
} from "../../../harness/conformance/case-context.ts";
import { serializeAuthorization } from "../../../harness/protocols/digest/index.ts";
import type {
  ApplicationRequest,
  DigestAccess,
  DigestDeviation,
  NafCredential,
  SentRequest,
} from "../../../harness/roles/terminal/index.ts";
import type { HttpOutcome } from "../../../harness/wire/http-connection.ts";
import { headerValues } from "../../../harness/wire/http-message.ts";
import { describeEnding } from "../../../harness/wire/observer.ts";
import { checkChallenged } from "../challenge.ts";

export function howEnded(outcome: HttpOutcome): string {
  return outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
}

/** A TLS connection on which nothing was asked yet. @throws Error when there is none */
export async function open(
  terminal: CaseTerminal,
  credential: NafCredential,
  options?: EntryOptions,
): Promise<DigestAccess> {
  const entry = await terminal.enterWithDigest(credential, options);
  if (!entry.entered) throw new Error(describeEnding(entry.ending));
  return entry.access;
}

/** Asks without credentials and takes the challenge up. @throws Error when none comes */
export async function challenge(access: DigestAccess, request: ApplicationRequest): Promise<DigestAccess> {
  const outcome = await access.ask(request);
  if (!outcome.ok || !access.take(outcome.response)) throw new Error(`no challenge: ${howEnded(outcome)}`);
  return access;
}

export function trialOf(enabler: CaseContext["enabler"], outcome: HttpOutcome): Trial {
  return { served: outcome.ok && enabler.serves(outcome.response), how: howEnded(outcome) };
}

/** Sends credentials as they are, between controls. */
export function sendingTrial(
  { enabler, refusal }: CaseContext,
  access: DigestAccess,
  sent: SentRequest,
): ReturnType<CaseContext["refusal"]> {
  return refusal(async () => trialOf(enabler, await access.send(sent)));
}

/** @throws Error when the challenge in use offers no qop, so that there is nothing to count */
export function requireQop(access: DigestAccess): void {
  if (access.challenge?.qop === undefined) {
    throw new Error("the challenge offers no qop, which the ICS claims (digest.qop)");
  }
}

/**
 * A request whose answer to a fresh challenge has a named deviation, between controls. `counted`: it is one of qop,
 * nc or cnonce, so that the challenge has to offer a qop.
 */
export async function deviatingRequest(
  context: CaseContext,
  deviation: DigestDeviation,
  { counted = false } = {},
) {
  const { terminal, enabler, preamble, refusal } = context;
  const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  let answer: { status?: number; challenges?: readonly string[] } = {};
  const trial = await refusal(async () => {
    const access = await preamble("TLS connection", () => open(terminal, credential));
    if (counted) {
      await preamble("a challenge with qop", async () =>
        requireQop(await challenge(access, enabler.protectedResource)),
      );
    }
    const outcome = await access.request(enabler.protectedResource, deviation);
    if (outcome.ok) {
      const { response } = outcome;
      answer = { status: response.status, challenges: headerValues(response, "www-authenticate") };
    }
    return trialOf(enabler, outcome);
  });
  checkChallenged(context, answer);
  return { ...trial, ...answer };
}

/** Changes the state by a valid request. @throws when it did not change, so that a refusal would prove nothing. */
export async function changeOnce(access: DigestAccess, { change, read }: StateProbe) {
  const before = await read();
  const { sent, ...outcome } = await access.request(change);
  const after = await read();
  if (sent === undefined || after === before || after === undefined) {
    throw new Error(
      `a valid request did not change the state (IXIT resources.state): ${howEnded(outcome)}, ${before} then ${after}`,
    );
  }
  return { sent, after };
}

/** The same credentials with one directive more, of a name that they have already. */
export function withDirective(
  sent: SentRequest,
  directive: { readonly name: string; readonly value: string },
  place: "before" | "behind",
): SentRequest {
  const own = Object.entries(sent.fields).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const list = place === "before" ? [directive, ...own] : [...own, directive];
  return { ...sent, authorization: [serializeAuthorization(list)] };
}
