import { FAULTS, type Fault } from "../../../profiles/reference/faults.ts";
import type { CaseResult } from "../../conformance/run-events.ts";
import { endWhenInterrupted } from "../interruption.ts";
import { folderName } from "../option-values.ts";
import { print } from "../output.ts";
import { coloured } from "../progress.ts";
import { detect, type FaultOutcome, merged, unprovenChecks } from "../proof/detection.ts";
import { faultsAtOnce, inParallel, runWithFault } from "../proof/fault-run.ts";
import { idleCases, writeProof, writeProveJson } from "../proof/proof-files.ts";
import { everyOne, namedIn, type Selection, type Showing, showings, withoutFault } from "../proof/showing.ts";
import { readProof, staleness } from "../suite-identity.ts";
import { UsageError } from "../usage-error.ts";

export interface ProveArguments {
  readonly full?: boolean;
  readonly fault?: string;
  readonly out?: string;
}

/**
 * `seccf prove`: quickly, with the instances that the committed proof names; with --full, every fault against every
 * case, and the proof is written anew. Gives the exit code: 0 when every fault was detected and nothing else failed.
 */
export async function prove(args: ProveArguments): Promise<number> {
  const out = folderName("--out", args.out ?? "conformance-results");
  endWhenInterrupted();
  const full = args.full === true;
  const whole = full && args.fault === undefined;
  const faults = args.fault === undefined ? FAULTS : [faultById(args.fault)];
  const shown = showings(faults, full ? everyOne : namedInstances(), whole);
  const tried = await Promise.all(shown.map(tryWithoutFault));
  const clean = tried.every(({ bad }) => bad === 0);
  const jobs = tried.flatMap(({ showing, without }) =>
    showing.faults.map((fault) => ({ fault, showing, without })),
  );
  const tryOne = async ({ fault, showing, without }: Job): Promise<FaultOutcome> =>
    detect(fault, without, await runWithFault(showing.profile, fault.id, showing.select(fault)));
  const first = await inParallel(jobs, faultsAtOnce(), async (job) => {
    const outcome = await tryOne(job);
    if (job.fault.alsoShownBy === undefined && !isStrange(outcome)) printOutcome(outcome);
    return { job, outcome };
  });
  const perProfile: FaultOutcome[] = [];
  for (const { job, outcome } of first) {
    if (!isStrange(outcome) || (job.fault.alsoShownBy !== undefined && outcome.unexpected.length === 0)) {
      perProfile.push(outcome);
      continue;
    }
    // Eight systems share the machine, and a bound may pass on one of them: alone, what is there shows again.
    print(`again     ${job.fault.id}  alone, since there was ${strangeness(outcome)}`);
    const alone = await tryOne(job);
    printOutcome(alone);
    perProfile.push(alone);
  }
  const outcomes = faults.map((fault) => merged(perProfile.filter((one) => one.fault === fault)));
  for (const outcome of outcomes) if (outcome.fault.alsoShownBy !== undefined) printOutcome(outcome);
  const without = whole ? tried.flatMap((one) => one.without) : undefined;
  const complete = conclude(outcomes, without) && clean;
  print(writeProveJson(out, outcomes));
  if (whole && complete) print(writeProof(outcomes));
  return complete ? 0 : 1;
}

/** @throws UsageError for an id that no fault has */
function faultById(id: string): Fault {
  const fault = FAULTS.find((one) => one.id === id);
  if (fault === undefined)
    throw new UsageError(`no fault has the id ${JSON.stringify(id)}; \`seccf list --faults\` shows them`);
  return fault;
}

/** @throws UsageError when the proof does not speak of these sources. */
function namedInstances(): Selection {
  const proof = readProof();
  const stale = staleness(proof);
  if (proof === undefined || stale !== undefined) {
    throw new UsageError(
      `suites/proof.json is stale: ${stale}. Run \`npm run seccf -- prove --full\` and commit what it writes.`,
    );
  }
  return namedIn(proof);
}

/** One fault with the profile that shows it. */
interface Job {
  readonly fault: Fault;
  readonly showing: Showing;
  readonly without: readonly CaseResult[];
}

const isStrange = ({ detected, unexpected }: FaultOutcome): boolean => !detected || unexpected.length > 0;

const strangeness = ({ unexpected, missing }: FaultOutcome): string =>
  [...unexpected.map((one) => `a failure for ${one}`), ...missing.map((one) => `none for ${one}`)].join(", ");

interface Tried {
  readonly showing: Showing;
  readonly without: readonly CaseResult[];
  /** Instances that do not pass without a fault. */
  readonly bad: number;
}

async function tryWithoutFault(showing: Showing): Promise<Tried> {
  const { name, faults, instances } = showing;
  print(`profiles/${name}: ${faults.length} faults; first without a fault: ${instances.length} instances`);
  const without = await withoutFault(showing);
  const bad = without.filter(({ verdict }) => verdict !== "pass");
  for (const { key, verdict, reason } of bad)
    print(`${coloured(verdict)} without a fault (profiles/${name}): ${key}: ${reason}`);
  return { showing, without, bad: bad.length };
}

function printOutcome({ fault, detected, detections, unexpected, missing }: FaultOutcome): void {
  const cases = [...new Set(detections.map((one) => one.case))];
  const verdict = detected && unexpected.length === 0 ? "pass" : "fail";
  print(
    `${coloured(verdict, (detected ? "detected" : "MISSED").padEnd(9))} ${fault.id}  by ${cases.join(", ") || "nothing"}`,
  );
  if (missing.length > 0) print(`          nothing failed for ${missing.join(", ")}`);
  if (unexpected.length > 0) print(`          unexpected: ${unexpected.join("; ")}`);
}

/** Prints the end and tells whether the proof is complete; `without`: the runs without a fault, of a whole proof. */
function conclude(outcomes: readonly FaultOutcome[], without: readonly CaseResult[] | undefined): boolean {
  const detected = outcomes.filter((one) => one.detected).length;
  const clean = outcomes.every((one) => one.detected && one.unexpected.length === 0);
  print(`\n${detected} of ${outcomes.length} faults detected`);
  if (without === undefined) return clean;
  const idle = idleCases(outcomes);
  const unproven = unprovenChecks(outcomes, without);
  if (idle.length > 0) print(`cases that detect nothing: ${idle.join(", ")}`);
  if (unproven.length > 0) print(`must checks that no fault makes fail:\n  ${unproven.join("\n  ")}`);
  return clean && idle.length === 0 && unproven.length === 0;
}
