import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, SecondHandshakeOptions } from "../../harness/conformance/case-context.ts";
import type { Link } from "../../harness/conformance/parameters.ts";
import { NothingToAsk } from "../../harness/conformance/verdict.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { howEnded } from "../property/over-path.ts";
import { needing, USER_WAYS, type WayCode } from "../property/ways.ts";
import { expirySoon } from "../use-case-1/expiry.ts";
import {
  again,
  entering,
  late,
  linksOf,
  named,
  type Outcome,
  served,
  together,
  toldRightly,
  type User,
  user,
} from "./second-handshake.ts";

// Over HTTPS with Digest a connection has no user, and each request its own proof.
const [PSK, DIG] = USER_WAYS;

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
      const { refusal, check, observe } = context;
      const one = await user(context);
      const trial = await refusal(async () => {
        const seen: Outcome[] = [];
        for (const link of linksOf(context, code))
          for (const misbehaviour of UNBOUND) {
            const access = await served(context, code, one, link);
            // Who knows nothing of RFC 5746 is not bound by it.
            if (access.session.secureRenegotiation !== true) continue;
            seen.push(named(link, misbehaviour, await again(context, code, one, access, { misbehaviour })));
          }
        if (seen.length === 0) throw new NothingToAsk("the enabler knows nothing of RFC 5746");
        return { served: seen.some(({ completed }) => completed), how: together(seen) };
      });
      observe("what became of second handshakes that are not bound", trial.how);
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
    const { check, observe } = context;
    for (const link of linksOf(context, "PSK")) {
      const both = [await user(context), await user(context)] as const;
      const access = await served(context, "PSK", both[0], link);
      const { secureRenegotiation } = access.session;
      const { right, unbound, how } = await toldRightly(context, access, both);
      const seen = `TLS ${link.version}: ${how}`;
      observe("what became of a second handshake for another user", seen);
      if (secureRenegotiation === true)
        check("RFC 5746 3.7", "a second handshake that is taken is bound to the first", !unbound, seen);
      check("1.1", "each later request is that of the user who proved his key last", right, seen);
      check("5.1", "the connection belongs to the key that its last handshake proved", right, seen);
    }
  },
);

/** Octets that are nobody's key. */
const NO_KEY = Buffer.alloc(32, 0x5a);

/** With what a user tries it, and how it is called. */
type Try = readonly [what: string, options: SecondHandshakeOptions];

function unproven(
  { keyManager }: CaseContext,
  { association: { credential } }: User,
  { association: other }: User,
): readonly Try[] {
  return [
    ["an unknown name", { credential: credential.withName(keyManager.unknownBTid(), "an unknown name") }],
    ["another user's name", { credential: other.credential.withKeyOf(credential) }],
    ["a wrong key", { credential: credential.withKey(NO_KEY, "nobody's key") }],
    ["a wrong Finished", { credential: other.credential, misbehaviour: "wrongFinished" }],
  ];
}

/** Each on a connection of its own, in each version; whether one of them ends well and something is served behind it. */
async function tried(context: CaseContext, code: WayCode, one: User, tries: readonly Try[]) {
  return context.refusal(async () => {
    const seen: Outcome[] = [];
    for (const link of linksOf(context, code))
      for (const [what, options] of tries) {
        const access = await served(context, code, one, link);
        seen.push(named(link, what, await again(context, code, one, access, options)));
      }
    return { served: seen.some(({ completed, serves }) => completed && serves), how: together(seen) };
  });
}

export const renegotiationProvesUser: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BI-07",
    purpose:
      "Nothing is served behind a second handshake that did not prove the key of the user whom it names",
    requirements: ["5.1", "1.1"],
    polarity: "invalid",
    needs: needing(PSK.fields, { link: "below TLS 1.3" }),
    parameters: [],
    clauses: ["RD 6 5.1", "RD 3.2 sender invariance", "RFC 4279 2", "RFC 5246 7.4.9"],
    steps: [
      "in each claimed version below TLS 1.3 a terminal is served",
      "it begins a second handshake on its connection: under a name that nobody has, under another user's name with its own key, with a key that nobody has, with a wrong Finished",
      "nothing protected is served behind such a handshake, if it ends well",
    ],
  },
  async (context) => {
    const { check, observe } = context;
    const [one, other] = [await user(context), await user(context)];
    const trial = await tried(context, "PSK", one, unproven(context, one, other));
    observe("what became of second handshakes that prove nothing", trial.how);
    check("5.1", "nothing is served under a key that was not proven", trial.refused, trial.how);
    check("1.1", "nobody is taken for a user whose key he did not prove", trial.refused, trial.how);
  },
);

/** A connection on which the user has made a second handshake with the key that is about to expire, or was declined. */
async function renegotiated(context: CaseContext, one: User, link: Link) {
  const access = await served(context, "PSK", one, link);
  const options = { credential: one.association.credential };
  const outcome = await again(context, "PSK", one, access, options);
  return { access, options, link, how: named(link, "before", outcome).how };
}

export const renegotiationEnds: TestCase = testCase(
  {
    ...PSK.fields,
    id: "L51-PSK-BO-02",
    purpose: "No second handshake carries a connection beyond the expiry of its key",
    requirements: ["5.1"],
    polarity: "expiry",
    needs: needing(PSK.fields, { link: "below TLS 1.3" }),
    parameters: [],
    clauses: ["RD 6 5.1", "TS 24.109 F.2.1, 5.3.3.4", "RFC 5246 7.2.2"],
    steps: [
      "the key manager tells an expiry some seconds ahead; in each claimed version below TLS 1.3 a terminal is served",
      "it makes a second handshake on its connection with the same key; the enabler may decline it",
      "expiry and tolerance pass; it asks for what is protected on its connection",
      "where that stands, it makes another handshake there with the same key, and asks again; nothing protected is served",
    ],
  },
  async (context) => {
    const { keyManager, refusal, untilAfter, check, observe, enabler } = context;
    const expiry = expirySoon();
    const one = await user(context);
    keyManager.steer(one.association, { expiry });
    const standing: Awaited<ReturnType<typeof renegotiated>>[] = [];
    for (const link of linksOf(context, "PSK")) standing.push(await renegotiated(context, one, link));
    observe("what became of second handshakes before the expiry", standing.map(({ how }) => how).join("; "));
    await untilAfter(expiry);
    const trial = await refusal(async () => {
      const seen: Outcome[] = [];
      for (const { access, options, link } of standing) {
        const reply = await access.requestHere(enabler.protectedResource);
        const serves = reply.ok && enabler.serves(reply.response);
        seen.push(named(link, "after", { completed: true, serves, how: howEnded(reply) }));
        if (access.session.alive) seen.push(named(link, "anew", await late(context, one, access, options)));
      }
      return { served: seen.some(({ serves }) => serves), how: together(seen) };
    });
    check(
      "5.1",
      "nothing protected is served on a connection that outlives its key",
      trial.refused,
      trial.how,
    );
  },
);

export const renegotiationProvesKey: TestCase = testCase(
  {
    ...DIG.fields,
    id: "L51-DIG-BI-07",
    purpose: "Nothing is served behind a second handshake whose Finished is wrong",
    requirements: ["5.1"],
    polarity: "invalid",
    needs: needing(DIG.fields, { link: "below TLS 1.3" }),
    parameters: [],
    clauses: ["RD 6 5.1", "RFC 5246 7.4.9"],
    steps: [
      "in each claimed version below TLS 1.3 a terminal is served",
      "it begins a second handshake on its connection, with a wrong Finished",
      "nothing protected is served behind that handshake, if it ends well",
    ],
  },
  async (context) => {
    const one = await user(context);
    const tries: readonly Try[] = [["a wrong Finished", { misbehaviour: "wrongFinished" }]];
    const trial = await tried(context, "DIG", one, tries);
    context.check("5.1", "nothing is served under a key that was not proven", trial.refused, trial.how);
  },
);
