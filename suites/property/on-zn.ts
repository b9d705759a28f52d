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
  /** The connection to the key manager ended. */
  readonly ended: boolean;
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
  const { bounds } = context.ixit;
  let ended = false;
  const restore = async () => network.allowNew(true);
  const { refused, how } = await context.refusal(
    async () => {
      const { connection, served, ways } = await askUnder(context, network, disturbance);
      ended = await connection.isLeftWithin(bounds.responseMs);
      const tooMany = served > disturbance.mayServe;
      if (tooMany) await requireKeyNeeded(context, connection);
      return { served: tooMany, how: ways.join("; ") };
    },
    { after: restore },
  );
  const end = ended ? "the connection to the key manager ended" : "the connection to the key manager goes on";
  return { ended, refused, how: `${how}; ${end}` };
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
  return { connection, ways, served: visits.filter(({ served }) => served).length };
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
