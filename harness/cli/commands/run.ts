import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildReport } from "../../../reports/index.ts";
import { CASES } from "../../../suites/index.ts";
import { type PlanOptions, plan } from "../../conformance/plan.ts";
import { exitCode } from "../../conformance/run-status.ts";
import type { Profile } from "../../system/profile/index.ts";
import { dryRunLines } from "../dry-run/dry-run-lines.ts";
import { earlierRun } from "../dry-run/earlier-run.ts";
import { forecast } from "../dry-run/forecast.ts";
import { knownFault } from "../faults.ts";
import { interruption } from "../interruption.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { folderName, shardOf, wholeNumber } from "../option-values.ts";
import { print } from "../output.ts";
import { NdjsonProgress } from "../progress-ndjson.ts";
import { PeopleProgress } from "../progress-people.ts";
import { writeRunReports } from "../run-reports.ts";
import { ALLURE_FOLDER, RUNS_FOLDER, requireSelection, runSuite, type SuiteRun } from "../run-suite.ts";
import { type RunTeller, SILENT } from "../run-teller.ts";
import { UsageError } from "../usage-error.ts";

export interface RunArguments {
  readonly profile?: string;
  readonly only?: string;
  readonly smoke?: boolean;
  readonly shard?: string;
  readonly seed?: string;
  readonly strength?: string;
  readonly repeat?: string;
  readonly fault?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly progress?: "people" | "ndjson" | "none";
}

/** `seccf run`: certifies the system of a profile, or says what it would do. Gives the exit code. */
export async function run(args: RunArguments): Promise<number> {
  const out = args.out === undefined ? undefined : folderName("--out", args.out);
  const profile = openProfile(folderName("--profile", args.profile ?? REFERENCE_PROFILE));
  const fault = args.fault === undefined ? undefined : knownFault(args.fault, profile);
  const repeat = wholeNumber("--repeat", args.repeat ?? "1", 1);
  const shard = args.shard === undefined ? undefined : shardOf(args.shard);
  const selection: PlanOptions = {
    ...(args.only === undefined ? {} : { only: args.only }),
    ...(shard === undefined ? {} : { shard }),
    smoke: args.smoke === true,
    strength: wholeNumber("--strength", args.strength ?? "2", 1),
    seed: wholeNumber("--seed", args.seed ?? "1", 0),
  };
  if (args.dryRun === true) return dryRun(profile, selection, repeat, args.json === true);
  if (args.json === true) {
    throw new UsageError(
      "--json belongs to --dry-run; how a run goes is told to programs by --progress ndjson",
    );
  }
  const teller = tellerOf(args.progress ?? "people", profile, selection.seed);
  const stop = interruption();
  try {
    const done = await runSuite({
      profile,
      ...selection,
      ...(fault === undefined ? {} : { fault }),
      ...(out === undefined ? {} : { out }),
      repeat,
      signal: stop.signal,
      onPlan: (chosen, directory) => teller.planned(chosen, directory),
      onEvent: (event) => teller.take(event),
    });
    return await conclude(done, teller);
  } finally {
    stop.dispose();
  }
}

function tellerOf(
  progress: NonNullable<RunArguments["progress"]>,
  profile: Profile,
  seed: number,
): RunTeller {
  if (progress === "people") return new PeopleProgress(profile, seed, print);
  return progress === "ndjson" ? new NdjsonProgress(print) : SILENT;
}

/** Starts nothing and writes nothing. */
function dryRun(profile: Profile, selection: PlanOptions, repeat: number, json: boolean): number {
  const chosen = plan(CASES.values(), profile, selection);
  requireSelection(chosen, selection.only);
  const { seed, strength } = selection;
  const earlier = earlierRun(RUNS_FOLDER, profile);
  const told = forecast({ plan: chosen, profile, seed, strength, repeat, earlier });
  if (json) print(JSON.stringify(told, null, 2));
  else for (const line of dryRunLines(told)) print(line);
  return 0;
}

async function conclude(done: SuiteRun, teller: RunTeller): Promise<number> {
  const { directory, record, startFailure, allureFailure } = done;
  const report = buildReport(record);
  const paths = [...(await writeRunReports(directory, report))];
  const allure = join(directory, ALLURE_FOLDER);
  if (existsSync(allure)) paths.push(allure);
  const code =
    startFailure?.name === "ListenError"
      ? 3
      : exitCode(record.results, record.sanity, record.interrupted !== undefined);
  teller.concluded({
    report,
    paths,
    exitCode: code,
    ...(startFailure === undefined ? {} : { startFailure: startFailure.message }),
    ...(allureFailure === undefined ? {} : { allureFailure }),
  });
  return code;
}
