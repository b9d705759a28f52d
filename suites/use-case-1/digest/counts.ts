import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { NothingToAsk } from "../../../harness/conformance/verdict.ts";
import type { DigestAccess, SentRequest } from "../../../harness/roles/terminal/index.ts";
import type { HttpOutcome } from "../../../harness/wire/http-connection.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { checkUsed, servedOrStale } from "./nonce-judgements.ts";
import { challenge, howEnded, open, trialOf } from "./requests.ts";

const COUNTED = needing(ALTERNATIVE, {
  claims: { "digest.replay": ["nc"], "digest.qop": ["auth", "auth-int"] },
});

/** @throws Error when the protected resource is not served for these credentials */
async function sendServed({ enabler }: CaseContext, access: DigestAccess, sent: SentRequest) {
  const outcome = await access.send(sent);
  if (!trialOf(enabler, outcome).served) throw new Error(howEnded(outcome));
  return sent;
}

const twoNonces = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-22",
    purpose: "Two nonces that one user has at the same time are counted each by itself",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: COUNTED,
    parameters: ["algorithm"],
    clauses: ["RFC 7616 3.4", "RFC 2617 3.2.2"],
    steps: [
      "the terminal gets two challenges",
      "it counts both nonces up in turn: each request is served or told that its nonce is stale",
      "it uses a count of each a second time, with a new cnonce",
    ],
  },
  async (context) => {
    const { terminal, enabler, preamble, check } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const first = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, credential),
    );
    const second = await preamble("a second challenge", () =>
      challenge(first.as(credential), enabler.protectedResource),
    );
    const sent: SentRequest[] = [];
    const outcomes: HttpOutcome[] = [];
    for (const access of [second, first, second, first]) {
      const right = access.right(enabler.protectedResource);
      sent.push(right);
      outcomes.push(await access.send(right));
    }
    check(
      "RFC 7616 3.4",
      "each request of two nonces in turn is served, or its nonce is stale",
      outcomes.every((outcome) => servedOrStale(context, outcome)),
      outcomes.map(howEnded).join(", "),
    );
    const [ofSecond, ofFirst] = sent;
    if (ofSecond !== undefined) await checkUsed(context, second, ofSecond, "of the second nonce");
    if (ofFirst !== undefined) await checkUsed(context, first, ofFirst, "of the first nonce");
  },
);

const gap = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-01",
    purpose: "A gap in the nonce count is borne, and a count behind it counts once",
    requirements: ["1.1", "1.4"],
    polarity: "boundary",
    needs: COUNTED,
    parameters: [],
    clauses: ["RFC 2617 3.2.2", "RFC 7616 3.4"],
    steps: [
      "the terminal is served, leaves four counts out and is served, or told that its nonce is stale",
      "it uses the count behind the gap a second time, with a new cnonce",
    ],
  },
  async (context) => {
    const { terminal, enabler, preamble, should } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, credential),
    );
    for (let left = 0; left < 4; left += 1) access.right(enabler.protectedResource);
    const behind = access.right(enabler.protectedResource);
    const outcome = await access.send(behind);
    should(
      "RFC 2617 3.2.2",
      "a count behind a gap is served, or its nonce is stale",
      servedOrStale(context, outcome),
      howEnded(outcome),
    );
    await checkUsed(context, access, behind, "behind a gap");
  },
);

const lowerCount = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-02",
    purpose: "A lower nonce count that was never used is treated as claimed, and no count counts twice",
    requirements: ["1.1", "1.4"],
    polarity: "boundary",
    needs: COUNTED,
    parameters: [],
    clauses: ["RFC 2617 3.2.2"],
    steps: [
      "the terminal is served with the counts 1 and 4",
      "it sends count 2, which it never used",
      "it uses count 1 and count 2 a second time",
    ],
  },
  async (context) => {
    const { terminal, enabler, ics, preamble, check, should, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, credential), enabler.protectedResource),
    );
    const [one, two, , four] = [1, 2, 3, 4].map(() => access.right(enabler.protectedResource));
    if (one === undefined || two === undefined || four === undefined) throw new Error("four were made");
    await preamble("count 1 is served", () => sendServed(context, access, one));
    const ahead = await access.send(four);
    if (!trialOf(enabler, ahead).served && servedOrStale(context, ahead)) {
      throw new NothingToAsk("a gap in the count makes the nonce stale: no lower count is left");
    }
    await preamble("count 4 is served", async () => {
      if (!trialOf(enabler, ahead).served) throw new Error(howEnded(ahead));
    });
    const trial = trialOf(enabler, await access.send(two));
    if (ics.digest.ncOrder === "strict") {
      check("1.4", "a lower count is refused, as claimed", !trial.served, trial.how);
    } else if (ics.digest.ncOrder === "window") {
      should(
        "RFC 2617 3.2.2",
        "a lower count that was never used is served, as claimed",
        trial.served,
        trial.how,
      );
    } else observe("a lower count that was never used", trial.how);
    await checkUsed(context, access, one, "below the last");
    await checkUsed(context, access, two, "out of order");
  },
);

/** Which counts of which nonces are accepted. */
export const countCases = [twoNonces, gap, lowerCount] as const;
