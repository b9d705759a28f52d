import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { NothingToAsk } from "../../../harness/conformance/verdict.ts";
import { type Access, deviate } from "../../../harness/roles/terminal/index.ts";
import type { HttpOutcome } from "../../../harness/wire/http-connection.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { expectedIdentities } from "../identity.ts";
import { challenge, howEnded, open, trialOf } from "./requests.ts";

const invalidInFlight = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-47",
    purpose:
      "Of requests in one flight each is checked by itself: a valid one opens nothing for its neighbours",
    requirements: ["1.1"],
    polarity: "concurrency",
    parameters: ["qop"],
    variants: { place: ["behind", "before"] },
    clauses: ["RFC 9112 9.3.2", "RD 3.2 sender invariance"],
    steps: [
      "two users get a challenge each on one connection",
      "a valid request of one and a wrong response of the other are sent without waiting for an answer",
      "the wrong one is refused; the connection may be closed instead",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, enabler, parameters, preamble, refusal, check, observe } = context;
    const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("another one bootstraps", () => anotherTerminal().bootstrap());
    const own = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, mine.credential), enabler.protectedResource),
    );
    const other = await preamble("a challenge for the other user", () =>
      challenge(own.as(theirs.credential), enabler.protectedResource),
    );
    const right = own.right(enabler.protectedResource);
    const wrong = deviate("wrongResponse", other.right(enabler.protectedResource), other.secrets);
    const behind = parameters["place"] === "behind";
    const trial = await refusal(async () => {
      const outcomes = await own.pipeline(behind ? [right, wrong] : [wrong, right]);
      observe("answers to the flight", outcomes.map(howEnded).join(", "));
      const ofWrong = outcomes[behind ? 1 : 0];
      if (ofWrong === undefined) throw new Error("each request of the flight has an outcome");
      return trialOf(enabler, ofWrong);
    });
    check(
      "1.1",
      "nothing protected is served for the wrong response in the flight",
      trial.refused,
      trial.how,
    );
  },
);

/** An access that has got its answer already, for whoever reads a value out of it. */
function answered({ session }: Access, outcome: HttpOutcome): Access {
  const request = async () => outcome;
  return { session, request, requestHere: request, flightHere: async () => [outcome] };
}

/** The request for the identity over the terminal's own connection. @throws NothingToAsk when it is read aside */
function identityRequest({ ixit }: CaseContext, btid: string) {
  const url = ixit.resources.identity?.url ?? "";
  if (!url.startsWith("/")) {
    throw new NothingToAsk("IXIT resources.identity.url is read by the harness, not over the flight");
  }
  return { method: "GET", target: url.replaceAll("{btid}", encodeURIComponent(btid)) };
}

const usersInFlight = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-23",
    purpose: "Requests of two users in one flight are answered in order, each with its own user",
    requirements: ["1.1"],
    polarity: "concurrency",
    needs: needing(ALTERNATIVE, { observes: ["identity"] }),
    parameters: [],
    clauses: ["RFC 9112 9.3.2", "RD 3.2 sender invariance, consistent view"],
    steps: [
      "two users get a challenge each on one connection",
      "four requests for the identity, of one user and the other in turn, are sent without waiting for an answer",
      "each answer names the user of its request; the connection may be closed instead",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, enabler, preamble, check } = context;
    const second = anotherTerminal();
    const mine = await preamble("the first bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("the second bootstraps", () => second.bootstrap());
    const own = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, mine.credential), enabler.protectedResource),
    );
    const other = await preamble("a challenge for the other user", () =>
      challenge(own.as(theirs.credential), enabler.protectedResource),
    );
    const turns = [
      { access: own, user: terminal, btid: mine.btid },
      { access: other, user: second, btid: theirs.btid },
    ];
    const flight = [...turns, ...turns];
    const outcomes = await own.pipeline(
      flight.map(({ access, btid }) => access.right(identityRequest(context, btid))),
    );
    const told = await Promise.all(
      outcomes.map((outcome, at) => context.identityTold(answered(own, outcome), flight[at]?.btid ?? "")),
    );
    const right = flight.every(({ user, btid }, at) => {
      const one = told[at];
      return one === undefined || expectedIdentities(context, user, btid).includes(one);
    });
    check(
      "1.1",
      "each request in the flight is told with the user who authenticated it",
      right,
      told.join(", "),
    );
  },
);

/** Several requests on the way at once on one connection. */
export const flightCases = [invalidInFlight, usersInFlight] as const;
