import { testCase } from "../../../harness/conformance/case.ts";
import { claimedLinks } from "../../../harness/conformance/parameters.ts";
import { NothingToAsk } from "../../../harness/conformance/verdict.ts";
import { uaTlsSuite } from "../../../harness/protocols/gba/index.ts";
import { suiteHex } from "../../../harness/protocols/tls/index.ts";
import { recomputed } from "../../../harness/roles/terminal/index.ts";
import { headerValues } from "../../../harness/wire/http-message.ts";
import { checkBootstrapAgain } from "../challenge.ts";
import { resembling } from "../credentials.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { challenge, sendingTrial, trialOf } from "./requests.ts";

const similarName = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-39",
    purpose:
      "A user name that only resembles a B-TID is another user, also for whoever has the key of that B-TID",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: [],
    variants: { change: ["longer", "shorter", "letter"] },
    clauses: ["RFC 7616 3.4.2", "RFC 7542 3"],
    steps: [
      "the terminal is served under its B-TID",
      "it names the B-TID with a character more, a character less or another letter in its base64 part, and proves its own key under that name",
    ],
  },
  async ({ terminal, parameters, keyManager, preamble, enterServed, check }) => {
    const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    await preamble("the terminal is served", () => enterServed(terminal, credential));
    const similar = resembling(btid, parameters["change"] ?? "");
    const attempt = await terminal.attempt(credential.withName(similar, "a similar B-TID"));
    const detail = `${attempt.how}; key requests: ${keyManager.requestsFor(similar).length}`;
    check("1.1", "nothing protected is served to a name that was never given out", attempt.refused, detail);
  },
);

const NONCES = ["fresh", "fresh-with-own-response", "proven-by-own-key", "proven-by-other"] as const;

const otherUsersName = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-44",
    purpose:
      "The name of one user with the key of another authenticates neither, whoever used the nonce before",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["qop"],
    variants: { nonce: NONCES },
    clauses: ["RFC 7616 3.4.2", "RD 3.2 consistent view"],
    steps: [
      "two users are served",
      "one names the other's B-TID and proves its own key, with a new nonce, with its own or with the other's",
      "the response is computed for that name, or is the one for its own",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, enabler, parameters, preamble, check } = context;
    const another = anotherTerminal();
    const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("another one bootstraps", () => another.bootstrap());
    const own = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, mine.credential),
    );
    const other = await preamble("the other is served", () =>
      context.enterServedWithDigest(another, theirs.credential),
    );
    const nonce = NONCES.find((one) => one === parameters["nonce"]) ?? "fresh";
    const access =
      nonce === "proven-by-own-key"
        ? own
        : nonce === "proven-by-other"
          ? other
          : await preamble("a new challenge", () =>
              challenge(own.as(mine.credential), enabler.protectedResource),
            );
    const right = access.right(enabler.protectedResource);
    const renamed = { ...right, fields: { ...right.fields, username: theirs.btid } };
    const liar = nonce === "fresh-with-own-response" ? renamed : recomputed(renamed, own.secrets);
    const trial = await sendingTrial(context, access, liar);
    check("1.1", "nothing protected is served to the key of another user", trial.refused, trial.how);
  },
);

/** An expiry has the resolution of a second: it is placed this far ahead at least (milliseconds). */
const AHEAD_MS = 1_000;

const expiryBetween = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-46",
    purpose:
      "A key that expires between challenge and answer opens nothing, and the terminal learns that it has to bootstrap again",
    requirements: ["5.1"],
    polarity: "expiry",
    parameters: [],
    variants: { key: ["used-before", "never-used"] },
    clauses: ["TS 24.109 5.2.5, B.2.1", "TS 33.220 4.5.3"],
    steps: [
      "the key manager tells an expiry a second ahead",
      "the terminal, which was served before or never was here, gets a challenge",
      "it answers when expiry and tolerance have passed",
    ],
  },
  async (context) => {
    const { terminal, enabler, parameters, keyManager, preamble, refusal, check, should } = context;
    const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const { credential } = association;
    const expiry = new Date(Math.ceil((Date.now() + AHEAD_MS) / 1000) * 1000);
    keyManager.steer(association, { expiry });
    const entry = await preamble("a TLS connection", async () => {
      if (parameters["key"] === "used-before") return context.enterServedWithDigest(terminal, credential);
      const entered = await terminal.enterWithDigest(credential);
      if (!entered.entered) throw new Error(entered.ending.kind);
      return entered.access;
    });
    const access = await preamble("a challenge", () =>
      challenge(entry.as(credential), enabler.protectedResource),
    );
    await context.untilAfter(expiry);
    let answer: { status?: number; challenges?: readonly string[] } = {};
    const trial = await refusal(async () => {
      // Takes a new nonce up when this one is stale: what is asked about is the key.
      const outcome = await access.request(enabler.protectedResource);
      if (outcome.ok) {
        const { response } = outcome;
        answer = { status: response.status, challenges: headerValues(response, "www-authenticate") };
      }
      return trialOf(enabler, outcome);
    });
    check("5.1", "the key is not used after its expiry", trial.refused, trial.how);
    if (trial.refused) checkBootstrapAgain({ check, should }, answer, enabler.serverName);
  },
);

const otherSuiteBefore = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-37",
    purpose:
      "The key of one Ua security protocol opens nothing over another, also when the enabler has just used it",
    requirements: ["5.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "ua.identifier": ["negotiated"] }, severalSuites: true }),
    parameters: [],
    clauses: ["TS 33.220 B.2, H.3"],
    steps: [
      "the terminal is served over one cipher suite",
      "over another suite it proves the key of the first one, under the same B-TID",
      "over that suite it is served with the key for it",
    ],
  },
  async (context) => {
    const { terminal, enabler, ics, preamble, check } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const { session } = await preamble("the terminal is served", () =>
      context.enterServed(terminal, credential),
    );
    const other = claimedLinks(ics, "uc1.https-digest").find(
      ({ suite }) => suite.code !== session.suite.code,
    );
    if (other === undefined)
      throw new NothingToAsk("ICS waysIn.uc1.https-digest.suites claims one suite only");
    const link = { suites: [other.suite], version: other.version };
    const first = credential.forOtherUa(uaTlsSuite(session.suite.code), `suite ${suiteHex(session.suite)}`);
    const attempt = await terminal.attempt(first, link);
    check("5.1", "the key of another suite opens nothing", attempt.refused, attempt.how);
    const entry = await terminal.enterWithDigest(credential, link);
    const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : entry;
    const { served, how } =
      "entered" in outcome ? { served: false, how: outcome.ending.kind } : trialOf(enabler, outcome);
    check("5.1", "the key of the negotiated suite is used, whichever was used before", served, how);
  },
);

/** Under which name and with which key, and when. */
export const userCases = [similarName, otherUsersName, expiryBetween, otherSuiteBefore] as const;
