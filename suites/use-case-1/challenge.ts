import { testCase } from "../../harness/conformance/case.ts";
import type { Attempt, CaseContext } from "../../harness/conformance/case-context.ts";
import { digestAlgorithm, parseChallenges } from "../../harness/protocols/digest/index.ts";
import { gbaChallenges } from "../../harness/roles/terminal/index.ts";
import type { Ics } from "../../harness/system/profile/index.ts";
import { type HttpResponse, headerValues } from "../../harness/wire/http-message.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { ALTERNATIVE, needing } from "./flows.ts";

type Judges = Pick<CaseContext, "check" | "should">;

/** TS 24.109 5.2.5: an expired key is answered by the challenge that says "bootstrap again". */
export function checkBootstrapAgain(
  { check, should }: Judges,
  attempt: Pick<Attempt, "status" | "challenges">,
  fqdn: string,
): void {
  const response = asResponse(attempt.status ?? 0, attempt.challenges ?? []);
  const challenges = gbaChallenges(response, fqdn);
  check(
    "TS 24.109 5.2.5",
    "an expired B-TID is answered by 401 with a bootstrapping realm and a nonce",
    attempt.status === 401 && challenges.some(({ nonce }) => nonce !== undefined && nonce !== ""),
    `status ${attempt.status}, ${attempt.challenges?.join(" | ") || "no challenge"}`,
  );
  should(
    "TS 24.109 5.2.5",
    "the challenge does not say stale=true, which would send the terminal round in circles",
    !challenges.some(({ stale }) => stale),
  );
}

/** TS 24.109 5.2.5: an unknown B-TID is best answered so too; an error without the realm is right as well. */
export function shouldBootstrapAgain(
  { should }: Pick<Judges, "should">,
  attempt: Pick<Attempt, "status" | "challenges">,
  fqdn: string,
): void {
  const challenges = gbaChallenges(asResponse(attempt.status ?? 0, attempt.challenges ?? []), fqdn);
  should(
    "TS 24.109 5.2.5",
    "an unknown B-TID is answered by 401 with a bootstrapping realm, and not by stale=true",
    attempt.status === 401 && challenges.length > 0 && !challenges.some(({ stale }) => stale),
    `status ${attempt.status}, ${attempt.challenges?.join(" | ") || "no challenge"}`,
  );
}

/** RFC 9110 15.5.2: a 401 carries at least one challenge. */
export function checkChallenged(
  { check }: Pick<Judges, "check">,
  attempt: Pick<Attempt, "status" | "challenges">,
): void {
  if (attempt.status !== 401) return;
  check(
    "RFC 9110 15.5.2",
    "a 401 carries WWW-Authenticate",
    (attempt.challenges ?? []).length > 0,
    attempt.challenges?.join(" | "),
  );
}

function asResponse(status: number, challenges: readonly string[]): HttpResponse {
  return {
    status,
    headers: challenges.map((value) => ["WWW-Authenticate", value] as const),
    body: Buffer.alloc(0),
  };
}

export const withoutCredentials = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-01",
    purpose:
      "A request without credentials is served nothing and is answered by a challenge for bootstrapping",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["tls", "suite"],
    clauses: ["RFC 7616 3.3", "RFC 2617 3.2.1", "TS 24.109 5.2.4", "RFC 9110 15.5.2"],
    steps: ["the terminal opens a TLS connection and asks for the protected resource without Authorization"],
    smoke: true,
  },
  async ({ terminal, enabler, ics, preamble, refusal, check, should, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const ask = async () => {
      const entry = await terminal.enterWithDigest(credential);
      if (!entry.entered) throw new Error(describeEnding(entry.ending));
      return entry.access.ask(enabler.protectedResource);
    };
    const outcome = await preamble("a request without credentials", ask);
    // The form of the challenge first: a terminal that cannot read it is no control either.
    if (outcome.ok && !enabler.serves(outcome.response)) {
      checkChallenge({ check, should }, outcome.response, enabler.serverName, ics.digest);
      observe("challenges", headerValues(outcome.response, "www-authenticate").join(" | "));
    }
    const trial = await refusal(async () => {
      const again = await preamble("a TLS connection", ask);
      if (!again.ok) return { served: false, how: describeEnding(again.ending) };
      return { served: enabler.serves(again.response), how: `status ${again.response.status}` };
    });
    check("1.1", "nothing protected is served without credentials", trial.refused, trial.how);
  },
);

const FOREIGN = ["none", "Basic", "Bearer"] as const;

export const actingWithoutCredentials = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-55",
    purpose:
      "A request without Digest credentials does not act, whatever its method and whatever else it carries",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { observes: ["state"] }),
    parameters: ["tls"],
    variants: { authorization: FOREIGN },
    clauses: ["RFC 7616 3.3", "RFC 9110 11.6.1", "RD 6 1.1"],
    steps: [
      "the state is read over a valid connection",
      "a request that would change it is sent without Authorization, or with another scheme",
      "the state is as it was",
    ],
  },
  async ({ terminal, parameters, preamble, state, check, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const probe = state();
    const before = await preamble("the state is read", () => probe.read());
    const access = await preamble("a TLS connection", async () => {
      const entry = await terminal.enterWithDigest(credential);
      if (!entry.entered) throw new Error(describeEnding(entry.ending));
      return entry.access;
    });
    const scheme = parameters["authorization"];
    const headers = scheme === "none" ? [] : [["Authorization", `${scheme} dTpw`] as const];
    const outcome = await access.ask({ ...probe.change, headers });
    const how = outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
    const after = await probe.read();
    check(
      "1.1",
      "a request without Digest credentials does not act",
      after === before,
      `state ${before}, then ${after}; ${how}`,
    );
    observe("how it was refused", how);
  },
);

function checkChallenge(
  { check, should }: Judges,
  response: HttpResponse,
  fqdn: string,
  claimed: Ics["digest"],
): void {
  const headers = headerValues(response, "www-authenticate");
  const challenges = gbaChallenges(response, fqdn);
  check(
    "TS 24.109 5.2.4",
    "it is challenged by 401 with scheme Digest, a nonce and the realm 3GPP-bootstrapping@FQDN",
    response.status === 401 && challenges.some(({ nonce }) => nonce !== undefined && nonce !== ""),
    `status ${response.status}, ${headers.join(" | ") || "no challenge"}`,
  );
  should(
    "TS 24.109 5.2.4",
    "the realm holds the FQDN without a port",
    challenges.every(({ realm = "" }) => !/:\d+;?$/.test(realm)),
    headers.join(" | "),
  );
  should(
    "RFC 7616 3.7",
    "each claimed algorithm is offered",
    claimed.algorithms.every((one) => challenges.some(({ algorithm }) => digestAlgorithm(algorithm) === one)),
    headers.join(" | "),
  );
  should(
    "RFC 7616 3.3",
    "each claimed qop is offered",
    claimed.qop.every((one) => challenges.every(({ qop }) => qop?.includes(one) === true)),
    headers.join(" | "),
  );
  should(
    "RFC 7616 3.3",
    "the challenge is written as the grammar has it: qop quoted, algorithm and stale not",
    headers.every(wellWritten),
    headers.join(" | "),
  );
}

function wellWritten(header: string): boolean {
  try {
    return parseChallenges([header]).every(
      ({ parameters }) =>
        parameters.get("qop")?.quoted !== false &&
        parameters.get("algorithm")?.quoted !== true &&
        parameters.get("stale")?.quoted !== true,
    );
  } catch {
    return false;
  }
}
