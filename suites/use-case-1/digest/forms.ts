import { testCase } from "../../../harness/conformance/case.ts";
import type { CaseContext } from "../../../harness/conformance/case-context.ts";
import { serializeAuthorization } from "../../../harness/protocols/digest/index.ts";
import {
  type Access,
  type DigestAccess,
  type DigestDeviation,
  deviate,
  recomputed,
  type SentRequest,
} from "../../../harness/roles/terminal/index.ts";
import { ALTERNATIVE, needing } from "../flows.ts";
import { expectedIdentities } from "../identity.ts";
import { challenge, howEnded, open, sendingTrial, trialOf, withDirective } from "./requests.ts";

const FORMS = [
  "quotedTokens",
  "usernameAsToken",
  "upperCaseResponse",
  "staleRealm",
  "staleAlgorithm",
  "inventedQop",
  "changedOpaque",
  "omittedOpaque",
] as const satisfies readonly DigestDeviation[];
const OTHER_USER_AGENT = [["User-Agent", "browser/1"]] as const;

const tolerance = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-10",
    purpose: "Whatever form of credentials an enabler tolerates, it never takes a wrong response in it",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: [],
    variants: { form: [...FORMS, "otherUserAgent"] },
    clauses: ["RFC 7616 3.4, 3.4.2", "RFC 2617 3.2.2", "RFC 9110 11.2", "TS 24.109 5.2.1"],
    steps: [
      "the terminal sends the right response in a form that a server may tolerate or refuse, which is only recorded",
      "it sends a wrong response in the same form, under a fresh challenge",
    ],
  },
  async (context) => {
    const { terminal, enabler, parameters, preamble, check, should, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a TLS connection", () => open(terminal, credential));
    const form = FORMS.find((name) => name === parameters["form"]);
    const formed = (sent: SentRequest) =>
      form === undefined
        ? { ...sent, request: { ...sent.request, headers: OTHER_USER_AGENT } }
        : deviate(form, sent, access.secrets);
    const prepared = async () => {
      await preamble("a challenge", () => challenge(access, enabler.protectedResource));
      return access.right(enabler.protectedResource);
    };
    const right = await access.send(formed(await prepared()));
    observe(`the right response, ${parameters["form"]}`, howEnded(right));
    if (form === "inventedQop") {
      const { served, how } = trialOf(enabler, right);
      should("RFC 7616 3.4", "a qop that was not offered is refused", !served, how);
    }
    const wrong = formed(deviate("wrongResponse", await prepared(), access.secrets));
    const trial = await sendingTrial(context, access, wrong);
    check("1.1", "nothing protected is served for a wrong response in this form", trial.refused, trial.how);
  },
);

const CONFLICTS = ["name-before", "name-behind", "header-before", "header-behind"] as const;

/** The user's own right credentials, with the name of another one in a second directive or a second header. */
function conflicting(
  conflict: string | undefined,
  right: SentRequest,
  other: string,
  { secrets }: DigestAccess,
): SentRequest {
  const named = { name: "username", value: other };
  const { fields } = recomputed({ ...right, fields: { ...right.fields, username: other } }, secrets);
  const headers = [serializeAuthorization(right.fields), serializeAuthorization(fields)];
  switch (conflict) {
    case "name-before":
      return withDirective(right, named, "before");
    case "name-behind":
      return withDirective(right, named, "behind");
    case "header-before":
      return { ...right, authorization: headers.toReversed() };
    default:
      return { ...right, authorization: headers };
  }
}

/** The next request of an access, with its credentials edited. */
function editing(access: DigestAccess, edit: (right: SentRequest) => SentRequest): Access {
  return {
    session: access.session,
    request: (request) => access.send(edit(access.right(request))),
    requestHere: (request) => access.send(edit(access.right(request))),
    flightHere: (requests) => access.pipeline(requests.map((request) => edit(access.right(request)))),
  };
}

const conflict = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BI-38",
    purpose: "Credentials that name two users never authenticate as one and are told as the other",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(ALTERNATIVE, { observes: ["identity"] }),
    parameters: [],
    variants: { conflict: CONFLICTS },
    clauses: ["RFC 9110 11.2, 5.3", "RD 3.2 consistent view"],
    steps: [
      "two users are served",
      "one proves its own key, and names the other in a second username or a second Authorization header",
      "the identity that the application is told is not the other's",
    ],
  },
  async (context: CaseContext) => {
    const { terminal, anotherTerminal, enabler, parameters, preamble, check, observe } = context;
    const other = anotherTerminal();
    const mine = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const theirs = await preamble("another one bootstraps", () => other.bootstrap());
    await preamble("the other is served, and told", async () => {
      const told = await context.identityTold(
        await context.enterServedWithDigest(other, theirs.credential),
        theirs.btid,
      );
      if (told === undefined) throw new Error("no identity can be read (IXIT resources.identity)");
    });
    const access = await preamble("the terminal is served", () =>
      context.enterServedWithDigest(terminal, mine.credential),
    );
    const both = editing(access, (right) => conflicting(parameters["conflict"], right, theirs.btid, access));
    observe("how it was answered", howEnded(await both.request(enabler.protectedResource)));
    const told = await context.identityTold(both, mine.btid);
    check(
      "1.1",
      "the application is told nobody, or the user whose key was proven",
      told === undefined || expectedIdentities(context, terminal, mine.btid).includes(told),
      `told ${JSON.stringify(told)}; the other is ${other.impi}`,
    );
  },
);

/** Octets. The smallest is more than most servers take in one field, and less than most take in all. */
const SIZES = {
  "field-12k": 12_000,
  "field-100k": 100_000,
  "field-1m": 1_000_000,
  "target-100k": 100_000,
  "body-1m": 1_000_000,
};

function oversized(
  size: string | undefined,
  enabler: CaseContext["enabler"],
  access: DigestAccess,
): SentRequest {
  const octets = "a".repeat(Object.entries(SIZES).find(([name]) => name === size)?.[1] ?? SIZES["field-12k"]);
  const { protectedResource } = enabler;
  const lie = (request: SentRequest["request"]) =>
    deviate("wrongResponse", access.right(request), access.secrets);
  if (size === "target-100k") {
    const separator = protectedResource.target.includes("?") ? "&" : "?";
    return lie({ ...protectedResource, target: `${protectedResource.target}${separator}${octets}` });
  }
  if (size === "body-1m") return lie({ ...protectedResource, method: "POST", body: octets });
  const sent = lie(protectedResource);
  return { ...sent, authorization: [`${serializeAuthorization(sent.fields)}, padding="${octets}"`] };
}

const tooLarge = testCase(
  {
    ...ALTERNATIVE,
    id: "UC1-DIG-BO-11",
    purpose:
      "A request that is too large is no way past the check of its credentials, and ends nobody's service",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: [],
    variants: { size: Object.keys(SIZES) },
    clauses: ["RFC 9110 15.5.14, 15.5.15", "RFC 7616 3.4.1"],
    steps: [
      "the terminal sends a wrong response with a very long Authorization field, request target or body",
      "another terminal is served afterwards",
    ],
  },
  async (context) => {
    const { terminal, enabler, parameters, preamble, check, observe } = context;
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("a challenge on a TLS connection", async () =>
      challenge(await open(terminal, credential), enabler.protectedResource),
    );
    const trial = await sendingTrial(context, access, oversized(parameters["size"], enabler, access));
    check("1.1", "nothing protected is served, however large the request is", trial.refused, trial.how);
    observe("how it was refused", trial.how);
  },
);

/** How credentials are written, beyond what one directive says. */
export const formCases = [tolerance, conflict, tooLarge] as const;
