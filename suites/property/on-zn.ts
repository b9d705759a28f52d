/** What a network between enabler and key manager does to an answer, and what came of it: steps of stories, no judgements. */
import type { CaseContext, CaseTerminal } from "../../harness/conformance/case-context.ts";
import { Inconclusive, NothingToAsk } from "../../harness/conformance/verdict.ts";
import type { NafCredential, SecurityAssociation } from "../../harness/roles/terminal/index.ts";
import type { PathConnection, VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { howEnded } from "./over-path.ts";

/** What is to be done with a record that comes later. */
interface UnderWay {
  readonly carriedOut: boolean;
  readonly whyNot: string | undefined;
  describe(): string;
}

export interface Disturbance {
  /** Terminals that want a key at the same time; two where an answer must come behind the change of another. */
  readonly terminals: 1 | 2;
  /** How many of them may be served: those whose answers came before the change. */
  readonly mayServe: number;
  /** Done when the keys have been asked for and no answer has gone. */
  readonly act: (network: VisitedNetwork, connection: PathConnection) => UnderWay | undefined;
}

export interface Disturbed {
  /** Milliseconds from the change to the end of the connection to the key manager; undefined: it goes on. */
  readonly endedAfterMs: number | undefined;
  /** No more terminals were served than may be, with controls before and after. */
  readonly refused: boolean;
  readonly how: string;
}

/** Of the bound of an answer of the key manager, how long the first of two answers waits for the second question. */
const WAIT_SHARE = 0.2;

/**
 * Does something to the answers for terminals whose keys were never asked for, between controls that are served over the
 * same network. Meanwhile no other connection to the key manager comes about, so that no key comes over one.
 * @throws NothingToAsk where the enabler asks over several connections, or one after the other
 */
export async function disturb(
  context: CaseContext,
  network: VisitedNetwork,
  disturbance: Disturbance,
): Promise<Disturbed> {
  let endedAfterMs: number | undefined;
  const restore = async () => network.allowNew(true);
  const { refused, how } = await context.refusal(
    async () => {
      const { connection, actedAt, served, ways } = await askUnder(context, network, disturbance);
      const left = await connection.leftWithin(context.ixit.bounds.responseMs);
      endedAfterMs = left === undefined ? undefined : left - actedAt;
      const tooMany = served > disturbance.mayServe;
      if (tooMany) await requireKeyNeeded(context, connection);
      return { served: tooMany, how: ways.join("; ") };
    },
    { after: restore },
  );
  const end = endedAfterMs === undefined ? "goes on" : `ended after ${Math.round(endedAfterMs)} ms`;
  return { endedAfterMs, refused, how: `${how}; the connection to the key manager ${end}` };
}

/** An end that comes in this part of the time in which the enabler gives its question up has another cause. */
const SOONER_SHARE = 0.5;
/** And one that comes no sooner than in this part has that cause. */
const LIKE_SHARE = 0.75;

/**
 * Whether the change ended the connection, and not that the enabler gave its question up: where the same answers come as
 * they are, but late, the connection stands for longer.
 * @throws Inconclusive where the enabler gives up so soon that the two cannot be told apart
 */
export async function isNoticed(
  context: CaseContext,
  network: VisitedNetwork,
  { terminals }: Disturbance,
  { endedAfterMs }: Disturbed,
): Promise<{ readonly noticed: boolean; readonly how: string }> {
  if (endedAfterMs === undefined) return { noticed: false, how: "the connection goes on" };
  const soon = context.ixit.bounds.keyManagerMs * WAIT_SHARE;
  const untilMs = Math.max(endedAfterMs / SOONER_SHARE, soon);
  const givenUpMs = await context.preamble("answers come late", () =>
    endWithout(context, network, terminals, untilMs),
  );
  network.allowNew(true);
  const withChange = `with the change it ended after ${Math.round(endedAfterMs)} ms`;
  if (givenUpMs === undefined)
    return { noticed: true, how: `${withChange}, without an answer it stood for ${Math.round(untilMs)} ms` };
  const how = `${withChange}, without an answer after ${Math.round(givenUpMs)} ms`;
  if (endedAfterMs <= givenUpMs * SOONER_SHARE) return { noticed: true, how };
  if (endedAfterMs >= givenUpMs * LIKE_SHARE && givenUpMs > soon) return { noticed: false, how };
  throw new Inconclusive(`nobody can tell whether the enabler noticed the change or gave up: ${how}`);
}

/** Milliseconds until the enabler ends the connection on which no answer comes; undefined: it stands so long. */
async function endWithout(
  context: CaseContext,
  network: VisitedNetwork,
  terminals: Disturbance["terminals"],
  untilMs: number,
): Promise<number | undefined> {
  const act: Disturbance["act"] = (_, { number }) =>
    network.treat({
      direction: "towards-client",
      which: { nth: 1, of: "application" },
      connection: number,
      action: { kind: "delay", ms: untilMs },
    });
  const { connection, actedAt } = await askUnder(context, network, { terminals, mayServe: terminals, act });
  const left = await connection.leftWithin(Math.max(actedAt + untilMs - performance.now(), 0));
  return left === undefined || left - actedAt > untilMs ? undefined : left - actedAt;
}

/** Who serves without any key says nothing of a changed one; other cases judge that. @throws Inconclusive */
async function requireKeyNeeded(context: CaseContext, connection: PathConnection): Promise<void> {
  const terminal = context.anotherTerminal();
  const { credential } = await context.preamble("another terminal bootstraps", () => terminal.bootstrap());
  connection.reset("so that no key comes over it");
  const { served } = await visit(context, terminal, credential);
  if (served)
    throw new Inconclusive(
      "the enabler also serves when no key comes, so that this says nothing of a change",
    );
}

async function askUnder(context: CaseContext, network: VisitedNetwork, disturbance: Disturbance) {
  const { keyManager, preamble, anotherTerminal, ixit } = context;
  const terminals = Array.from({ length: disturbance.terminals }, () => anotherTerminal());
  const associations = await preamble("the terminals bootstrap", () =>
    Promise.all(terminals.map((terminal) => terminal.bootstrap())),
  );
  const watch = new Watch(network);
  let connection: PathConnection | undefined;
  let underWay: UnderWay | undefined;
  let actedAt = 0;
  const held = keyManager.holdAnswers(
    associations,
    Math.round(ixit.bounds.keyManagerMs * WAIT_SHARE),
    async (asked) => {
      await network.mark();
      if (asked < disturbance.terminals)
        throw new NothingToAsk("the enabler asks for one key after the other: no answer follows another one");
      connection = watch.asking();
      network.allowNew(false);
      underWay = disturbance.act(network, connection);
      actedAt = performance.now();
    },
  );
  // What goes wrong between question and answer is told when the terminals have got theirs.
  const settled = held.then(
    () => undefined,
    (error: unknown) => error,
  );
  const visits = await Promise.all(
    terminals.map((terminal, index) => visit(context, terminal, credentialOf(associations, index))),
  );
  if (associations.every(({ btid }) => keyManager.requestsFor(btid).length === 0))
    throw new Inconclusive(`the enabler did not ask the key manager: ${visits[0]?.how}`);
  const problem = await settled;
  if (problem !== undefined) throw problem;
  if (connection === undefined) throw new Error("the answers went, and nothing was done before");
  if (underWay !== undefined && !underWay.carriedOut)
    throw new Inconclusive(`${underWay.describe()}: ${underWay.whyNot ?? "no such record came by"}`);
  const ways = visits.map(({ how }) => how);
  return { connection, actedAt, ways, served: visits.filter(({ served }) => served).length };
}

function credentialOf(associations: readonly SecurityAssociation[], index: number): NafCredential {
  const association = associations[index];
  if (association === undefined) throw new RangeError(`no terminal ${index}`);
  return association.credential;
}

/** Enters and asks for what a user gets. */
export async function visit({ enabler }: CaseContext, terminal: CaseTerminal, credential: NafCredential) {
  const entry = await terminal.enter(credential);
  if (!entry.entered) return { served: false, how: describeEnding(entry.ending) };
  const outcome = await entry.access.request(enabler.protectedResource);
  await entry.access.session.close();
  return { served: outcome.ok && enabler.serves(outcome.response), how: howEnded(outcome) };
}

/** Sees over which connection the enabler asks. */
class Watch {
  readonly #network: VisitedNetwork;
  readonly #before: ReadonlyMap<PathConnection, number>;

  constructor(network: VisitedNetwork) {
    this.#network = network;
    this.#before = new Map(network.connections.map((one) => [one, said(one)]));
  }

  /** The only one on which something was said since. @throws NothingToAsk where there are several */
  asking(): PathConnection {
    const [one, ...more] = this.#network.connections.filter(
      (connection) => said(connection) > (this.#before.get(connection) ?? 0),
    );
    if (one === undefined) throw new Error("a question came to the key manager, and not over the network");
    if (more.length > 0)
      throw new NothingToAsk("the enabler asks over several connections: none stands for the others");
    return one;
  }
}

/** Octets of a record that holds more than an alert, which in TLS 1.3 has the type of data too. */
const MORE_THAN_ALERT = 40;

/** Records in which a question can be. */
const said = (connection: PathConnection): number =>
  connection
    .records("towards-server")
    .filter(({ position, octets }) => position.data !== undefined && octets.length > MORE_THAN_ALERT).length;
