import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal, EntryOptions } from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { ResumableSession } from "../../harness/protocols/tls/index.ts";
import type { NafCredential, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { goalOf, howEnded, isServed } from "../property/over-path.ts";
import { needing, USER_WAYS } from "../property/ways.ts";
import { expirySoon } from "../use-case-1/expiry.ts";
import { expectedIdentities } from "../use-case-1/identity.ts";

// Over HTTPS with Digest a session has no user, and each request its own proof.
const PSK = USER_WAYS[0];

interface Resumable {
  readonly terminal: CaseTerminal;
  readonly association: SecurityAssociation;
  readonly options: EntryOptions;
  readonly resume: ResumableSession;
}

/** One suite of each claimed version. */
const linksOf = ({ ics }: CaseContext): readonly Link[] => [
  ...new Map(claimedLinks(ics, "uc1.psk-tls").map((link) => [link.version, link])).values(),
];

/** A terminal that was served and could resume its session, in a version in which the enabler does; undefined: it does not. */
async function resumable(
  context: CaseContext,
  { version, suite }: Link,
  steer: (association: SecurityAssociation) => void = () => undefined,
): Promise<Resumable | undefined> {
  const { anotherTerminal, preamble } = context;
  const terminal = anotherTerminal();
  const association = await preamble("a terminal bootstraps", () => terminal.bootstrap());
  steer(association);
  const options = { version, suites: [suite] };
  const sessions: ResumableSession[] = [];
  await preamble("it is served", async () => {
    const onTicket = (session: ResumableSession) => sessions.push(session);
    const entry = await terminal.enter(association.credential, { ...options, onTicket });
    if (!entry.entered) throw new Error(describeEnding(entry.ending));
    const outcome = await entry.access.request(goalOf(context, "PSK"));
    if (!isServed(context, "PSK", outcome)) throw new Error(howEnded(outcome));
    await entry.access.session.close();
  });
  const resume = sessions.at(-1);
  return resume === undefined ? undefined : { terminal, association, options, resume };
}

/** What the application serves when the session goes on with this credential and these options. */
async function resumed(
  context: CaseContext,
  { terminal, options, resume }: Resumable,
  credential: NafCredential,
  more: EntryOptions = {},
): Promise<{ readonly served: boolean; readonly goesOn: boolean; readonly how: string }> {
  const entry = await terminal.enter(credential, { ...options, ...more, resume });
  if (!entry.entered) return { served: false, goesOn: false, how: describeEnding(entry.ending) };
  const goesOn = entry.access.session.resumed;
  const outcome = await entry.access.requestHere(goalOf(context, "PSK"));
  const how = `${goesOn ? "resumed" : "a full handshake"}, ${howEnded(outcome)}`;
  return { served: isServed(context, "PSK", outcome), goesOn, how };
}

/** Who does not have the key any more cannot get in with a full handshake: then only the session could let him in. */
const WITHOUT_KEY = Buffer.alloc(32, 0x5a);

export const resumptionKeepsUser: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BV-02",
    purpose: "A session that goes on belongs to the user whose key it was made with",
    requirements: ["5.1", "1.1"],
    polarity: "valid",
    needs: needing(PSK.fields, { observes: ["identity"] }),
    parameters: [],
    clauses: ["RD 6 5.1", "RD 3.2 sender invariance", "RFC 5246 7.3", "RFC 8446 2.2"],
    steps: [
      "in each claimed version two terminals are served, one behind the other, and end their connections",
      "each resumes its session in turn; the application takes each for itself",
    ],
  },
  async (context) => {
    const { check, identityTold } = context;
    let asked = 0;
    for (const link of linksOf(context)) {
      const both = [await resumable(context, link), await resumable(context, link)];
      for (const one of both) {
        if (one === undefined) continue;
        const { terminal, association, options, resume } = one;
        const entry = await terminal.enter(association.credential, { ...options, resume });
        if (!entry.entered || !entry.access.session.resumed) continue;
        asked += 1;
        const told = await identityTold(entry.access, association.btid);
        const right = expectedIdentities(context, terminal, association.btid).includes(told ?? "");
        const seen = `TLS ${link.version}: told ${JSON.stringify(told)}`;
        check("1.1", "the application is told the user of the session", right, seen);
        check("5.1", "the session keeps the key that it was made with", right, seen);
      }
    }
    if (asked === 0) throw new NothingToAsk("the enabler resumes no session");
  },
);

export const resumptionEnds: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BO-01",
    purpose: "No session goes on when the key that it was made with has expired",
    requirements: ["5.1"],
    polarity: "expiry",
    parameters: [],
    clauses: ["RD 6 5.1", "TS 24.109 F.2.1, 5.3.3.4", "RFC 8446 4.6.1"],
    steps: [
      "the key manager tells an expiry some seconds ahead; the terminal is served and ends its connection",
      "expiry and tolerance pass; the terminal resumes its session, in each claimed version",
      "nothing protected is served",
    ],
  },
  async (context) => {
    const { keyManager, refusal, untilAfter, check } = context;
    const expiry = expirySoon();
    const steer = (association: SecurityAssociation) => keyManager.steer(association, { expiry });
    const found: Resumable[] = [];
    for (const link of linksOf(context)) {
      const one = await resumable(context, link, steer);
      if (one !== undefined) found.push(one);
    }
    if (found.length === 0) throw new NothingToAsk("the enabler gives nothing to resume a session with");
    await untilAfter(expiry);
    const trial = await refusal(async () => {
      const seen = [];
      for (const one of found) seen.push(await resumed(context, one, one.association.credential));
      return { served: seen.some(({ served }) => served), how: seen.map(({ how }) => how).join("; ") };
    });
    check("5.1", "nothing protected is served in a session that outlives its key", trial.refused, trial.how);
  },
);

export const resumptionForOtherName: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BI-03",
    purpose: "A session that was made for one name of the enabler does not go on for another",
    requirements: ["5.1"],
    polarity: "invalid",
    needs: needing(PSK.fields, { otherNames: true }),
    parameters: [],
    clauses: ["RD 6 5.1", "RFC 6066 3", "TS 33.220 B.2"],
    steps: [
      "in each claimed version a terminal is served under the first name and ends its connection",
      "it resumes the session under another name of the enabler, and has no key for it",
      "nothing protected is served",
    ],
  },
  async (context) => {
    const { ixit, refusal, check } = context;
    const [other] = ixit.enabler.otherNames ?? [];
    const found: Resumable[] = [];
    for (const link of linksOf(context)) {
      const one = await resumable(context, link);
      if (one !== undefined) found.push(one);
    }
    if (found.length === 0 || other === undefined)
      throw new NothingToAsk("the enabler gives nothing to resume a session with");
    const trial = await refusal(async () => {
      const seen = [];
      for (const one of found) {
        const stranger = one.association.credential.withKey(WITHOUT_KEY, "no key for this name");
        seen.push(await resumed(context, one, stranger, { serverName: other }));
      }
      return { served: seen.some(({ served }) => served), how: seen.map(({ how }) => how).join("; ") };
    });
    check("5.1", "a session opens nothing under a name that it was not made for", trial.refused, trial.how);
  },
);
