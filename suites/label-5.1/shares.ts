import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, EntryOptions } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import {
  type GroupName,
  type ShareGroup,
  shareDeviation,
  wrongShares,
} from "../../harness/protocols/tls/index.ts";
import type { NafCredential } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { goalOf, howEnded } from "../property/over-path.ts";
import { needing, USER_WAYS, WAYS_IN, type WayCode } from "../property/ways.ts";

/** A suite of one version, and the group that is offered alone with it. */
interface Agreement extends Link {
  /** Undefined up to TLS 1.2 in a finite field: the enabler chooses it. */
  readonly group: GroupName | undefined;
}

type Wrong = ReturnType<typeof wrongShares>[number];

function offering({ version, suite, group }: Agreement): EntryOptions {
  const groups = group === undefined ? {} : { groups: [group] };
  // With psk_ke alone there would be no share to be wrong (RFC 8446 4.2.9).
  return {
    client: "engine",
    version,
    suites: [suite],
    offering: { ...groups, ...(version === "1.3" ? { pskModes: ["psk_dhe_ke"] } : {}) },
  };
}

/** Those of the agreements in which the enabler takes a right share. @throws NothingToAsk for none */
async function taken(
  { terminal }: CaseContext,
  credential: NafCredential,
  agreements: readonly Agreement[],
): Promise<readonly Agreement[]> {
  const found: Agreement[] = [];
  for (const one of agreements) {
    const entry = await terminal.enter(credential, offering(one));
    if (entry.entered) found.push(one);
  }
  if (found.length === 0) throw new NothingToAsk("the enabler takes no right share of this group");
  return found;
}

/** Sends this share until somebody is served, on as many connections as it takes to meet the secret. */
async function send(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  agreement: Agreement,
  misbehaviour: Wrong,
): Promise<{ readonly served: boolean; readonly how: string }> {
  const { connections } = shareDeviation(misbehaviour);
  const ends = new Set<string>();
  let served = false;
  for (let nth = 0; nth < connections && !served; nth += 1) {
    const entry = await context.terminal.enter(credential, { ...offering(agreement), misbehaviour });
    if (entry.entered) {
      const outcome = await entry.access.request(goalOf(context, code));
      ends.add(howEnded(outcome));
      served = outcome.ok && outcome.response.status < 300;
      continue;
    }
    const end = describeEnding(entry.ending);
    if (!entry.tcpConnected) throw new Inconclusive(end);
    ends.add(end);
  }
  return { served, how: `TLS ${agreement.version}, ${misbehaviour}: ${[...ends].join(", ")}` };
}

async function sendAll(
  context: CaseContext,
  code: WayCode,
  credential: NafCredential,
  agreements: readonly Agreement[],
  wrong: (agreement: Agreement) => readonly Wrong[],
) {
  const seen = [];
  for (const one of agreements)
    for (const name of wrong(one)) seen.push(await send(context, code, credential, one, name));
  return { served: seen.some(({ served }) => served), how: seen.map(({ how }) => how).join("; ") };
}

const bootstrapped = ({ preamble, terminal }: CaseContext) =>
  preamble("the terminal bootstraps", () => terminal.bootstrap());

const CURVES = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1"] as const satisfies ShareGroup[];

/** Of each claimed version one suite that agrees a secret on a curve, with this one. */
function onCurve({ ics }: CaseContext, code: WayCode, group: GroupName): readonly Agreement[] {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const elliptic = links.filter(({ version, suite }) => version === "1.3" || suite.name.includes("_ECDHE_"));
  const one = new Map(elliptic.map((link) => [link.version, link]));
  return [...one.values()].map((link) => ({ ...link, group }));
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
      variants: { group: CURVES },
      clauses: ["RD 6 5.1", "RFC 8446 4.2.8.2, 7.4.2", "RFC 7748 6.1, 6.2", "RFC 8422 5.11"],
      steps: [
        "in each version with a suite that has a curve, a terminal whose right share of this curve is taken sends a wrong one:",
        "of x25519 and x448 each point of small order and what stands for one, of the others infinity, zeros, and a point of order three of another curve, on so many connections that its secret is met",
        "where the handshake ends, it asks for what is protected; nothing is served",
        "what becomes of right points in a form that is not agreed is recorded",
      ],
    },
    async (context) => {
      const { refusal, check, observe, parameters } = context;
      const group = CURVES.find((one) => one === parameters["group"]) ?? "x25519";
      const { credential } = await bootstrapped(context);
      const agreements = await taken(context, credential, onCurve(context, code, group));
      const trial = await refusal(() =>
        sendAll(context, code, credential, agreements, ({ version }) =>
          wrongShares(group, version, "degenerate"),
        ),
      );
      check("5.1", "nothing is served under a secret that everybody knows", trial.refused, trial.how);
      const forms = await sendAll(context, code, credential, agreements, ({ version }) =>
        wrongShares(group, version, "form"),
      );
      if (forms.how !== "") observe("right points in another form", forms.how);
    },
  ),
);

const FIELDS = ["ffdhe2048", "ffdhe3072"] as const satisfies GroupName[];

/** One suite of TLS 1.3 with each field that has a name, and of each older version one whose field the enabler names. */
function inField({ ics }: CaseContext, code: WayCode) {
  const links = claimedLinks(ics, WAYS_IN[code]);
  const newest = links.filter(({ version }) => version === "1.3").slice(0, 1);
  const older = links.filter(({ version, suite }) => version !== "1.3" && suite.name.includes("_DHE_"));
  return {
    named: newest.flatMap((link) => FIELDS.map((group): Agreement => ({ ...link, group }))),
    chosen: [...new Map(older.map((link) => [link.version, link])).values()].map(
      (link): Agreement => ({ ...link, group: undefined }),
    ),
  };
}

export const degenerateNumbers: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BI-08`,
      purpose: "A number from which everybody knows the secret agrees no key in a finite field",
      requirements: ["5.1"],
      polarity: "invalid",
      needs: needing(fields, { tls: "1.3" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RFC 8446 4.2.8.1", "RFC 7919 5.1"],
      steps: [
        "with each field of TLS 1.3 of which a right share is taken, a terminal sends zero, one, the prime less one, the prime, and the prime and one, on so many connections that the secret is met",
        "where the handshake ends, it asks for what is protected; nothing is served",
        "the same up to TLS 1.2, where a suite with a finite field is claimed: no clause is broken there, and nothing should be served",
      ],
    },
    async (context) => {
      const { refusal, check, should } = context;
      const { credential } = await bootstrapped(context);
      const { named, chosen } = inField(context, code);
      const degenerate = ({ version }: Agreement) => wrongShares("finite-field", version, "degenerate");
      const agreements = await taken(context, credential, named);
      const trial = await refusal(() => sendAll(context, code, credential, agreements, degenerate));
      check("5.1", "nothing is served under a secret that everybody knows", trial.refused, trial.how);
      if (chosen.length === 0) return;
      const older = await taken(context, credential, chosen);
      const finding = await refusal(() => sendAll(context, code, credential, older, degenerate));
      should(
        "RFC 7919 5.1",
        "nor up to TLS 1.2 in a field that the enabler names",
        finding.refused,
        finding.how,
      );
    },
  ),
);
