import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { claimedLinks } from "../../harness/conformance/parameters.ts";
import { pskIdentity } from "../../harness/protocols/gba/index.ts";
import type { Ixit } from "../../harness/system/profile/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { NORMAL, needing } from "./flows.ts";
import { expectedIdentities } from "./identity.ts";

const REFUSED = "no protected resource is served and no state changes";

/** RFC 4279 5.3: an identity of up to 128 octets MUST be supported. */
const LONGEST_DEMANDED = 128;

/** Of what base64 is made of, as the local part of other B-TIDs is. */
export function letters(count: number): string {
  const octets = crypto.getRandomValues(new Uint8Array(count));
  return Buffer.from(octets).toString("base64").slice(0, count);
}

/**
 * A B-TID with which the PSK identity has this many octets in all.
 * @throws when the name of the key manager alone is longer
 */
export function btidOfIdentity(octets: number, { psk, keyManager }: Ixit): string {
  const domain = `@${keyManager.name}`;
  const left = octets - Buffer.byteLength(pskIdentity(domain, psk.separator));
  if (left < 1) throw new Error(`IXIT keyManager.name leaves no room in an identity of ${octets} octets`);
  return `${letters(left)}${domain}`;
}

export const longestIdentity = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-03",
    purpose: "An identity of 128 octets in all works as any other",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["tls"],
    clauses: ["RFC 4279 5.3", "TS 33.220 4.5.2"],
    steps: [
      "the key manager gives out a B-TID with which the identity, prefix included, has 128 octets",
      "the terminal enters with it",
    ],
  },
  async ({ terminal, ixit, enabler, preamble, enterValid, check }) => {
    const { credential } = await preamble("the terminal bootstraps", () =>
      terminal.bootstrap({ btid: btidOfIdentity(LONGEST_DEMANDED, ixit) }),
    );
    const entry = await enterValid(terminal, credential);
    const how = entry.entered ? "completed" : describeEnding(entry.ending);
    check("RFC 4279 5.3", "the handshake completes with an identity of 128 octets", entry.entered, how);
    const outcome = entry.entered ? await entry.access.request(enabler.protectedResource) : undefined;
    const served = outcome?.ok === true && enabler.serves(outcome.response);
    check("1.1", "the protected resource is served to the terminal", served, how);
  },
);

const LONGER = [129, 192, 256] as const;

/** The B-TID of somebody, made longer in front or behind until the identity has this many octets. */
function extended(btid: string, shares: string | undefined, octets: number): string {
  const more = letters(octets - LONGEST_DEMANDED);
  return shares === "suffix" ? `${more}${btid}` : `${btid}${more.replaceAll(/[+/]/g, "x")}`;
}

export const cutIdentity = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-01",
    purpose: "An identity of more than 128 octets is never taken for another one that is a part of it",
    requirements: ["1.1"],
    polarity: "boundary",
    parameters: ["tls"],
    variants: { shares: ["prefix", "suffix"] },
    clauses: ["RFC 4279 5.3", "RFC 9257 6.1.1"],
    steps: [
      "a terminal whose identity has 128 octets is served",
      "with its key it names identities of 129, 192 and 256 octets that begin or end with its own, which were never given out",
    ],
  },
  async ({ terminal, ixit, parameters, preamble, enterServed, check }) => {
    const { btid, credential } = await preamble("the terminal bootstraps", () =>
      terminal.bootstrap({ btid: btidOfIdentity(LONGEST_DEMANDED, ixit) }),
    );
    await preamble("the terminal is served", () => enterServed(terminal, credential));
    for (const octets of LONGER) {
      const longer = extended(btid, parameters["shares"], octets);
      const attempt = await terminal.attempt(credential.withName(longer, `identity of ${octets} octets`));
      check("1.1", REFUSED, attempt.refused, `identity of ${octets} octets: ${attempt.how}`);
    }
  },
);

/** Whom the application is told when a terminal is let in; undefined when it is not. */
async function toldWhenServed(
  { enterValid, identityTold }: CaseContext,
  terminal: CaseContext["terminal"],
  { btid, credential }: Awaited<ReturnType<CaseContext["terminal"]["bootstrap"]>>,
): Promise<string | undefined> {
  const entry = await enterValid(terminal, credential);
  return entry.entered ? identityTold(entry.access, btid) : undefined;
}

export const ownLongIdentity = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BO-02",
    purpose:
      "Whoever has an identity of more than 128 octets is refused or known by it, and not by a part of it",
    requirements: ["1.1"],
    polarity: "boundary",
    needs: needing(NORMAL, { observes: ["identity"] }),
    parameters: ["tls"],
    variants: { shares: ["prefix", "suffix"] },
    clauses: ["RFC 4279 5.3", "RFC 9257 6.1.1", "RD 3.2 consistent view"],
    steps: [
      "a terminal whose identity has 128 octets is served",
      "another one was given an identity of 129 or 256 octets that begins or ends with the first one's, and enters",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, ixit, parameters, preamble, enterServed, check, observe } = context;
    const known = await preamble("the terminal bootstraps", () =>
      terminal.bootstrap({ btid: btidOfIdentity(LONGEST_DEMANDED, ixit) }),
    );
    const access = await preamble("the terminal is served", () => enterServed(terminal, known.credential));
    await context.identityTold(access, known.btid);
    for (const octets of [129, 256]) {
      const other = anotherTerminal();
      const longer = extended(known.btid, parameters["shares"], octets);
      const own = await preamble("another terminal bootstraps", () => other.bootstrap({ btid: longer }));
      const told = await toldWhenServed(context, other, own);
      const right = told === undefined || expectedIdentities(context, other, own.btid).includes(told);
      check("1.1", "who is let in is told as himself", right, `identity of ${octets} octets: told ${told}`);
      observe(`identity of ${octets} octets`, told === undefined ? "refused" : "accepted");
    }
  },
);

/** What else a terminal could write that means its own B-TID. */
function otherForms(form: string | undefined, btid: string, { psk }: Ixit): readonly string[] {
  const [local = "", domain = ""] = btid.split("@");
  if (form === "bare") return [btid];
  if (form === "domain-letters") return [pskIdentity(`${local}@${domain.toUpperCase()}`, psk.separator)];
  const separators = (["", ";", "."] as const).filter((one) => one !== psk.separator);
  return separators.map((separator) => pskIdentity(btid, separator));
}

export const identityForms: TestCase = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BI-31",
    purpose: "An identity that is written otherwise names the same user or nobody",
    requirements: ["1.1"],
    polarity: "invalid",
    needs: needing(NORMAL, { observes: ["identity"] }),
    parameters: ["tls"],
    variants: { form: ["bare", "other-separator", "domain-letters"] },
    clauses: ["TS 24.109 F.3, K.3.2", "RFC 4279 5", "RFC 9257 6.1.1", "RFC 7542 3"],
    steps: [
      "another terminal is served",
      "the terminal names its B-TID without the prefix, with another separator or with a domain in other letters",
      "it proves its own key, then the other terminal's key and a key of 32 zero octets",
    ],
  },
  async (context) => {
    const { terminal, anotherTerminal, ixit, parameters, preamble, enterServed, identityTold, check } =
      context;
    const other = anotherTerminal();
    const theirs = await preamble("another terminal bootstraps", () => other.bootstrap());
    await preamble("it is served", () => enterServed(other, theirs.credential));
    const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    for (const identity of otherForms(parameters["form"], btid, ixit)) {
      const entry = await terminal.enter(credential, { identity });
      const told = entry.entered ? await identityTold(entry.access, btid) : undefined;
      const right = told === undefined || expectedIdentities(context, terminal, btid).includes(told);
      const seen = entry.entered ? `let in and told ${told}` : describeEnding(entry.ending);
      check("1.1", "with his own key he is refused or told as himself", right, `${identity}: ${seen}`);
      for (const wrong of [
        credential.withKeyOf(theirs.credential),
        credential.withKey(new Uint8Array(32), "zeros"),
      ]) {
        const attempt = await terminal.attempt(wrong, { identity });
        check("1.1", REFUSED, attempt.refused, `${identity}, ${wrong.lie}: ${attempt.how}`);
      }
    }
  },
);

export const emptyIdentity: TestCase = testCase(
  {
    ...NORMAL,
    id: "UC1-PSK-BI-32",
    purpose: "An empty identity is nobody's: neither a user's nor that of an anonymous one",
    requirements: ["1.1"],
    polarity: "boundary",
    needs: needing(NORMAL, { tls: "1.2" }),
    parameters: [],
    variants: { identity: ["empty", "prefix-only"] },
    clauses: ["RFC 4279 2, 5", "TS 24.109 F.3"],
    steps: [
      "the terminal is served",
      "in TLS 1.2, where an empty identity can be written, it names nobody or only the prefix",
      "it proves its own key, then a key of 32 zero octets",
    ],
  },
  async ({ terminal, ixit, ics, parameters, preamble, enterServed, check }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    await preamble("the terminal is served", () => enterServed(terminal, credential));
    const identity = parameters["identity"] === "empty" ? "" : pskIdentity("", ixit.psk.separator);
    const suites = claimedLinks(ics, "uc1.psk-tls")
      .filter(({ version }) => version === "1.2")
      .map(({ suite }) => suite)
      .slice(0, 1);
    for (const tried of [credential, credential.withKey(new Uint8Array(32), "key of zeros")]) {
      const attempt = await terminal.attempt(tried, { identity, version: "1.2", suites });
      check("1.1", REFUSED, attempt.refused, `${tried.lie ?? "own key"}: ${attempt.how}`);
    }
  },
);
