import {
  buildReport,
  escapeTerminal,
  gapSentence,
  headline,
  type Report,
  writeReports,
} from "../../../reports/index.ts";
import { CASES } from "../../../suites/index.ts";
import { exitCode } from "../../conformance/run-status.ts";
import { knownFault } from "../faults.ts";
import { interruption } from "../interruption.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { shardOf, wholeNumber } from "../option-values.ts";
import { print } from "../output.ts";
import { coloured, Progress } from "../progress.ts";
import { runSuite, type SuiteRun } from "../run-suite.ts";
import { readProof, staleness } from "../suite-identity.ts";

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
}

/** `seccf run`: certifies the system of a profile. Gives the exit code. */
export async function run(args: RunArguments): Promise<number> {
  const profile = openProfile(args.profile ?? REFERENCE_PROFILE);
  const fault = args.fault === undefined ? undefined : knownFault(args.fault, profile);
  const seed = wholeNumber("--seed", args.seed ?? "1", 0);
  const strength = wholeNumber("--strength", args.strength ?? "2", 1);
  const repeat = wholeNumber("--repeat", args.repeat ?? "1", 1);
  const shard = args.shard === undefined ? undefined : shardOf(args.shard);
  const { system } = profile.ics;
  print(
    `seccf certifies ${escapeTerminal(`${system.name} ${system.version} (${system.vendor})`)}, profile ${profile.directory}`,
  );
  const stop = interruption();
  let progress: Progress | undefined;
  try {
    const done = await runSuite({
      profile,
      ...(fault === undefined ? {} : { fault }),
      ...(args.only === undefined ? {} : { only: args.only }),
      ...(shard === undefined ? {} : { shard }),
      ...(args.out === undefined ? {} : { out: args.out }),
      smoke: args.smoke === true,
      strength,
      seed,
      repeat,
      signal: stop.signal,
      onPlan: (plan) => {
        const cases = new Set(plan.instances.map(({ case: one }) => one.id)).size;
        const stale = staleness(readProof());
        if (stale !== undefined)
          print(`note: suites/proof.json is stale (${stale}), so no check counts as proven`);
        print(
          `${cases} cases, ${plan.instances.length} instances, ${plan.skipped.length} cases do not apply; seed ${seed}\n`,
        );
        progress = new Progress(
          plan,
          new Map([...CASES.values()].map(({ id, purpose }) => [id, purpose])),
          print,
        );
      },
      onEvent: (event) => progress?.take(event),
    });
    return await conclude(done);
  } finally {
    stop.dispose();
  }
}

async function conclude({ directory, record, startFailure }: SuiteRun): Promise<number> {
  const report = buildReport(record);
  const paths = await writeReports(directory, report);
  if (startFailure !== undefined)
    print(`\n${coloured("error", "not started")}: ${escapeTerminal(startFailure.message)}`);
  printSummary(report);
  print(`\nReports:\n${paths.map((path) => `  ${path}`).join("\n")}`);
  if (startFailure?.name === "ListenError") return 3;
  return exitCode(record.results, record.sanity, record.interrupted !== undefined);
}

function printSummary(report: Report): void {
  const { pass, fail, inconclusive, error, notApplicable } = report.summary.verdicts;
  const { title, meaning } = headline(report);
  print(
    `\n${coloured(report.summary.conformant === false || fail > 0 ? "fail" : inconclusive + error > 0 ? "inconclusive" : "pass", title)}: ${meaning}`,
  );
  print(
    `${pass} pass, ${fail} fail, ${inconclusive} inconclusive, ${error} error, ${notApplicable} not applicable; ` +
      `${report.summary.findings} findings; ${(report.run.durationMs / 1000).toFixed(1)} s`,
  );
  for (const { label, status, title: name } of report.requirements) {
    if (status !== "not-covered" && status !== "not-applicable")
      print(`  ${label.padEnd(5)} ${status.padEnd(13)} ${name}`);
  }
  print(gapSentence(report));
}
