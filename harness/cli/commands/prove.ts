import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FAULTS, type Fault } from "../../../profiles/reference/faults.ts";
import { CASES } from "../../../suites/index.ts";
import { expand, type Instance } from "../../conformance/parameters.ts";
import type { CaseResult } from "../../conformance/run-events.ts";
import { notApplicable } from "../../conformance/selection.ts";
import type { Profile } from "../../system/profile/index.ts";
import { knownFault } from "../faults.ts";
import { endWhenInterrupted } from "../interruption.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { print } from "../output.ts";
import { coloured } from "../progress.ts";
import { detect, type FaultOutcome, provenChecks, unprovenChecks } from "../proof/detection.ts";
import { faultsAtOnce, inParallel, runWithFault } from "../proof/fault-run.ts";
import { sourceHashes } from "../source-hashes.ts";
import { PROOF_FILE, type Proof, readProof, staleness } from "../suite-identity.ts";
import { UsageError } from "../usage-error.ts";

export interface ProveArguments {
  readonly full?: boolean;
  readonly fault?: string;
  readonly out?: string;
}

/** Each value of each parameter once, always the same. */
const STRENGTH = 1;
const SEED = 1;

/**
 * `seccf prove`: quickly, with the instances that the committed proof names; with --full, every fault against every
 * case, and the proof is written anew. Gives the exit code: 0 when every fault was detected and nothing else failed.
 */
export async function prove(args: ProveArguments): Promise<number> {
  endWhenInterrupted();
  const profile = openProfile(REFERENCE_PROFILE);
  const faults =
    args.fault === undefined
      ? FAULTS
      : FAULTS.filter(({ id }) => id === knownFault(args.fault ?? "", profile));
  const full = args.full === true;
  const select = full ? everyInstance(profile) : namedInstances(profile);
  const all = [...new Map(faults.flatMap((fault) => select(fault)).map((one) => [one.key, one])).values()];
  print(`${faults.length} faults; first without a fault: ${all.length} instances`);
  const without = await runWithFault(profile, undefined, all);
  const bad = without.filter(({ verdict }) => verdict !== "pass");
  for (const { key, verdict, reason } of bad)
    print(`${coloured(verdict)} without a fault: ${key}: ${reason}`);
  const outcomes = await inParallel(faults, faultsAtOnce(), async (fault) => {
    const outcome = await tryFault(profile, fault, select(fault), without);
    printOutcome(outcome);
    return outcome;
  });
  const whole = full && args.fault === undefined;
  const complete = bad.length === 0 && conclude(outcomes, whole ? without : undefined);
  writeProveJson(args.out ?? "conformance-results", outcomes);
  if (whole && complete) writeProof(outcomes);
  return complete ? 0 : 1;
}

async function tryFault(
  profile: Profile,
  fault: Fault,
  instances: readonly Instance[],
  without: readonly CaseResult[],
): Promise<FaultOutcome> {
  return detect(fault, without, await runWithFault(profile, fault.id, instances));
}

type Selection = (fault: Fault) => readonly Instance[];

function everyInstance(profile: Profile): Selection {
  const all = allInstances(profile);
  return () => all;
}

function allInstances({ ics, ixit }: Profile): readonly Instance[] {
  return [...CASES.values()]
    .filter((one) => notApplicable(one, ics, ixit) === undefined)
    .flatMap((one) => expand(one, ics, STRENGTH, SEED));
}

/** @throws UsageError when the proof does not speak of these sources. */
function namedInstances(profile: Profile): Selection {
  const proof = readProof();
  const stale = staleness(proof);
  if (proof === undefined || stale !== undefined) {
    throw new UsageError(
      `suites/proof.json is stale: ${stale}. Run \`npm run seccf -- prove --full\` and commit what it writes.`,
    );
  }
  const byKey = new Map(allInstances(profile).map((one) => [one.key, one]));
  return ({ id }) => (proof.keys[id] ?? []).flatMap((key) => byKey.get(key) ?? []);
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

/** Prints the end and tells whether the proof is complete; `without`: the run without a fault, of a whole proof. */
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

function idleCases(outcomes: readonly FaultOutcome[]): readonly string[] {
  const busy = new Set(outcomes.flatMap(({ detections }) => detections.map((one) => one.case)));
  return [...CASES.keys()].filter((id) => !busy.has(id));
}

function writeProveJson(folder: string, outcomes: readonly FaultOutcome[]): void {
  const directory = resolve(folder);
  mkdirSync(directory, { recursive: true });
  const casesOf = (one: FaultOutcome) =>
    [...new Set(one.detections.map((detection) => detection.case))].sort();
  const json = {
    faults: outcomes.map((one) => ({
      id: one.fault.id,
      title: one.fault.title,
      requirements: one.fault.requirements,
      detected: one.detected,
      detectedBy: casesOf(one),
      unexpected: one.unexpected,
    })),
    cases: [...CASES.keys()].map((id) => ({
      id,
      detects: outcomes.filter((one) => casesOf(one).includes(id)).map((one) => one.fault.id),
    })),
    summary: {
      faults: outcomes.length,
      detected: outcomes.filter((one) => one.detected).length,
      cases: CASES.size,
      casesThatDetectNothing: idleCases(outcomes),
    },
  };
  const path = join(directory, "prove.json");
  writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
  print(path);
}

function writeProof(outcomes: readonly FaultOutcome[]): void {
  const entries = (values: (one: FaultOutcome) => readonly string[]) =>
    Object.fromEntries(outcomes.map((one) => [one.fault.id, values(one)]));
  const proof: Proof = {
    ...sourceHashes(),
    checks: provenChecks(outcomes),
    faults: entries(({ detections }) => [...new Set(detections.map((one) => one.case))].sort()),
    keys: entries(({ detections }) => [...firstKeys(detections)].sort()),
  };
  writeFileSync(PROOF_FILE, `${JSON.stringify(proof, null, 1)}\n`);
  print(PROOF_FILE);
}

/** One instance for each check that was seen to fail: enough to see it fail again. */
function firstKeys(detections: FaultOutcome["detections"]): ReadonlySet<string> {
  const first = new Map<string, string>();
  for (const { case: id, subject, text, key } of detections) {
    const check = `${id}\0${subject}\0${text}`;
    if (!first.has(check)) first.set(check, key);
  }
  return new Set(first.values());
}
