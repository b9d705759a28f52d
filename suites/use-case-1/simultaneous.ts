import { type TestCase, testCase } from "../../harness/conformance/case.ts";
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import type { Access, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { expirySoon } from "./expiry.ts";
import { FLOWS, needing } from "./flows.ts";
import { expectedIdentities } from "./identity.ts";

export const newKeyDuringSession: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BO-11" : "UC1-DIG-BO-71",
      purpose: "After a new bootstrapping during a session each connection lasts as long as its own key",
      requirements: ["5.1"],
      polarity: "expiry",
      parameters: ["tls"],
      clauses: ["RD 3.2 key naming", "TS 33.220 4.5", "TS 24.109 F.2.1"],
      steps: [
        "the terminal enters with a key that expires some seconds ahead",
        "it bootstraps again, and enters with the new key while the first connection stands",
        "after the first key has expired it asks on both connections",
      ],
    },
    async ({ terminal, enabler, keyManager, preamble, enterServed, refusal, untilAfter, check }) => {
      const first = await preamble("first bootstrapping", () => terminal.bootstrap());
      const expiry = expirySoon();
      keyManager.steer(first, { expiry });
      const old = await preamble("the terminal enters", () => enterServed(terminal, first.credential));
      const second = await preamble("second bootstrapping", () => terminal.bootstrap());
      const fresh = await preamble("it enters with the new key", () =>
        enterServed(terminal, second.credential),
      );
      const ask = async (access: Access, where: "here" | "anew" = "here") => {
        const { protectedResource } = enabler;
        const outcome =
          where === "here"
            ? await access.requestHere(protectedResource)
            : await access.request(protectedResource);
        if (!outcome.ok) return { served: false, how: describeEnding(outcome.ending) };
        return { served: enabler.serves(outcome.response), how: `status ${outcome.response.status}` };
      };
      // Who keeps no connection alive is asked on another one, with the same key.
      const kept = fresh.session.alive;
      await untilAfter(expiry);
      const overNew = await ask(fresh, kept ? "here" : "anew");
      const overOld = await refusal(() => ask(old));
      check("5.1", "the new key goes on after the old key expired", overNew.served, overNew.how);
      check("5.1", "nothing is served on the connection whose key expired", overOld.refused, overOld.how);
    },
  ),
);

/** One terminal in the crowd: its connection, or how it was refused. */
interface Entered {
  readonly terminal: CaseTerminal;
  readonly association: SecurityAssociation;
  readonly access: Access | undefined;
  readonly how: string;
}

async function enterAndAsk(
  { enabler }: CaseContext,
  terminal: CaseTerminal,
  association: SecurityAssociation,
): Promise<Entered> {
  const entry = await terminal.enter(association.credential);
  if (!entry.entered) return { terminal, association, access: undefined, how: describeEnding(entry.ending) };
  const { access } = entry;
  const outcome = await access.request(enabler.protectedResource);
  const served = outcome.ok && enabler.serves(outcome.response);
  const how = outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
  return { terminal, association, access: served ? access : undefined, how };
}

/**
 * The first who was told as somebody else, in a sentence; undefined: nobody. Where nothing is told nobody is mixed up.
 * @throws when nobody at all is told, which would show nothing
 */
async function firstMixedUp(context: CaseContext, entered: readonly Entered[]): Promise<string | undefined> {
  let read = 0;
  for (const { terminal, association, access } of entered) {
    if (access === undefined) continue;
    const told = await context.identityTold(access, association.btid);
    if (told === undefined) continue;
    read += 1;
    const right = expectedIdentities(context, terminal, association.btid);
    if (!right.includes(told)) return `told ${JSON.stringify(told)} instead of ${right[0]}`;
  }
  await context.preamble("identities are read", async () => {
    if (read === 0) throw new Error("no identity can be read (IXIT resources.identity)");
  });
  return undefined;
}

const CONNECTIONS_OF_ONE = 20;

export const manyConnections: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BO-12" : "UC1-DIG-BO-72",
      purpose: "One terminal with many connections at the same time is served on each of them as its user",
      requirements: ["1.1"],
      polarity: "concurrency",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1", "RD 3.2 consistent view"],
      steps: [
        `the terminal makes ${CONNECTIONS_OF_ONE} connections at once with one key, or as many as IXIT limits.connections allows`,
        "another terminal enters",
        "the identity is read over each connection",
      ],
    },
    async (context) => {
      const { terminal, anotherTerminal, ixit, preamble, enterServed, check } = context;
      const association = await preamble("the terminal bootstraps", () => terminal.bootstrap());
      // One more is there for the other terminal.
      const count = Math.min(CONNECTIONS_OF_ONE, Math.max(ixit.limits.connections - 1, 1));
      const entered = await Promise.all(
        Array.from({ length: count }, () => enterAndAsk(context, terminal, association)),
      );
      const refused = entered.filter(({ access }) => access === undefined);
      check(
        "1.1",
        "the terminal is served on each connection",
        refused.length === 0,
        `${count - refused.length} of ${count} served${refused[0] === undefined ? "" : `; ${refused[0].how}`}`,
      );
      const other = anotherTerminal();
      await preamble("another terminal is served", async () =>
        enterServed(other, (await other.bootstrap()).credential),
      );
      const mixed = await firstMixedUp(context, entered);
      check("1.1", "the application is told this user on each connection", mixed === undefined, mixed);
    },
  ),
);

export const crowd: readonly TestCase[] = FLOWS.map(({ code, fields }) =>
  testCase(
    {
      ...fields,
      id: code === "PSK" ? "UC1-PSK-BO-10" : "UC1-DIG-BO-70",
      purpose:
        "Of many terminals that come at once nobody is taken for another, although the key manager answers in reverse order",
      requirements: ["1.1"],
      polarity: "concurrency",
      needs: needing(fields, { observes: ["identity"] }),
      parameters: ["tls"],
      clauses: ["RD 6 1.1", "RD 3.2 consistent view", "RFC 6733 3", "RFC 9113 5"],
      steps: [
        "50 terminals bootstrap, or as many as IXIT limits.connections allows",
        "all enter at once; the key manager holds its answers back until it was asked for all of them, and answers the last first",
        "the identity is read over each connection that is served",
      ],
      // A crowd leaves no room for others.
      exclusive: true,
    },
    async (context) => {
      const { anotherTerminal, ixit, keyManager, preamble, check, should, observe } = context;
      const { connections } = ixit.limits;
      const terminals = await preamble(`${connections} terminals bootstrap`, () =>
        Promise.all(
          Array.from({ length: connections }, async () => {
            const terminal = anotherTerminal();
            return { terminal, association: await terminal.bootstrap() };
          }),
        ),
      );
      const reversed = keyManager.holdAnswers(
        terminals.map(({ association }) => association),
        // Well before the system may give the key manager up.
        Math.round(ixit.bounds.keyManagerMs / 10),
      );
      const entered = await Promise.all(
        terminals.map(({ terminal, association }) => enterAndAsk(context, terminal, association)),
      );
      const answered = await Promise.race([reversed, Promise.resolve("none")]);
      observe("key requests that were answered in reverse order", String(answered));
      const refused = entered.filter(({ access }) => access === undefined);
      const seen = `${connections - refused.length} of ${connections} served${refused[0] === undefined ? "" : `; ${refused[0].how}`}`;
      await preamble("some are served, who could be mixed up", async () => {
        if (connections - refused.length < Math.min(2, connections)) throw new Error(seen);
      });
      const mixed = await firstMixedUp(context, entered);
      check(
        "1.1",
        "the application is told the user of each connection, and nobody else",
        mixed === undefined,
        mixed ?? seen,
      );
      should("RD 3.2", "every terminal is served within IXIT limits.connections", refused.length === 0, seen);
    },
  ),
);
