import { testCase } from "../../harness/conformance/case.ts";
import { recomputed } from "../../harness/roles/terminal/index.ts";
import { changeOnce, deviatingRequest, howEnded, open, requireQop } from "./digest/requests.ts";
import { ALTERNATIVE, needing } from "./flows.ts";

const RESPONSES = [
  "wrongResponse",
  "responseRightAtBegin",
  "firstDigitWrong",
  "middleDigitWrong",
  "lastDigitWrong",
  "emptyResponse",
  "shortResponse",
  "longResponse",
] as const;

export const wrongResponse = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-02",
    purpose: "A response that is not wholly right authenticates nobody",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["tls", "algorithm", "qop"],
    variants: { response: RESPONSES },
    clauses: ["RFC 7616 3.4.1", "RFC 2617 3.2.2"],
    steps: ["the terminal answers a fresh challenge with a response that is wrong in one way"],
    smoke: true,
  },
  async (context) => {
    const deviation = RESPONSES.find((name) => name === context.parameters["response"]) ?? "wrongResponse";
    const trial = await deviatingRequest(context, deviation);
    context.check("1.1", "nothing protected is served for a wrong response", trial.refused, trial.how);
  },
);

const NONCES = ["inventedNonce", "editedNonce"] as const;

export const foreignNonce = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-05",
    purpose:
      "A nonce that the enabler never issued authenticates nobody, even with the right response for it",
    requirements: ["1.1", "1.4"],
    polarity: "invalid",
    parameters: ["tls", "algorithm", "qop"],
    variants: { nonce: NONCES },
    clauses: ["RFC 7616 3.3, 5.4, 5.12", "RD 6 1.4"],
    steps: [
      "the terminal answers a fresh challenge with a nonce of its own, or the issued one with another end",
    ],
  },
  async (context) => {
    const deviation = NONCES.find((name) => name === context.parameters["nonce"]) ?? "inventedNonce";
    const trial = await deviatingRequest(context, deviation);
    context.check(
      "1.1",
      "nothing protected is served for a nonce of the terminal's own",
      trial.refused,
      trial.how,
    );
    context.check(
      "1.4",
      "only nonces of the enabler bind a request to the current run",
      trial.refused,
      trial.how,
    );
  },
);

export const omittedQop = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-07",
    purpose: "A request whose qop, nc and cnonce were stripped is not accepted where qop is mandatory",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "digest.qopMandatory": [true] } }),
    parameters: ["tls", "algorithm"],
    clauses: ["RFC 7616 3.4", "TS 24.109 5.2.1"],
    steps: ["the terminal answers a fresh challenge in the form of RFC 2069, with the right response for it"],
  },
  async (context) => {
    const trial = await deviatingRequest(context, "omittedQop");
    context.check("1.1", "nothing protected is served without qop", trial.refused, trial.how);
  },
);

export const otherUser = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-21",
    purpose: "The name of one user with the key of another authenticates neither",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["tls", "algorithm"],
    clauses: ["RFC 7616 3.4.2", "RD 3.2 consistent view"],
    steps: ["two users are served", "one names the other's B-TID and proves its own key"],
  },
  async ({ terminal, anotherTerminal, preamble, enterServed, check }) => {
    const other = anotherTerminal();
    const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("another one bootstraps", () => other.bootstrap());
    await preamble("the other is served", () => enterServed(other, theirs.credential));
    await preamble("the terminal is served", () => enterServed(terminal, mine.credential));
    const attempt = await terminal.attempt(theirs.credential.withKeyOf(mine.credential));
    check("1.1", "nothing protected is served", attempt.refused, attempt.how);
  },
);

export const alteredBody = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-06",
    purpose: "Under auth-int a request whose body was changed after it was signed is not acted upon",
    requirements: ["1.3", "3.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "digest.qop": ["auth-int"] }, observes: ["state"] }),
    parameters: ["tls", "algorithm"],
    variants: { qop: ["auth-int"] },
    clauses: ["RFC 7616 3.4.3, 3.4.5", "RFC 2617 3.2.2.4"],
    steps: [
      "the terminal changes the state once with a body that it signed",
      "it sends the same kind of request with another body than the one that it signed",
      "the state is as it was after the first",
    ],
  },
  async ({ terminal, preamble, enterServedWithDigest, state, check, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      enterServedWithDigest(terminal, credential),
    );
    const probe = state();
    const change = { ...probe.change, body: probe.change.body ?? "amount=1" };
    const { after: before } = await preamble("the state is changed with a signed body", () =>
      changeOnce(access, { ...probe, change }),
    );
    const outcome = await access.request(change, "alteredBody");
    const after = await probe.read();
    const detail = `state ${before}, then ${after}; ${howEnded(outcome)}`;
    check("3.1", "the change of the body is detected: nothing acts", after === before, detail);
    check("1.3", "data that the user did not send is not taken for his", after === before, detail);
    observe("how it was refused", howEnded(outcome));
  },
);

const CONNECTIONS = ["same", "other", "after-challenge"] as const;

export const replay = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-03",
    purpose: "A recorded request that changes a state does not act a second time",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, {
      claims: { "digest.replay": ["nc", "one-time-nonce"] },
      observes: ["state"],
    }),
    parameters: ["tls", "algorithm", "qop"],
    variants: { connection: CONNECTIONS },
    clauses: ["RFC 7616 3.4, 5.4, 5.5", "RFC 2617 3.2.1", "RD 3.2 replay protection"],
    steps: [
      "the terminal changes the state by a valid request",
      "the same octets are played back on the same connection, on another one, or after a new challenge was asked for",
      "the state is as it was after the first",
    ],
    smoke: true,
  },
  async ({ terminal, enabler, parameters, preamble, enterServedWithDigest, state, check, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      enterServedWithDigest(terminal, credential),
    );
    const probe = state();
    const { sent, after: first } = await preamble("the state is changed once", () =>
      changeOnce(access, probe),
    );
    const way = parameters["connection"];
    const playback =
      way === "same" ? access : await preamble("another connection", () => open(terminal, credential));
    if (way === "after-challenge") await playback.ask(enabler.protectedResource);
    const outcome = await playback.send(sent);
    const second = await probe.read();
    const detail = `state ${first}, then ${second}; ${howEnded(outcome)}`;
    check("1.1", "a recorded proof takes no part in the current run: nothing acts", second === first, detail);
    check("1.4", "the replay is detected: nothing acts twice", second === first, detail);
    observe("how it was refused", howEnded(outcome));
  },
);

export const usedNonceCount = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-04",
    purpose:
      "A nonce count that was already used is refused, also with a new cnonce and the right response for it",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, { claims: { "digest.replay": ["nc"] } }),
    parameters: ["tls", "algorithm", "qop"],
    clauses: ["RFC 2617 3.2.2 (seen twice)", "RFC 7616 3.4"],
    steps: [
      "the terminal is served",
      "its next request has the nonce count of the first, a new cnonce and the right response",
    ],
  },
  async ({ terminal, enabler, preamble, enterServedWithDigest, refusal, check }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      enterServedWithDigest(terminal, credential),
    );
    const recorded = await preamble("it is served again", async () => {
      const { sent, ...outcome } = await access.request(enabler.protectedResource);
      if (sent === undefined || !outcome.ok || !enabler.serves(outcome.response))
        throw new Error(howEnded(outcome));
      requireQop(access);
      return sent;
    });
    const cnonce = `${recorded.fields.cnonce}0`;
    const reused = recomputed({ ...recorded, fields: { ...recorded.fields, cnonce } }, access.secrets);
    const trial = await refusal(async () => {
      const outcome = await access.send(reused);
      return { served: outcome.ok && enabler.serves(outcome.response), how: howEnded(outcome) };
    });
    check("1.1", "nothing protected is served for a used nonce count", trial.refused, trial.how);
    check("1.4", "a nonce count counts once", trial.refused, trial.how);
  },
);
