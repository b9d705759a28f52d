import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { Attempt, CaseContext, RefusalOptions } from "../../harness/conformance/case-context.ts";
import { ZN_ANSWERS, type ZnAnswer } from "../../harness/roles/key-manager/index.ts";
import type { NafCredential, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { checkChallenged } from "./challenge.ts";
import { FLOWS, type FlowCode } from "./flows.ts";

const NOTHING_SERVED = "no protected resource is served and no state changes";
const NO_KEY_USED = "no key is used that the key manager did not give";
const WITHIN_BOUND = "the terminal is refused within the bound of IXIT bounds.keyManagerMs";

function znAnswer(name: string | undefined): ZnAnswer {
  const answer = Object.keys(ZN_ANSWERS).find((known): known is ZnAnswer => known === name);
  if (answer === undefined) throw new Error(`the key manager has no answer ${name}`);
  return answer;
}

/** The right key, and the one that an enabler holds whose buffer stayed empty. */
function candidates({ credential }: SecurityAssociation): readonly NafCredential[] {
  return [credential, credential.withKey(new Uint8Array(32), "key of zeros")];
}

/**
 * What one terminal's answer does to the connection on Zn, or to the enabler's trust in it, may reach everybody: these
 * cases run alone, and an enabler that closes or backs off has until IXIT bounds.recoveryMs to serve again.
 */
export const RECOVERING: RefusalOptions = { after: async () => undefined };

/** Both candidates, each under a B-TID of its own, so that a cache filled by one cannot serve the other. */
async function attemptBoth(
  context: CaseContext,
  answer: ZnAnswer | undefined,
  options: RefusalOptions = RECOVERING,
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  for (const index of [0, 1] as const) {
    const terminal = context.anotherTerminal();
    const association = await context.preamble("the terminal bootstraps", () => terminal.bootstrap());
    if (answer !== undefined) context.keyManager.steer(association, { answer });
    const credential = candidates(association)[index];
    if (credential !== undefined) attempts.push(await terminal.attempt(credential, options));
  }
  return attempts;
}

function checkRefused({ check, should }: CaseContext, code: FlowCode, attempts: readonly Attempt[]): void {
  const how = attempts.map((attempt) => attempt.how).join("; with a key of zeros: ");
  const refused = attempts.every((attempt) => attempt.refused);
  check("1.1", NOTHING_SERVED, refused, how);
  check("5.1", NO_KEY_USED, refused, how);
  if (code === "PSK") return;
  for (const attempt of attempts) checkChallenged({ check }, attempt);
  should(
    "TS 33.535 B.1.2.2",
    "the terminal is not sent to bootstrap again, which would not help: 403 or 5xx, or no bootstrapping realm",
    attempts.every(
      ({ challenges = [] }) => !challenges.some((value) => value.includes("3GPP-bootstrapping")),
    ),
    how,
  );
}

function checkBound({ check, ixit }: CaseContext, attempts: readonly Attempt[]): void {
  const { keyManagerMs } = ixit.bounds;
  const took = attempts.map(({ tookMs }) => tookMs);
  check(
    "5.1",
    WITHIN_BOUND,
    took.every((ms) => ms <= keyManagerMs),
    `${took.join(" ms and ")} ms, bound ${keyManagerMs} ms`,
  );
}

const IDS = {
  refuses: { PSK: "UC1-PSK-BI-07", DIG: "UC1-DIG-BI-12" },
  silent: { PSK: "UC1-PSK-BI-08", DIG: "UC1-DIG-BI-13" },
  unreachable: { PSK: "UC1-PSK-BI-09", DIG: "UC1-DIG-BI-14" },
  nonsense: { PSK: "UC1-PSK-BI-10", DIG: "UC1-DIG-BI-15" },
  length: { PSK: "UC1-PSK-BI-11", DIG: "UC1-DIG-BI-16" },
} as const;

const TWO_KEYS = "a terminal proves the right key, and another terminal a key of 32 zero octets";

export const refuses: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.refuses[code],
      exclusive: true,
      purpose: "When the key manager refuses the key, nobody is served",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      variants: { answer: ["not-authorised", "busy", "overloaded"] },
      clauses: ["RD 1.1", "RD 5.1.3", "TS 29.309", "TS 29.109 6.2"],
      steps: ["the key manager answers 403, 503 or 429 for the terminal's B-TID", TWO_KEYS],
    },
    async (context) => {
      checkRefused(context, code, await attemptBoth(context, znAnswer(context.parameters["answer"])));
    },
  ),
);

export const silent: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.silent[code],
      exclusive: true,
      purpose:
        "When the key manager does not answer, the terminal is refused within the bound and not kept waiting",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 1.1", "RD 5.1"],
      steps: ["the key manager takes the request for the terminal's B-TID and never answers it", TWO_KEYS],
    },
    async (context) => {
      const attempts = await attemptBoth(context, "silent");
      checkRefused(context, code, attempts);
      checkBound(context, attempts);
    },
  ),
);

export const unreachable: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.unreachable[code],
      purpose:
        "While the key manager cannot be reached nobody new is served, and afterwards everything works again",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      clauses: ["RD 1.1", "RD 5.1", "RD 5.1.3"],
      steps: [
        "the key manager closes its listener and every connection on Zn",
        `${TWO_KEYS}, under B-TIDs that were never asked for`,
        "the key manager is back, and a valid terminal is served",
      ],
      exclusive: true,
    },
    async (context) => {
      const { keyManager } = context;
      const attempts = await attemptBoth(context, undefined, {
        before: () => keyManager.goAway(),
        after: () => keyManager.comeBack(),
      });
      checkRefused(context, code, attempts);
      checkBound(context, attempts);
    },
  ),
);

export const nonsense: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.nonsense[code],
      exclusive: true,
      purpose: "An answer of the key manager that is none gives no key",
      requirements: ["1.1", "5.1"],
      polarity: "invalid",
      parameters: ["tls"],
      variants: { answer: ["broken-json", "html", "no-key", "no-hex", "reset"] },
      clauses: ["TS 29.309", "RFC 8259", "RD 5.1"],
      steps: [
        "the key manager answers with nonsense, or resets the stream, for the terminal's B-TID",
        TWO_KEYS,
      ],
    },
    async (context) => {
      const attempts = await attemptBoth(context, znAnswer(context.parameters["answer"]));
      checkRefused(context, code, attempts);
      checkBound(context, attempts);
    },
  ),
);

const KEY_OCTETS: Readonly<Record<string, number>> = { "short-key": 16, "empty-key": 0 };

export const wrongLength: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: IDS.length[code],
      exclusive: true,
      purpose:
        "A key whose length is not that of Ks_NAF is not used, even when the terminal uses the same one",
      requirements: ["5.1"],
      polarity: "boundary",
      parameters: ["tls"],
      // An empty pre-shared key is nothing that a TLS client can offer: the right key is proven then.
      variants: { answer: ["short-key", "empty-key", "long-key"] },
      clauses: ["TS 33.220 B.2", "TS 29.309 (32 octets)", "RFC 4279 5.3"],
      steps: [
        "the key manager gives a key of 16, 0 or 33 octets for the terminal's B-TID",
        "the terminal proves the key of that length",
      ],
    },
    async ({ terminal, keyManager, parameters, preamble, check }) => {
      const answer = znAnswer(parameters["answer"]);
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { answer });
      const octets = KEY_OCTETS[answer];
      const { credential } = association;
      const same =
        octets === undefined || (octets === 0 && code === "PSK")
          ? credential
          : credential.withKeyCutTo(octets);
      const attempt = await terminal.attempt(same, RECOVERING);
      check("5.1", "a key of another length than 32 octets is not used", attempt.refused, attempt.how);
    },
  ),
);
