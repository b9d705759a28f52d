/** What the network recorded, and whether it acts when it is played back. */
import type { CaseContext, StateProbe } from "../../harness/conformance/case-context.ts";
import type { PathConnection, Replay, ReplayOptions } from "../../harness/roles/visited-network/index.ts";
import { describeEnding } from "../../harness/wire/observer.ts";
import { howEnded, type Reached } from "./over-path.ts";

/** Changes the state by a valid request on the connection; gives what it is then. @throws Inconclusive */
export function changeOnce(
  { preamble }: CaseContext,
  { access }: Reached,
  { change, read }: StateProbe,
): Promise<string> {
  return preamble("the terminal changes the state over the path", async () => {
    const before = await read();
    const outcome = await access.requestHere(change);
    const after = await read();
    if (after === before || after === undefined)
      throw new Error(
        `a valid request did not change the state (IXIT resources.state): ${howEnded(outcome)}`,
      );
    return after;
  });
}

/** Every record of data that the terminal sent from the mark on. @throws Error when none came by */
export function recordsSinceMark(connection: PathConnection): Uint8Array {
  const records = connection
    .records("towards-server")
    .filter(({ position }) => position.application !== undefined);
  if (records.length === 0) throw new Error("no record of data came by");
  return Buffer.concat(records.map(({ octets }) => octets));
}

/** Nothing acted twice: the state is the judge (label 1.1 beside 1.4, which binds in release 2 only). */
export async function judgeReplay(
  { check, observe }: CaseContext,
  { read }: StateProbe,
  before: string | undefined,
  how: string,
): Promise<void> {
  const after = await read();
  const seen = `state ${before}, then ${after}; ${how}`;
  check("1.1", "a recorded proof takes no part in the current run: nothing acts", after === before, seen);
  check("1.4", "what is played back does not act again", after === before, seen);
  observe("how it was refused", how);
}

/** Longest that a replay waits for an answer, of the bound of a response: the enabler may wait for more. */
const ANSWER_SHARE = 0.25;

/** Plays back what the terminal sent, on a connection of the network's own. @throws Inconclusive where there is none */
export async function playBack(
  { ixit, preamble }: CaseContext,
  { network, connection }: Pick<Reached, "network" | "connection">,
  how: Pick<ReplayOptions, "pace" | "flights">,
): Promise<Replay> {
  const ms = ixit.bounds.responseMs * ANSWER_SHARE;
  const replay = await network.replayConnection(connection, { ...how, answerMs: ms, endMs: ms });
  return preamble("the network connects to play back", async () => {
    if (replay.ending.kind === "unreachable") throw new Error(describeEnding(replay.ending));
    return replay;
  });
}

export const describeReplay = ({ sent, types, ending }: Replay): string =>
  `${sent} octets played back, ${types.length} records came back, ${describeEnding(ending)}`;
