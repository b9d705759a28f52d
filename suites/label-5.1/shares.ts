import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { goalOf, howEnded } from "../property/over-path.ts";
import { needing, USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

/** Of each claimed version one suite that agrees a secret on an elliptic curve. @throws NothingToAsk */
function ellipticLinks({ ics }: CaseContext, code: WayCode): readonly Link[] {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const elliptic = links.filter(({ version, suite }) => version === "1.3" || suite.name.includes("_ECDHE_"));
  if (elliptic.length === 0) throw new NothingToAsk("no suite is claimed that agrees a secret on a curve");
  return [...new Map(elliptic.map((link) => [link.version, link])).values()];
}

/** Whether it does when the share is right. */
async function takesX25519(
  { terminal }: CaseContext,
  credential: NafCredential,
  { version, suite }: Link,
): Promise<boolean> {
  const entry = await terminal.enter(credential, { version, suites: [suite], misbehaviour: "x25519Only" });
  return entry.entered;
}

/** Sends the point zero, and asks for what is protected where the handshake ends. */
async function sendZero(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  { version, suite }: Link,
): Promise<{ readonly served: boolean; readonly how: string }> {
  const entry = await context.terminal.enter(credential, {
    version,
    suites: [suite],
    misbehaviour: "zeroShare",
  });
  const end = entry.entered ? "" : describeEnding(entry.ending);
  if (!entry.entered && !entry.tcpConnected) throw new Inconclusive(end);
  if (!entry.entered) return { served: false, how: `TLS ${version}: ${end}` };
  const outcome = await entry.access.request(goalOf(context, code));
  const served = outcome.ok && outcome.response.status < 300;
  return { served, how: `TLS ${version}: ${howEnded(outcome)}` };
}

export const degenerateShares: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BI-02`,
      purpose: "A share from which everybody knows the secret agrees no key",
      requirements: ["5.1"],
      polarity: "invalid",
      needs: needing(fields, { link: "elliptic" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RFC 8446 4.2.8.2, 7.4.2", "RFC 7748 6.1", "RFC 8422 5.11"],
      steps: [
        "in each version with a suite that has a curve, a terminal sends the point zero as its share",
        "where the handshake ends, it asks for what is protected; nothing is served",
      ],
    },
    async (context) => {
      const { terminal, preamble, refusal, check } = context;
      const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      const links: Link[] = [];
      for (const link of ellipticLinks(context, code))
        if (await takesX25519(context, credential, link)) links.push(link);
      if (links.length === 0) throw new NothingToAsk("the enabler takes no share of X25519");
      const trial = await refusal(async () => {
        const seen = [];
        for (const link of links) seen.push(await sendZero(context, code, credential, link));
        return { served: seen.some(({ served }) => served), how: seen.map(({ how }) => how).join("; ") };
      });
      check("5.1", "nothing is served under a secret that everybody knows", trial.refused, trial.how);
    },
  ),
);
