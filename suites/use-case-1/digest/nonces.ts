import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { parseAuthenticationInfo } from "../../../harness/protocols/digest/index.ts";
import {
  type DigestAccess,
  deviate,
  recomputed,
  type SentRequest,
} from "../../../harness/roles/terminal/index.ts";
import { type HttpResponse, headerValues } from "../../../harness/wire/http-message.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { checkUsed, isStale, servedOrStale } from "./nonce-judgements.ts";
import { challenge, howEnded, open, sendingTrial, trialOf } from "./requests.ts";

/** The ICS promises one by then. */
const NEXT_NONCE_AFTER = 16;

const nextNonce = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-21",
    purpose: "The next nonce that the enabler names works at once, and its counts count once",
    requirements: ["1.1", "1.4"],
    polarity: "replay",
    needs: needing(ALTERNATIVE, {
      claims: { "digest.nextnonce": [true], "digest.replay": ["nc", "one-time-nonce"] },
    }),
    parameters: ["algorithm"],
    clauses: ["RFC 7616 3.5", "RFC 2617 3.2.3"],
    steps: [
      "the terminal asks until Authentication-Info names the next nonce",
      "it uses that nonce with count 1",
      "it uses the count a second time, with a new cnonce",
      "it goes on with the old nonce, which is only recorded",
    ],
  },
  async (context) => {
    const { terminal, enabler, preamble, check, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, credential),
    );
    const old = await preamble("a next nonce is named (ICS digest.nextnonce)", () =>
      untilNextNonce(context, access),
    );
    const next = access.right(enabler.protectedResource);
    const outcome = await access.send(next);
    const works = trialOf(enabler, outcome);
    check("RFC 7616 3.5", "the request with the next nonce is served", works.served, works.how);
    await checkUsed(context, access, next, "of the next nonce");
    const nc = (Number.parseInt(old.fields.nc ?? "", 16) + 1).toString(16).padStart(8, "0");
    const goingOn = recomputed({ ...old, fields: { ...old.fields, nc } }, access.secrets);
    observe("the old nonce afterwards", howEnded(await access.send(goingOn)));
  },
);

/** The last request before the terminal took up a next nonce. @throws Error when none comes in time */
async function untilNextNonce({ enabler }: CaseContext, access: DigestAccess): Promise<SentRequest> {
  for (let asked = 0; asked < NEXT_NONCE_AFTER; asked += 1) {
    const { sent, ...outcome } = await access.request(enabler.protectedResource);
    if (!outcome.ok || !enabler.serves(outcome.response)) throw new Error(howEnded(outcome));
    if (sent !== undefined && namesNext(outcome.response)) return sent;
  }
  throw new Error(`none in ${NEXT_NONCE_AFTER} answers`);
}

function namesNext(response: HttpResponse): boolean {
  const [header] = headerValues(response, "authentication-info");
  try {
    return header !== undefined && (parseAuthenticationInfo(header).nextnonce ?? "") !== "";
  } catch {
    return false;
  }
}

const otherConnection = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-24",
    purpose: "A challenge that came over one connection can be answered over the next, by its user alone",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["algorithm"],
    clauses: ["RFC 7616 3.3, 5.4"],
    steps: [
      "the terminal gets a challenge, and closes the connection",
      "it answers over another connection: it is served, or challenged anew because the nonce is stale",
      "a wrong response for a challenge of another connection is refused",
    ],
  },
  async (context) => {
    const { terminal, enabler, preamble, should, check, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, credential), enabler.protectedResource),
    );
    await access.session.close();
    const right = access.right(enabler.protectedResource);
    const over = await preamble("another connection", () => open(terminal, credential));
    const outcome = await over.send(right);
    should(
      "RFC 7616 3.3",
      "the answer over another connection is served, or its nonce is stale",
      servedOrStale(context, outcome),
      howEnded(outcome),
    );
    observe("the answer over another connection", howEnded(outcome));
    await preamble("a challenge on the second connection", () => challenge(over, enabler.protectedResource));
    const wrong = deviate("wrongResponse", over.right(enabler.protectedResource), over.secrets);
    const third = await preamble("a third connection", () => open(terminal, credential));
    const trial = await sendingTrial(context, third, wrong);
    check(
      "1.1",
      "a wrong response for a challenge of another connection is refused",
      trial.refused,
      trial.how,
    );
  },
);

const agedNonce = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-51",
    purpose:
      "A nonce whose lifetime is over binds no request any more, and the terminal goes on with a new one",
    requirements: ["1.1", "1.4"],
    polarity: "expiry",
    needs: needing(ALTERNATIVE, { awaitableNonce: true }),
    parameters: [],
    clauses: ["RFC 7616 3.3, 5.4", "TS 24.109 5.2.5"],
    steps: [
      "the terminal is served, and gets a challenge",
      "it answers when the lifetime of the nonce has passed, with a key that is still valid",
      "it answers the challenge that it gets then",
    ],
  },
  async (context) => {
    const { terminal, enabler, ixit, preamble, untilAfter, refusal, check, should } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("the terminal is served, and gets a challenge", async () =>
      challenge(
        (await context.enterServedWithDigest(terminal, credential)).as(credential),
        enabler.protectedResource,
      ),
    );
    await untilAfter(new Date(Date.now() + (ixit.digest.nonceLifetimeMs ?? 0)));
    const right = access.right(enabler.protectedResource);
    let stale = false;
    let again = "not challenged";
    const trial = await refusal(async () => {
      const outcome = await access.send(right);
      if (outcome.ok && access.take(outcome.response)) {
        stale = isStale(outcome.response, enabler.serverName);
        again = howEnded(await access.send(access.right(enabler.protectedResource)));
      }
      return trialOf(enabler, outcome);
    });
    check("1.1", "nothing protected is served for an aged nonce", trial.refused, trial.how);
    check("1.4", "an aged nonce binds no request to the current run", trial.refused, trial.how);
    should("RFC 7616 3.3", "the challenge says stale=true: the key is still valid", stale, again);
  },
);

/** Where nonces come from, where they go, and how long they last. */
export const nonceCases = [nextNonce, otherConnection, agedNonce] as const;
