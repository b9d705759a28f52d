import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { type DigestAccess, deviate, type SentRequest } from "../../../harness/roles/terminal/index.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { challenge, changeOnce, howEnded, open, withDirective } from "./requests.ts";

const NEEDS = {
  claims: { "digest.replay": ["nc", "one-time-nonce"] },
  observes: ["state"],
} as const;

/** What is played back, and what the state was. */
interface Recorded {
  readonly sent: SentRequest;
  readonly state: ReturnType<CaseContext["state"]>;
}

/** A valid request that changed a state of this case. */
async function record(context: CaseContext): Promise<Recorded & { readonly access: DigestAccess }> {
  const { terminal, preamble } = context;
  const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  const access = await preamble("the terminal is served", () =>
    context.enterServedWithDigest(terminal, credential),
  );
  const state = context.state();
  const { sent } = await preamble("the state is changed once", () => changeOnce(access, state));
  return { sent, state, access };
}

/** Plays back over a connection and judges by the state alone. */
async function checkReplay(
  { check, observe }: CaseContext,
  playback: DigestAccess,
  { sent, state }: Recorded,
): Promise<void> {
  const before = await state.read();
  const outcome = await playback.send(sent);
  const after = await state.read();
  const detail = `state ${before}, then ${after}; ${howEnded(outcome)}`;
  check("1.1", "a recorded proof takes no part in the current run: nothing acts", after === before, detail);
  check("1.4", "the replay is detected: nothing acts twice", after === before, detail);
  observe("how it was refused", howEnded(outcome));
}

const FRESH_WAYS = [
  "fresh-nonce-before",
  "fresh-nonce-behind",
  "fresh-nc-before",
  "fresh-nc-behind",
] as const;
const WAYS = ["after-traffic", "after-another-user", "upper-case", ...FRESH_WAYS] as const;

const laterReplay = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-40",
    purpose:
      "A recorded request does not act again after other traffic, nor when it is written a little otherwise",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, NEEDS),
    parameters: [],
    variants: { way: WAYS },
    clauses: ["RFC 7616 3.4, 5.4, 5.5", "RFC 2617 3.2.1, 3.2.2", "RD 3.2 replay protection"],
    steps: [
      "the terminal changes the state by a valid request",
      "it goes on with the same nonce, or another user is served on the same connection",
      "the recorded request is sent again as it was, or with its response in upper case, or with a second nonce or nc directive that is fresh",
      "the state is as it was after the first",
    ],
  },
  async (context) => {
    const { anotherTerminal, enabler, parameters, preamble } = context;
    const { sent, state, access } = await record(context);
    const way = parameters["way"];
    if (way === "after-traffic") {
      await preamble("the terminal goes on", async () => {
        for (let more = 0; more < 3; more += 1) await access.request(enabler.protectedResource);
      });
    }
    if (way === "after-another-user") {
      const { credential } = await preamble("another one bootstraps", () => anotherTerminal().bootstrap());
      await access.as(credential).request(enabler.protectedResource);
    }
    const fresh = FRESH_WAYS.find((one) => one === way);
    if (fresh !== undefined) {
      await checkReplay(context, access, { sent: await refreshed(context, access, sent, fresh), state });
      return;
    }
    const played = way === "upper-case" ? deviate("upperCaseResponse", sent, access.secrets) : sent;
    await checkReplay(context, access, { sent: played, state });
  },
);

/** The recorded credentials with a nonce or a count beside theirs that was not used. */
async function refreshed(
  { enabler, preamble }: CaseContext,
  access: DigestAccess,
  sent: SentRequest,
  way: (typeof FRESH_WAYS)[number],
): Promise<SentRequest> {
  const place = way.endsWith("before") ? "before" : "behind";
  if (way.startsWith("fresh-nc")) {
    return withDirective(sent, { name: "nc", value: access.right(sent.request).fields.nc ?? "" }, place);
  }
  await preamble("a new challenge", () => challenge(access, enabler.protectedResource));
  return withDirective(sent, { name: "nonce", value: access.challenge?.nonce ?? "" }, place);
}

/** Stands last among the cases: a system that does not come back spoils what follows. */
export const replayAfterRestart = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-41",
    purpose: "A request that was recorded before the enabler was restarted does not act again afterwards",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, { ...NEEDS, startedSystem: true }),
    parameters: [],
    clauses: ["RFC 7616 5.4, 5.5", "RD 3.2 replay protection"],
    steps: [
      "the terminal changes the state by a valid request",
      "the enabler is ended and started again",
      "the recorded request is sent again, and the state is as it was before",
    ],
    exclusive: true,
  },
  async (context) => {
    const { terminal, preamble, restartSystem } = context;
    const recorded = await record(context);
    await preamble("the enabler is restarted", restartSystem);
    const { credential } = await preamble("the terminal bootstraps again", () => terminal.bootstrap());
    const playback = await preamble("a connection to the enabler of now", () => open(terminal, credential));
    await checkReplay(context, playback, recorded);
  },
);

const atSecondInstance = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-42",
    purpose:
      "A request that one instance of the enabler has acted upon does not act again at another instance",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, { ...NEEDS, secondInstance: true }),
    parameters: [],
    clauses: ["RFC 7616 5.4, 5.5", "RD 3.2 replay protection"],
    steps: [
      "the terminal changes the state by a valid request to each of two instances",
      "the request to the first is sent to the second, and the state is as it was before",
    ],
  },
  async (context) => {
    const { terminal, preamble } = context;
    const { sent, state } = await record(context);
    const { credential } = await preamble("the terminal bootstraps again", () => terminal.bootstrap());
    const second = await preamble("a connection to the second instance", () =>
      open(terminal, credential, { secondInstance: true }),
    );
    await preamble("the second instance acts on the same state", () => changeOnce(second, state));
    await checkReplay(context, second, { sent, state });
  },
);

/** What was sent once is sent again, later or elsewhere. */
export const replayCases = [laterReplay, atSecondInstance] as const;
