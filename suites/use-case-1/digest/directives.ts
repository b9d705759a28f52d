import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { deviate, recomputed } from "../../../harness/roles/terminal/index.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { challenge, deviatingRequest, open, sendingTrial, withDirective } from "./requests.ts";

const STALE = ["staleMethod", "staleUri", "staleNonceCount", "staleCnonce", "staleQop"] as const;

const staleDirective = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-30",
    purpose:
      "A response that was computed over another method, uri, nonce, nc, cnonce or qop authenticates nobody",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "digest.qop": ["auth", "auth-int"] } }),
    parameters: ["tls", "algorithm", "qop"],
    variants: { change: [...STALE, "nonce"] },
    clauses: ["RFC 7616 3.4.1, 3.4.3", "RFC 2617 3.2.2"],
    steps: ["the terminal answers a fresh challenge and changes what entered the hash afterwards"],
  },
  async (context) => {
    const deviation = STALE.find((name) => name === context.parameters["change"]);
    const trial =
      deviation === undefined
        ? await exchangingNonces(context)
        : await deviatingRequest(context, deviation, { counted: true });
    context.check(
      "1.1",
      "nothing protected is served for a response over something else",
      trial.refused,
      trial.how,
    );
  },
);

/** The response is for one nonce of the enabler, and goes with another one. */
async function exchangingNonces(context: CaseContext) {
  const { terminal, enabler, preamble } = context;
  const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  const access = await preamble("a challenge on a TLS connection", async () =>
    challenge(await open(terminal, credential), enabler.protectedResource),
  );
  const right = access.right(enabler.protectedResource);
  const nonce = await preamble("a challenge with another nonce", async () => {
    const other = await challenge(access.as(credential), enabler.protectedResource);
    if (other.challenge?.nonce === right.fields.nonce) throw new Error("the nonce is the same");
    return other.challenge?.nonce;
  });
  return sendingTrial(context, access, { ...right, fields: { ...right.fields, nonce } });
}

const URIS = ["other", "other-query", "longer", "shorter", "other-then-own", "own-then-other"] as const;

/** Targets that a careless comparison takes for that of the request. */
const NEAR: Readonly<Record<string, (target: string) => string>> = {
  "other-query": (target) => `${target}?seccf=1`,
  longer: (target) => `${target}x`,
  shorter: (target) => target.slice(0, -1),
};

const otherUri = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-31",
    purpose:
      "Credentials for one resource do not open another: uri has to name the resource of the request line",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["qop"],
    variants: { uri: URIS },
    clauses: ["RFC 7616 3.4.6", "RFC 2617 3.2.2.5", "RFC 9110 11.2"],
    steps: [
      "the terminal asks for the protected resource with a uri directive that names another one, and the right response for it",
      "or with a second uri directive beside that one, which names the protected resource",
    ],
  },
  async (context) => {
    const { terminal, enabler, parameters, preamble, check, should } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, credential), enabler.protectedResource),
    );
    const right = access.right(enabler.protectedResource);
    const near = NEAR[parameters["uri"] ?? ""];
    const other =
      near === undefined
        ? deviate("otherUri", right, access.secrets)
        : recomputed(
            { ...right, fields: { ...right.fields, uri: near(enabler.protectedResource.target) } },
            access.secrets,
          );
    const own = { name: "uri", value: enabler.protectedResource.target };
    const sent =
      parameters["uri"] === "other" || near !== undefined
        ? other
        : withDirective(other, own, parameters["uri"] === "other-then-own" ? "behind" : "before");
    const trial = await sendingTrial(context, access, sent);
    check("1.1", "the resource of the request line is not served", trial.refused, trial.how);
    should("RFC 7616 3.4.6", "the answer is 400", trial.how === "status 400", trial.how);
  },
);

const otherRealm = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-32",
    purpose: "Credentials for the realm of another enabler open nothing here",
    requirements: ["1.1"],
    polarity: "invalid",
    parameters: ["algorithm"],
    clauses: ["RFC 7616 3.4.2", "TS 24.109 5.2.4"],
    steps: ["the terminal answers with the realm of another enabler, and the right response for it"],
  },
  async (context) => {
    const trial = await deviatingRequest(context, "otherRealm");
    context.check("1.1", "nothing protected is served for another realm", trial.refused, trial.how);
  },
);

const weakerAlgorithm = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-33",
    purpose: "Where no MD5 is offered, an answer with MD5 authenticates nobody",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { withoutClaims: { "digest.algorithms": ["MD5", "MD5-sess"] } }),
    parameters: ["qop"],
    clauses: ["RFC 7616 3.3, 3.4, 5.1"],
    steps: ["the terminal answers without algorithm, which means MD5, and with the right response of MD5"],
  },
  async (context) => {
    const trial = await deviatingRequest(context, "weakerAlgorithm");
    context.check("1.1", "nothing protected is served for a weaker algorithm", trial.refused, trial.how);
  },
);

const weakerQop = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-35",
    purpose:
      "Where only auth-int is offered, an answer with qop=auth leaves the body open to change: it is refused",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, {
      claims: { "digest.qop": ["auth-int"] },
      withoutClaims: { "digest.qop": ["auth"] },
    }),
    parameters: ["algorithm"],
    clauses: ["RFC 7616 3.4"],
    steps: ["the terminal answers with qop=auth, and the right response for it"],
  },
  async (context) => {
    const trial = await deviatingRequest(context, "weakerQop");
    context.check(
      "1.1",
      "nothing protected is served for a qop that was not offered",
      trial.refused,
      trial.how,
    );
  },
);

const MISSING = ["omittedNonceCount", "omittedCnonce"] as const;

const missingCount = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-36",
    purpose: "Credentials with qop and without nc or cnonce authenticate nobody",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { claims: { "digest.qop": ["auth", "auth-int"] } }),
    parameters: ["qop"],
    variants: { missing: MISSING },
    clauses: ["RFC 7616 3.4", "RFC 2617 3.2.2"],
    steps: ["the terminal leaves nc or cnonce out, and computes the response as if it were empty"],
  },
  async (context) => {
    const deviation = MISSING.find((name) => name === context.parameters["missing"]) ?? "omittedCnonce";
    const trial = await deviatingRequest(context, deviation, { counted: true });
    context.check("1.1", "nothing protected is served without nc and cnonce", trial.refused, trial.how);
  },
);

/** Single directives of the answer, altered or left out. */
export const directiveCases = [
  staleDirective,
  otherUri,
  otherRealm,
  weakerAlgorithm,
  weakerQop,
  missingCount,
] as const;
