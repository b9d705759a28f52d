import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { CASES } from "../../suites/index.ts";
import { Journal, JournalError, type RunRecord, readJournal } from "../conformance/journal.ts";
import { shareOf } from "../conformance/parameters.ts";
import { catalogueEntry, type Plan, type PlanOptions, plan } from "../conformance/plan.ts";
import type { RunEvent, RunHeader } from "../conformance/run-events.ts";
import { isWayIn, type WayIn } from "../conformance/vocabulary.ts";
import type { Profile } from "../system/profile/index.ts";
import { workerCount } from "./engine/side-by-side.ts";
import { runShares } from "./engine/vitest-engine.ts";
import { Recorder } from "./recorder.ts";
import { makeDirectory } from "./run-directory.ts";
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
  /** Why results for Allure are missing; the run itself is whole. */
  readonly allureFailure?: string;
}

/** Where runs are kept that name no directory, below the working directory. */
export const RUNS_FOLDER = "conformance-results";

/** Folder of the results for Allure, in the run directory. */
export const ALLURE_FOLDER = "allure-results";

/**
 * Carries out a run: plan, workers, journal. Everything that the report needs is in the journal afterwards.
 * @throws UsageError when nothing is selected or the directory holds a run; JournalError when the disk is full.
 */
export async function runSuite(options: RunOptions): Promise<SuiteRun> {
  const chosen = plan(CASES.values(), options.profile, options);
  requireSelection(chosen, options.only);
  const began = performance.now();
  const header = runHeader(options, chosen);
  const directory = resolve(options.out ?? join(RUNS_FOLDER, header.id));
  const journal = openJournal(directory);
  options.onPlan(chosen, directory);
  // What can be kept nowhere is not worth asking a system for.
  const full = new AbortController();
  const signal = AbortSignal.any([options.signal, full.signal]);
  const lastAsked = new Set<WayIn>();
  const onEvent = (event: RunEvent) => {
    if (event.type === "sanity" && event.record.when === "last") lastAsked.add(event.record.wayIn);
    options.onEvent(event);
  };
  const recorder = new Recorder(journal, directory, onEvent, () => full.abort());
  recorder.take({ type: "run-start", header });
  await recorder.settled();
  for (const result of chosen.skipped) recorder.take({ type: "case-end", result });
  const { startFailure, lostWorkers, allureFailure } = await carryOut(
    { ...options, signal },
    chosen,
    recorder,
    allureOptions(directory, header),
  );
  await recorder.settled();
  const interrupted = options.signal.aborted
    ? `stopped by the user (SIGINT, SIGTERM or SIGHUP)${lastAsked.size > 0 ? "" : NOT_ASKED}`
    : (startFailure?.message ?? lostWorkers);
  if (interrupted !== undefined) recorder.take({ type: "interrupted", reason: interrupted });
  recorder.take({ type: "run-end", durationMs: Math.round(performance.now() - began) });
  await recorder.settled();
  journal.close();
  return {
    directory,
    record: readJournal(directory),
    ...(startFailure === undefined ? {} : { startFailure }),
    ...(allureFailure === undefined ? {} : { allureFailure }),
  };
}

/** An interrupted run does not wait for a system that may be silent. */
const NOT_ASKED = "; there was no last sanity check, so whether the system was still alive is not known";

/** @throws UsageError when nothing is selected. */
export function requireSelection({ instances, skipped }: Plan, only: string | undefined): void {
  if (instances.length + skipped.length > 0) return;
  throw new UsageError(
    `nothing is selected${only === undefined ? "" : ` by --only ${JSON.stringify(only)}`}. ` +
      "`seccf list` shows the ids; a glob must match a whole id or key, for example 'UC1-PSK-*'.",
  );
}

/** What Allure shows of the run beside its cases. */
function allureOptions(directory: string, header: RunHeader) {
  const { id, scope, seed, fault, suite, system, node, openssl } = header;
  const environment: Record<string, string> = {
    System: `${system.name} ${system.version} (${system.vendor})`,
    Suite: `seccf ${suite.version}`,
    Run: id,
    Scope: scope,
    Seed: String(seed),
    "Node.js": node,
    OpenSSL: openssl,
    ...(fault === undefined ? {} : { Fault: fault }),
  };
  return { directory: join(directory, ALLURE_FOLDER), environment };
}

interface CarriedOut {
  readonly startFailure?: NonNullable<SuiteRun["startFailure"]>;
  /** A sentence when a worker died. */
  readonly lostWorkers?: string;
  readonly allureFailure?: string;
}

async function carryOut(
  options: RunOptions,
  chosen: Plan,
  recorder: Recorder,
  allure: ReturnType<typeof allureOptions>,
): Promise<CarriedOut> {
  const channel = `seccf-${randomUUID()}`;
  const count = workerCount(options.profile, chosen.instances.length);
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
    allure: { notApplicable: share === 0 ? chosen.skipped : [] },
  })).filter(({ keys, allure: { notApplicable } }) => keys.length + notApplicable.length > 0);
  let failure: SuiteRun["startFailure"];
  let allureFailure: string | undefined;
  const lost = await runShares({
    orders,
    channel,
    signal: options.signal,
    onEvent: (event) => recorder.take(event),
    onStartFailed: (one) => {
      failure ??= one;
    },
    allure: {
      ...allure,
      onFailure: (message) => {
        allureFailure ??= message;
      },
    },
  });
  return {
    ...(failure === undefined ? {} : { startFailure: failure }),
    ...(allureFailure === undefined ? {} : { allureFailure }),
    ...(lost.length === 0
      ? {}
      : { lostWorkers: `${lost.length} of ${orders.length} workers ended too early` }),
  };
}

function openJournal(directory: string): Journal {
  try {
    makeDirectory(directory);
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
