/** How the cases of a property reach the enabler through the visited network: steps of stories, no judgements. */
import type { CaseContext, CaseTerminal, EntryOptions } from "../../harness/conformance/case-context.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import type {
  Access,
  ApplicationRequest,
  DigestAccess,
  NafCredential,
} from "../../harness/roles/terminal/index.ts";
import type { PathConnection, VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { isPerToken } from "../../harness/system/profile/index.ts";
import type { HttpOutcome } from "../../harness/wire/http-connection.ts";
import { describeEnding, type Ending } from "../../harness/wire/observer.ts";
import type { WayCode } from "./ways.ts";

/** A connection over the path that the enabler has served, and on which it still listens. */
export interface Reached {
  readonly network: VisitedNetwork;
  readonly terminal: CaseTerminal;
  /** Undefined over `server-only`. */
  readonly credential: NafCredential | undefined;
  readonly btid: string | undefined;
  readonly access: Access;
  /** The connection of `access`, as the path knows it. */
  readonly connection: PathConnection;
}

/** What a visitor over the way in gets. */
export function goalOf({ enabler }: CaseContext, code: WayCode): ApplicationRequest {
  return code === "SRV" ? enabler.open.request : enabler.protectedResource;
}

/** Served in the sense of the way in. */
export function isServed({ enabler }: CaseContext, code: WayCode, outcome: HttpOutcome): boolean {
  if (!outcome.ok) return false;
  return code === "SRV" ? enabler.open.isIn(outcome.response) : enabler.serves(outcome.response);
}

/**
 * A terminal behind the visited network enters and is served. From then on its records of data are counted; the
 * first that follows is `{ nth: 1, of: "application" }`.
 */
export async function reach(
  context: CaseContext,
  code: WayCode,
  options: EntryOptions = {},
): Promise<Reached> {
  const { anotherTerminal, visitedNetwork, preamble } = context;
  const network = await preamble("a visited network", visitedNetwork);
  const terminal = anotherTerminal({ behind: network });
  if (code === "SRV") return begin(context, code, { network, terminal }, options);
  const { btid, credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
  return begin(context, code, { network, terminal, btid, credential }, options);
}

/** As {@link reach}; undefined where the enabler does not serve a terminal with these options. */
export async function reachIfServed(
  context: CaseContext,
  code: WayCode,
  options: EntryOptions,
): Promise<Reached | undefined> {
  try {
    return await reach(context, code, options);
  } catch (error) {
    if (error instanceof Inconclusive) return undefined;
    throw error;
  }
}

/** Another connection of the same terminal, with the same key. */
export function reachAgain(
  context: CaseContext,
  code: WayCode,
  before: Reached,
  options: EntryOptions = {},
): Promise<Reached> {
  return begin(context, code, before, options);
}

async function begin(
  context: CaseContext,
  code: WayCode,
  who: Pick<Reached, "network" | "terminal"> & Partial<Pick<Reached, "btid" | "credential">>,
  options: EntryOptions,
): Promise<Reached> {
  const { network, terminal, btid, credential } = who;
  const access = await context.preamble("the terminal is served over the path", async () => {
    const first = await enter(terminal, credential, options);
    const outcome = await first.request(goalOf(context, code));
    if (!isServed(context, code, outcome)) throw new Error(howEnded(outcome));
    if (first.session.alive) return first;
    // An enabler may close after each response: then what follows goes over a connection of its own.
    const second = await enter(terminal, credential, options);
    if (isDigest(first) && isDigest(second)) second.takeOver(first);
    return second;
  });
  await network.mark();
  const connection = network.connections.at(-1);
  if (connection === undefined) throw new Error("the terminal did not connect through the path");
  return { network, terminal, btid, credential, access, connection };
}

async function enter(
  terminal: CaseTerminal,
  credential: NafCredential | undefined,
  options: EntryOptions,
): Promise<Access> {
  const entry =
    credential === undefined
      ? await terminal.enterAsNobody(options)
      : await terminal.enter(credential, options);
  if (!entry.entered) throw new Error(describeEnding(entry.ending));
  return entry.access;
}

const isDigest = (access: Access): access is DigestAccess => "takeOver" in access;

/** @throws NothingToAsk where the enabler ends each connection with its first response */
export function requireKept({ access }: Reached): void {
  if (!access.session.alive)
    throw new NothingToAsk(
      "the enabler closes after each response: there is no later record on a connection",
    );
}

/** What was not recorded says nothing. @throws Inconclusive */
export function requireRecorded({ isRecordedWhole }: VisitedNetwork): void {
  if (!isRecordedWhole)
    throw new Inconclusive("more went over the path than is recorded: name a smaller protected resource");
}

export function howEnded(outcome: HttpOutcome): string {
  return outcome.ok ? `status ${outcome.response.status}` : describeEnding(outcome.ending);
}

const ENDED: readonly Ending["kind"][] = ["alert", "closed", "reset"];

/** The enabler ended the connection before it answered: an alert, an end or a reset, and no silence. */
export function endedBySystem(outcomes: readonly HttpOutcome[]): boolean {
  const [first] = outcomes;
  return (
    first !== undefined &&
    !first.ok &&
    ENDED.includes(first.ending.kind) &&
    outcomes.every((outcome) => !outcome.ok)
  );
}

/** The alert with which the enabler ended the connection, if it sent one. */
export function alertOf(outcomes: readonly HttpOutcome[]): number | undefined {
  for (const outcome of outcomes)
    if (!outcome.ok && outcome.ending.kind === "alert") return outcome.ending.alert;
  return undefined;
}

/**
 * A request that changes a state which only this case changes, and how it is read. Without a user or such a state the
 * goal stands for it, and nothing is read.
 */
export function actingOf(context: CaseContext, code: WayCode) {
  const probe = code === "SRV" || !isPerToken(context.ixit) ? undefined : context.state();
  return {
    request: probe?.change ?? goalOf(context, code),
    /** False: nothing can be read, and the answer tells. */
    observable: probe !== undefined,
    read: async (): Promise<string | undefined> => probe?.read(),
  };
}
