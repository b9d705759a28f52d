import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { CASES } from "../../suites/index.ts";
import { Journal, JournalError, type RunRecord, readJournal } from "../conformance/journal.ts";
import { shareOf } from "../conformance/parameters.ts";
import { catalogueEntry, type Plan, type PlanOptions, plan } from "../conformance/plan.ts";
import type { RunEvent, RunHeader } from "../conformance/run-events.ts";
import { isWayIn } from "../conformance/vocabulary.ts";
import type { Profile } from "../system/profile/index.ts";
import { runShares } from "./engine/vitest-engine.ts";
import { Recorder } from "./recorder.ts";
import { sourceHashes } from "./source-hashes.ts";
import { proofHash, readProof, staleness, suiteCommit, suiteVersion } from "./suite-identity.ts";
import { UsageError } from "./usage-error.ts";

export interface RunOptions extends PlanOptions {
  readonly profile: Profile;
  readonly fault?: string;
  readonly repeat: number;
  /** Run directory; absent: a new one below `conformance-results`. */
  readonly out?: string;
  readonly signal: AbortSignal;
  readonly onPlan: (plan: Plan, directory: string) => void;
  readonly onEvent: (event: RunEvent) => void;
}

export interface SuiteRun {
  readonly directory: string;
  readonly record: RunRecord;
  /** Name of the error when the test system or the SUT could not be started. */
  readonly startFailure?: { readonly name: string; readonly message: string };
}

/**
 * Carries out a run: plan, workers, journal. Everything that the report needs is in the journal afterwards.
 * @throws UsageError when nothing is selected or the directory holds a run; JournalError when the disk is full.
 */
export async function runSuite(options: RunOptions): Promise<SuiteRun> {
  const chosen = plan(CASES.values(), options.profile, options);
  if (chosen.instances.length + chosen.skipped.length === 0) {
    throw new UsageError(
      `nothing is selected${options.only === undefined ? "" : ` by --only ${JSON.stringify(options.only)}`}. ` +
        "`seccf list` shows the ids; a glob must match a whole id or key, for example 'UC1-PSK-*'.",
    );
  }
  const began = performance.now();
  const header = runHeader(options, chosen);
  const directory = resolve(options.out ?? join("conformance-results", header.id));
  const journal = openJournal(directory);
  options.onPlan(chosen, directory);
  const recorder = new Recorder(journal, directory, options.onEvent);
  recorder.take({ type: "run-start", header });
  for (const result of chosen.skipped) recorder.take({ type: "case-end", result });
  const { startFailure, lostWorkers } = await carryOut(options, chosen, recorder);
  await recorder.settled();
  const interrupted = options.signal.aborted
    ? "stopped by the user (SIGINT or SIGTERM)"
    : (startFailure?.message ?? lostWorkers);
  if (interrupted !== undefined) recorder.take({ type: "interrupted", reason: interrupted });
  recorder.take({ type: "run-end", durationMs: Math.round(performance.now() - began) });
  journal.close();
  return {
    directory,
    record: readJournal(directory),
    ...(startFailure === undefined ? {} : { startFailure }),
  };
}

interface CarriedOut {
  readonly startFailure?: NonNullable<SuiteRun["startFailure"]>;
  /** A sentence when a worker died. */
  readonly lostWorkers?: string;
}

async function carryOut(options: RunOptions, chosen: Plan, recorder: Recorder): Promise<CarriedOut> {
  const channel = `seccf-${randomUUID()}`;
  const count = workerCount(options.profile, chosen);
  const orders = Array.from({ length: count }, (_, share) => ({
    channel,
    share,
    profile: options.profile.directory,
    fault: options.fault ?? null,
    seed: options.seed,
    strength: options.smoke ? 1 : options.strength,
    repeat: options.repeat,
    // Not the hash by which --shard cuts, or one worker would get a whole shard.
    keys: chosen.instances
      .filter(({ key }) => shareOf(`worker ${key}`, count) === share)
      .map(({ key }) => key),
  })).filter(({ keys }) => keys.length > 0);
  let failure: SuiteRun["startFailure"];
  if (orders.length === 0) return {};
  const lost = await runShares({
    orders,
    channel,
    signal: options.signal,
    onEvent: (event) => recorder.take(event),
    onStartFailed: (one) => {
      failure ??= one;
    },
  });
  return {
    ...(failure === undefined ? {} : { startFailure: failure }),
    ...(lost.length === 0
      ? {}
      : { lostWorkers: `${lost.length} of ${orders.length} workers ended too early` }),
  };
}

/** An external SUT, or one with fixed ports, has exactly one worker: there is only one of it. */
function workerCount({ ixit }: Profile, { instances }: Plan): number {
  const { system, keyManager } = ixit;
  const alone =
    system.kind === "external" ||
    system.ready === "connect" ||
    keyManager.zn.port !== 0 ||
    keyManager.ub.port !== 0;
  // Starting a second system costs more than a handful of cases.
  return alone || instances.length < 30 ? 1 : Math.min(2, availableParallelism());
}

function openJournal(directory: string): Journal {
  try {
    mkdirSync(directory, { recursive: true });
    return new Journal(directory);
  } catch (error) {
    if (error instanceof JournalError && error.message.includes("EEXIST")) {
      throw new UsageError(`${directory} holds a run already. Name another folder with --out, or remove it.`);
    }
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}. Name a folder that can be written with --out.`,
    );
  }
}

function runHeader(options: RunOptions, { instances, scope }: Plan): RunHeader {
  const { profile, fault, shard, seed } = options;
  const { ics, hashes } = profile;
  const startedAt = new Date().toISOString();
  const proof = readProof();
  return {
    id: `${startedAt.replace(/[:.]/g, "-")}-${randomUUID().slice(0, 8)}`,
    startedAt,
    scope: fault === undefined ? scope : "partial",
    seed,
    node: process.versions.node,
    openssl: process.versions.openssl,
    ...(shard === undefined ? {} : { shard: `${shard.index + 1}/${shard.count}` }),
    ...(fault === undefined ? {} : { fault }),
    suite: {
      version: suiteVersion(),
      commit: suiteCommit(),
      catalogue: sourceHashes().catalogue,
      proof: proofHash(),
    },
    system: { ...ics.system, roles: ics.roles },
    profile: { ...hashes, release: ics.release },
    waysIn: Object.keys(ics.waysIn).filter(isWayIn),
    declarations: ics.declarations,
    catalogue: [...CASES.values()].map(catalogueEntry),
    // A stale proof proves nothing.
    proven: staleness(proof) === undefined ? (proof?.checks ?? []) : [],
    selected: instances.map(({ key }) => key),
  };
}
