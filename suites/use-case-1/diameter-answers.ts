import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, RefusalOptions, Subject } from "../../harness/conformance/case-context.ts";
import { DIAMETER_ANSWERS, type DiameterAnswer } from "../../harness/roles/key-manager/index.ts";
import { FLOWS, needing } from "./flows.ts";

/** The answers of which a conforming enabler makes this, as far as it must. */
function answersFor(
  enabler: (typeof DIAMETER_ANSWERS)[DiameterAnswer]["enabler"],
): readonly DiameterAnswer[] {
  return NAMES.filter(
    (name) => DIAMETER_ANSWERS[name].enabler === enabler && DIAMETER_ANSWERS[name].level === "must",
  );
}

/**
 * An enabler may end the connection on which such an answer came (RFC 6733 3), and with it what others asked there: these
 * cases run alone, and the enabler has until IXIT bounds.recoveryMs to serve again.
 */
const RECOVERING: RefusalOptions = { after: async () => undefined };

const CLAIM = { claims: { "zn.binding": ["diameter"] } } as const;

// The keys of a record of ours are its type's.
const NAMES = Object.keys(DIAMETER_ANSWERS) as DiameterAnswer[];
const USED = answersFor("key");
const UNUSED = answersFor("no-key");
/** What may be used for its own user at most, and what only should not be used at all. */
const DOUBTFUL = NAMES.filter((name) => {
  const { enabler, level } = DIAMETER_ANSWERS[name];
  return (
    (enabler === "never-mixed" && name !== "swapped-hop-by-hop") ||
    (enabler === "no-key" && level === "should")
  );
});

function answerOf({ parameters }: CaseContext, of: readonly DiameterAnswer[]): DiameterAnswer {
  const name = of.find((one) => one === parameters["answer"]) ?? of[0];
  if (name === undefined) throw new Error("there is no such answer");
  return name;
}

export const usedAnswers: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BV-90`,
      exclusive: true,
      purpose:
        "What an answer over Diameter may carry beside the key does not keep the enabler from using it",
      requirements: ["5.1"],
      polarity: "valid",
      needs: needing(fields, CLAIM),
      parameters: [],
      variants: { answer: USED },
      clauses: ["RFC 6733 3.2, 4.1, 4.3.1", "TS 29.109 6.2", "TS 33.220 5.3"],
      steps: [
        "the key manager answers with the key, and with something that a receiver has to bear",
        "the terminal enters with the key and is served",
      ],
    },
    async (context) => {
      const { terminal, keyManager, enabler, preamble, enterValid, check } = context;
      const answer = answerOf(context, USED);
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { deviation: answer });
      const entry = await enterValid(terminal, association.credential);
      const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
      const served = outcome?.ok === true && enabler.serves(outcome.response);
      check("5.1", "the key of the answer is used", served, DIAMETER_ANSWERS[answer].title);
    },
  ),
);

export const unusedAnswers: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-90`,
      exclusive: true,
      purpose:
        "An answer over Diameter that is an error, or not as the protocol has it, gives the enabler no key",
      requirements: ["5.1"],
      polarity: "invalid",
      needs: needing(fields, CLAIM),
      parameters: [],
      variants: { answer: UNUSED },
      clauses: ["RFC 6733 3, 4.1, 7.1", "TS 29.109 6.2"],
      steps: [
        "the key manager answers with the right key in an answer that is wrong in one way",
        "the terminal, which has that key, is not served",
      ],
    },
    async (context) => {
      const { terminal, keyManager, preamble, check, observe } = context;
      const answer = answerOf(context, UNUSED);
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { deviation: answer });
      const attempt = await terminal.attempt(association.credential, RECOVERING);
      const { title } = DIAMETER_ANSWERS[answer];
      check("5.1", "no key of the answer is used", attempt.refused, `${title}: ${attempt.how}`);
      observe("key requests for this B-TID", String(keyManager.requestsFor(association.btid).length));
    },
  ),
);

export const swappedAnswers: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BI-91`,
      exclusive: true,
      purpose:
        "Two answers that come with each other's Hop-by-Hop Identifier give nobody the key of another user",
      requirements: ["1.1", "5.1"],
      polarity: "concurrency",
      needs: needing(fields, CLAIM),
      parameters: [],
      clauses: ["RFC 6733 3, 8.8", "RD 3.2 consistent view"],
      steps: [
        "two terminals enter at the same time, each under its own B-TID with the key of the other",
        "the key manager gives each answer the Hop-by-Hop Identifier of the other",
        "neither is served",
      ],
    },
    async ({ terminal, anotherTerminal, keyManager, preamble, check }) => {
      const other = anotherTerminal();
      const [mine, theirs] = await preamble("both bootstrap", () =>
        Promise.all([terminal.bootstrap(), other.bootstrap()]),
      );
      for (const association of [mine, theirs])
        keyManager.steer(association, { deviation: "swapped-hop-by-hop" });
      const attempts = await Promise.all([
        terminal.attempt(mine.credential.withKeyOf(theirs.credential), RECOVERING),
        other.attempt(theirs.credential.withKeyOf(mine.credential), RECOVERING),
      ]);
      const refused = attempts.every((attempt) => attempt.refused);
      const how = attempts.map((attempt) => attempt.how).join("; ");
      check("1.1", "nobody is served under one B-TID with the key of another", refused, how);
      check("5.1", "an answer is used for the request only that it belongs to", refused, how);
    },
  ),
);

export const doubtfulAnswers: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `UC1-${code}-BO-90`,
      exclusive: true,
      purpose:
        "An answer over Diameter that does not quite belong to its request is never used for another user",
      requirements: ["1.1"],
      polarity: "boundary",
      needs: needing(fields, { ...CLAIM, observes: ["identity"] }),
      parameters: [],
      variants: { answer: DOUBTFUL },
      clauses: ["RFC 6733 3, 3.2, 7.1, 8.8"],
      steps: [
        "another subscriber is served, so that the enabler has just used a key",
        "the key manager answers with the key, and with something that no answer should have",
        "the terminal is refused, or told as itself",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, keyManager, preamble, enterServed, identityTold } = context;
      const answer = answerOf(context, DOUBTFUL);
      const { title, clause, enabler } = DIAMETER_ANSWERS[answer];
      const other = anotherTerminal();
      const theirs = await preamble("another subscriber bootstraps", () => other.bootstrap());
      const before = await preamble("it is served", () => enterServed(other, theirs.credential));
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      keyManager.steer(association, { deviation: answer });
      const entry = await terminal.enter(association.credential);
      const told = entry.entered ? await identityTold(entry.access, association.btid) : undefined;
      const toldThere = await identityTold(before, theirs.btid);
      const right = [
        { told, foreign: [other.impi, ...other.impus, theirs.btid] },
        { told: toldThere, foreign: [terminal.impi, ...terminal.impus, association.btid] },
      ].every((one) => one.told === undefined || !one.foreign.includes(one.told));
      context.check(
        "1.1",
        "the application is told another user on neither connection",
        right,
        `${title}: told ${told}, and on the connection before ${toldThere}`,
      );
      if (enabler === "no-key") {
        // The table's clauses are all of the form `RFC 6733 4.1`.
        context.should(clause as Subject, "no key of the answer is used", told === undefined, title);
      } else
        context.observe("what became of the terminal", told === undefined ? "refused" : "served as itself");
    },
  ),
);
