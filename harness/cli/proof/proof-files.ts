import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CASES } from "../../../suites/index.ts";
import { makeDirectory } from "../run-directory.ts";
import { sourceHashes } from "../source-hashes.ts";
import { PROOF_FILE, type Proof } from "../suite-identity.ts";
import { type FaultOutcome, provenChecks } from "./detection.ts";

/** Cases that no fault makes fail, by id. */
export function idleCases(outcomes: readonly FaultOutcome[]): readonly string[] {
  const busy = new Set(outcomes.flatMap(({ detections }) => detections.map((one) => one.case)));
  return [...CASES.keys()].filter((id) => !busy.has(id));
}

const casesOf = ({ detections }: FaultOutcome) => [...new Set(detections.map((one) => one.case))].sort();

/** Writes `prove.json` (DESIGN: what a proof leaves) and gives its path. @throws the error of the file system */
export function writeProveJson(folder: string, outcomes: readonly FaultOutcome[]): string {
  const directory = resolve(folder);
  makeDirectory(directory);
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
  return path;
}

/** Writes the proof that is committed, bound to the sources as they are, and gives its path. */
export function writeProof(outcomes: readonly FaultOutcome[]): string {
  const entries = (values: (one: FaultOutcome) => readonly string[]) =>
    Object.fromEntries(outcomes.map((one) => [one.fault.id, values(one)]));
  const proof: Proof = {
    ...sourceHashes(),
    checks: provenChecks(outcomes),
    faults: entries(casesOf),
    keys: entries(({ detections }) => [...firstKeys(detections)].sort()),
  };
  writeFileSync(PROOF_FILE, `${JSON.stringify(proof, null, 1)}\n`);
  return PROOF_FILE;
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
