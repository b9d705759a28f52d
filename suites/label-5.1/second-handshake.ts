/** How the cases of label 5.1 begin a second handshake on a connection, and look at what follows: steps, no judgements. */
import type {
  CaseContext,
  CaseTerminal,
  EntryOptions,
  SecondHandshakeOptions,
} from "../../harness/conformance/case-context.ts";
import { claimedLinks, type Link } from "../../harness/conformance/parameters.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import { UNBOUND } from "../../harness/protocols/tls/index.ts";
import type { Access, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import { describeRenegotiation } from "../../harness/wire/engine/second-handshake.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import type { RenegotiationOutcome } from "../../harness/wire/secure-client.ts";
import { goalOf, howEnded, isServed } from "../property/over-path.ts";
import type { WayCode } from "../property/ways.ts";
import { expectedIdentities } from "../use-case-1/identity.ts";

export interface User {
  readonly terminal: CaseTerminal;
  readonly association: SecurityAssociation;
}

export interface Outcome {
  /** The second handshake ended well. */
  readonly completed: boolean;
  /** Behind it the connection serves what is protected. */
  readonly serves: boolean;
  readonly how: string;
}

/** One suite of each claimed version that has second handshakes. */
export function linksOf({ ics }: CaseContext, code: WayCode): readonly Link[] {
  const links = claimedLinks(ics, code === "PSK" ? "uc1.psk-tls" : "uc1.https-digest");
  const older = links.filter(({ version }) => version !== "1.3");
  return [...new Map(older.map((link) => [link.version, link])).values()];
}

export async function user({ anotherTerminal, preamble }: CaseContext): Promise<User> {
  const terminal = anotherTerminal();
  const association = await preamble("a terminal bootstraps", () => terminal.bootstrap());
  return { terminal, association };
}

export const entering = ({ version, suite }: Link, more: EntryOptions): EntryOptions => ({
  client: "engine",
  version,
  suites: [suite],
  ...more,
});

/** @throws NothingToAsk where the enabler ends each connection with its first response */
function requireStanding({ session }: Access): void {
  if (!session.alive)
    throw new NothingToAsk("the enabler closes after each response: nothing follows on a connection");
}

/** A connection over which the user was served, and which stands. */
export async function served(
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
    requireStanding(entry.access);
    return entry.access;
  });
}

/**
 * A connection of the same user on which nothing happens. Where the enabler ends the one with the second handshake, this
 * one tells whether it would have ended anyhow: it has been idle for longer.
 */
interface Witness {
  /** @throws Inconclusive when it has ended too */
  requireStanding(): Promise<void>;
}

async function witness(context: CaseContext, code: WayCode, one: User, access: Access): Promise<Witness> {
  const idle = await served(context, code, one, {
    version: access.session.version,
    suite: access.session.suite,
  });
  return {
    requireStanding: async () => {
      const reply = await idle.requestHere(goalOf(context, code));
      if (!isServed(context, code, reply))
        throw new Inconclusive(
          `the connection ended, and so did one without a second handshake (${howEnded(reply)}): the enabler may end idle ones`,
        );
    },
  };
}

export async function again(
  context: CaseContext,
  code: WayCode,
  one: User,
  access: Access,
  options: SecondHandshakeOptions,
): Promise<Outcome> {
  const beside = await witness(context, code, one, access);
  const before = await access.requestHere(goalOf(context, code));
  if (!isServed(context, code, before))
    throw new Inconclusive(`before the second handshake: ${howEnded(before)}`);
  requireStanding(access);
  const outcome = await late(context, one, access, options, code);
  if (!access.session.alive) await beside.requireStanding();
  return outcome;
}

/** As {@link again}, where the connection may well end by itself and nobody stands beside it. */
export async function late(
  context: CaseContext,
  { terminal }: User,
  access: Access,
  options: SecondHandshakeOptions,
  code: WayCode = "PSK",
): Promise<Outcome> {
  const outcome = await terminal.renegotiate(access, options);
  const completed = outcome.kind === "completed";
  const how = describeRenegotiation(outcome);
  if (!access.session.alive) return { completed, serves: false, how };
  const reply = await access.requestHere(goalOf(context, code));
  return { completed, serves: isServed(context, code, reply), how: `${how}, then ${howEnded(reply)}` };
}

export const named = ({ version }: Link, what: string, { how, ...outcome }: Outcome): Outcome => ({
  ...outcome,
  how: `TLS ${version}, ${what}: ${how}`,
});

export const together = (outcomes: readonly Outcome[]): string => outcomes.map(({ how }) => how).join("; ");

/** The same connection and never another one: that would be the first user's, who made it. */
const staying = (access: Access): Access => ({
  session: access.session,
  request: (request) => access.requestHere(request),
  requestHere: (request) => access.requestHere(request),
  flightHere: (requests) => access.flightHere(requests),
});

/** Requests behind a second handshake that are looked at. */
const LATER = 2;

interface Told {
  readonly right: boolean;
  readonly completed: boolean;
  /** The enabler took the second handshake, and its ServerHello did not say which one was before. */
  readonly unbound: boolean;
  readonly how: string;
}

const isUnbound = (outcome: RenegotiationOutcome): boolean =>
  outcome.kind === "ended" &&
  outcome.ending.kind === "protocol-error" &&
  outcome.ending.text.endsWith(UNBOUND);

/** Who asks behind a second handshake: the other user where it ended well, else the first; nobody is right as well. */
export async function toldRightly(
  context: CaseContext,
  access: Access,
  [first, other]: readonly [User, User],
  misbehaviour?: SecondHandshakeOptions["misbehaviour"],
): Promise<Told> {
  const { identityTold } = context;
  // Read aside, it says nothing of who asked last on this connection.
  if (/^https?:/i.test(context.ixit.resources.identity?.url ?? ""))
    throw new NothingToAsk("the identity is read aside: it does not tell of one connection");
  const beside = await witness(context, "PSK", first, access);
  const here = staying(access);
  const told = ({ association }: User) => identityTold(here, association.btid);
  const isOf = ({ terminal, association }: User, one: string | undefined) =>
    expectedIdentities(context, terminal, association.btid).includes(one ?? "");
  const before = await told(first);
  requireStanding(access);
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
  if (seen.length === 0) await beside.requireStanding();
  const right = seen.every((one) => one === undefined || isOf(owner, one));
  // A handshake that nobody has heard the end of may have ended well meanwhile.
  if (outcome.kind === "silence" && seen.some((one) => isOf(other, one)))
    throw new Inconclusive(`${describeRenegotiation(outcome)}, and later the other user was told`);
  const list = seen.map((one) => JSON.stringify(one) ?? "nobody").join(", ");
  const how = `${describeRenegotiation(outcome)}; then told: ${list || "nothing"}`;
  return { right, completed, unbound: isUnbound(outcome), how };
}
