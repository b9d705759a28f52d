import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type {
  CaseContext,
  CaseTerminal,
  EntryOptions,
  SecondHandshakeOptions,
} from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { Access, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeRenegotiation } from "../../harness/wire/engine/second-handshake.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { goalOf, howEnded, isServed } from "../property/over-path.ts";
import { needing, USER_WAYS, type WayCode } from "../property/ways.ts";
import { expectedIdentities } from "../use-case-1/identity.ts";

// Over HTTPS with Digest a connection has no user, and each request its own proof.
const PSK = USER_WAYS[0];

interface User {
  readonly terminal: CaseTerminal;
  readonly association: SecurityAssociation;
}

interface Outcome {
  /** The second handshake ended well. */
  readonly completed: boolean;
  /** Behind it the connection serves what is protected. */
  readonly serves: boolean;
  readonly how: string;
}

/** One suite of each claimed version that has second handshakes. */
function linksOf({ ics }: CaseContext, code: WayCode): readonly Link[] {
  const links = claimedLinks(ics, code === "PSK" ? "uc1.psk-tls" : "uc1.https-digest");
  const older = links.filter(({ version }) => version !== "1.3");
  return [...new Map(older.map((link) => [link.version, link])).values()];
}

async function user({ anotherTerminal, preamble }: CaseContext): Promise<User> {
  const terminal = anotherTerminal();
  const association = await preamble("a terminal bootstraps", () => terminal.bootstrap());
  return { terminal, association };
}

const entering = ({ version, suite }: Link, more: EntryOptions): EntryOptions => ({
  client: "engine",
  version,
  suites: [suite],
  ...more,
});

/** A connection over which the user was served, and which stands. */
async function served(
  context: CaseContext,
  code: WayCode,
  { terminal, association }: User,
  link: Link,
): Promise<Access> {
  return context.preamble(`it is served over TLS ${link.version}`, async () => {
    const entry = await terminal.enter(association.credential, entering(link, {}));
    if (!entry.entered) throw new Error(describeEnding(entry.ending));
    const outcome = await entry.access.request(goalOf(context, code));
    if (!isServed(context, code, outcome)) throw new Error(howEnded(outcome));
    if (!entry.access.session.alive)
      throw new NothingToAsk("the enabler closes after each response: nothing follows on a connection");
    return entry.access;
  });
}

async function again(
  context: CaseContext,
  code: WayCode,
  { terminal }: User,
  access: Access,
  options: SecondHandshakeOptions,
): Promise<Outcome> {
  const outcome = await terminal.renegotiate(access, options);
  const completed = outcome.kind === "completed";
  const how = describeRenegotiation(outcome);
  if (!access.session.alive) return { completed, serves: false, how };
  const reply = await access.requestHere(goalOf(context, code));
  return { completed, serves: isServed(context, code, reply), how: `${how}, then ${howEnded(reply)}` };
}

/** The same connection and never another one: that would be the first user's, who made it. */
const staying = (access: Access): Access => ({
  session: access.session,
  request: (request) => access.requestHere(request),
  requestHere: (request) => access.requestHere(request),
  flightHere: (requests) => access.flightHere(requests),
});

/** Requests behind a second handshake that are looked at. */
const LATER = 2;

/** Who asks behind a second handshake: the other user where it ended well, else the first; nobody is right as well. */
async function toldRightly(
  context: CaseContext,
  access: Access,
  [first, other]: readonly [User, User],
  misbehaviour?: SecondHandshakeOptions["misbehaviour"],
): Promise<{ readonly right: boolean; readonly completed: boolean; readonly how: string }> {
  const { identityTold } = context;
  const here = staying(access);
  const told = ({ association }: User) => identityTold(here, association.btid);
  const isOf = ({ terminal, association }: User, one: string | undefined) =>
    expectedIdentities(context, terminal, association.btid).includes(one ?? "");
  const before = await told(first);
  if (!isOf(first, before))
    throw new Inconclusive(`before the second handshake the application was told ${JSON.stringify(before)}`);
  const outcome = await first.terminal.renegotiate(access, {
    credential: other.association.credential,
    ...(misbehaviour === undefined ? {} : { misbehaviour }),
  });
  const completed = outcome.kind === "completed";
  const owner = completed ? other : first;
  const seen: (string | undefined)[] = [];
  while (seen.length < LATER && access.session.alive) seen.push(await told(owner));
  const right = seen.every((one) => one === undefined || isOf(owner, one));
  const list = seen.map((one) => JSON.stringify(one) ?? "nobody").join(", ");
  return { right, completed, how: `${describeRenegotiation(outcome)}; then told: ${list || "nothing"}` };
}

export const legacyRenegotiation: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BI-04",
    purpose: "A second handshake that nothing binds to the first gives nobody the connection of another",
    requirements: ["5.1", "1.1"],
    polarity: "invalid",
    needs: needing(PSK.fields, { link: "below TLS 1.3", observes: ["identity"] }),
    parameters: [],
    clauses: ["RD 6 5.1", "RD 3.2 sender invariance", "RFC 5746 4.3, 4.4", "RFC 5246 7.2.2"],
    steps: [
      "in each claimed version below TLS 1.3 a terminal that knows nothing of RFC 5746 enters; the enabler may refuse it",
      "it begins a second handshake on its connection, with the identity and key of another user",
      "the enabler should refuse that; who asks afterwards is who proved his key last",
    ],
  },
  async (context) => {
    const { check, should, observe } = context;
    let asked = 0;
    for (const link of linksOf(context, "PSK")) {
      const both = [await user(context), await user(context)] as const;
      const { terminal, association } = both[0];
      const unaware = { misbehaviour: "withoutRenegotiationInfo" } as const;
      const entry = await terminal.enter(association.credential, entering(link, unaware));
      if (!entry.entered) {
        observe(`TLS ${link.version}: the first handshake is refused`, describeEnding(entry.ending));
        continue;
      }
      asked += 1;
      const { right, completed, how } = await toldRightly(context, entry.access, both, unaware.misbehaviour);
      const seen = `TLS ${link.version}: ${how}`;
      should("RFC 5746 4.4", "a second handshake without renegotiation_info is refused", !completed, seen);
      check("1.1", "each later request is that of the user who proved his key last", right, seen);
      check("5.1", "the connection belongs to the key that its last handshake proved", right, seen);
    }
    if (asked === 0) throw new NothingToAsk("the enabler takes nobody who knows nothing of RFC 5746");
  },
);

/** What a later ClientHello says instead of the verify_data of the first handshake. */
const UNBOUND = ["withoutRenegotiationInfo", "emptyRenegotiationInfo", "wrongVerifyData"] as const;

export const unboundRenegotiations: readonly TestCase[] = USER_WAYS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: `L51-${code}-BI-05`,
      purpose: "A second handshake that does not prove which one was before it does not end well",
      requirements: ["5.1"],
      polarity: "invalid",
      needs: needing(fields, { link: "below TLS 1.3" }),
      parameters: [],
      clauses: ["RD 6 5.1", "RFC 5746 3.7, 4.4", "RFC 5246 7.2.2"],
      steps: [
        "in each claimed version below TLS 1.3 a terminal is served, and renegotiation_info was in its first handshake",
        "it begins a second handshake on its connection: without renegotiation_info, with an empty one, with wrong verify_data",
        "the enabler declines it, ends it or says nothing; no such handshake ends well",
      ],
    },
    async (context) => {
      const { refusal, check } = context;
      const one = await user(context);
      const links = linksOf(context, code);
      const trial = await refusal(async () => {
        const seen = [];
        for (const link of links)
          for (const misbehaviour of UNBOUND) {
            const access = await served(context, code, one, link);
            const { completed, how } = await again(context, code, one, access, { misbehaviour });
            seen.push({ completed, how: `TLS ${link.version}, ${misbehaviour}: ${how}` });
          }
        return {
          served: seen.some(({ completed }) => completed),
          how: seen.map(({ how }) => how).join("; "),
        };
      });
      check("5.1", "no handshake ends well that is not bound to the one before", trial.refused, trial.how);
    },
  ),
);

export const renegotiationKeepsUser: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BI-06",
    purpose:
      "When another user proves his key on a connection, what follows is his and no longer the first one's",
    requirements: ["5.1", "1.1"],
    polarity: "invalid",
    needs: needing(PSK.fields, { link: "below TLS 1.3", observes: ["identity"] }),
    parameters: [],
    clauses: ["RD 6 5.1", "RD 3.2 sender invariance", "RFC 5746 3.7, 5", "RFC 5246 7.2.2"],
    steps: [
      "in each claimed version below TLS 1.3 a terminal is served, and the application is told its user",
      "it begins a second handshake on its connection, as RFC 5746 says, with the identity and key of another user",
      "where that ended well the application takes later requests for the other one's, where it was declined for the first one's",
    ],
  },
  async (context) => {
    const { check } = context;
    for (const link of linksOf(context, "PSK")) {
      const both = [await user(context), await user(context)] as const;
      const access = await served(context, "PSK", both[0], link);
      const { right, how } = await toldRightly(context, access, both);
      const seen = `TLS ${link.version}: ${how}`;
      check("1.1", "each later request is that of the user who proved his key last", right, seen);
      check("5.1", "the connection belongs to the key that its last handshake proved", right, seen);
    }
  },
);

/** Octets that are nobody's key. */
const NO_KEY = Buffer.alloc(32, 0x5a);

/** With what the first user tries it, and how it is called. */
function unproven(
  { keyManager }: CaseContext,
  first: SecurityAssociation,
  other: SecurityAssociation,
): readonly (readonly [what: string, options: SecondHandshakeOptions])[] {
  const { credential } = first;
  return [
    ["an unknown name", { credential: credential.withName(keyManager.unknownBTid(), "an unknown name") }],
    ["another user's name", { credential: other.credential.withKeyOf(credential) }],
    ["a wrong key", { credential: credential.withKey(NO_KEY, "nobody's key") }],
    ["a wrong Finished", { credential: other.credential, misbehaviour: "wrongFinished" }],
  ];
}

export const renegotiationProves: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BI-07",
    purpose:
      "Nothing is served behind a second handshake that did not prove the key of the user whom it names",
    requirements: ["5.1", "1.1"],
    polarity: "invalid",
    needs: needing(PSK.fields, { link: "below TLS 1.3" }),
    parameters: [],
    clauses: ["RD 6 5.1", "RD 3.2 sender invariance", "RFC 4279 2", "RFC 5246 7.4.9", "RFC 5746 3.7"],
    steps: [
      "in each claimed version below TLS 1.3 a terminal is served",
      "it begins a second handshake on its connection: under a name that nobody has, under another user's name with its own key, with a key that nobody has, with a wrong Finished",
      "nothing protected is served behind such a handshake, if it ends well",
    ],
  },
  async (context) => {
    const { refusal, check } = context;
    const [one, other] = [await user(context), await user(context)];
    const tries = unproven(context, one.association, other.association);
    const trial = await refusal(async () => {
      const seen = [];
      for (const link of linksOf(context, "PSK"))
        for (const [what, options] of tries) {
          const access = await served(context, "PSK", one, link);
          const { completed, serves, how } = await again(context, "PSK", one, access, options);
          seen.push({ served: completed && serves, how: `TLS ${link.version}, ${what}: ${how}` });
        }
      return { served: seen.some(({ served }) => served), how: seen.map(({ how }) => how).join("; ") };
    });
    check("5.1", "nothing is served under a key that was not proven", trial.refused, trial.how);
    check("1.1", "nobody is taken for a user whose key he did not prove", trial.refused, trial.how);
  },
);
