import type { Fault } from "../../../profiles/reference/faults.ts";
import type { CaseResult, ProvenCheck } from "../../conformance/run-events.ts";
import type { Check } from "../../conformance/vocabulary.ts";

/** A must check that passed without a fault and failed with it. */
export interface Detection {
  readonly case: string;
  readonly key: string;
  readonly subject: string;
  readonly text: string;
}

export interface FaultOutcome {
  readonly fault: Fault;
  readonly detected: boolean;
  /** Detections of the labels and clauses that the fault names. */
  readonly detections: readonly Detection[];
  /** Labels and clauses beyond those that the fault names, with the cases in which they failed. */
  readonly unexpected: readonly string[];
  /** What the fault names and nothing detected. */
  readonly missing: readonly string[];
}

const subjectOf = (check: Check) => check.requirement ?? check.clause ?? "";

/**
 * Compares a run with a fault to one without. A crash, an error and an inconclusive case are no detection;
 * a check counts only when the same check of the same instance passed without the fault.
 */
export function detect(
  fault: Fault,
  without: readonly CaseResult[],
  withFault: readonly CaseResult[],
): FaultOutcome {
  const passedWithout = new Set(
    without
      .filter(({ verdict }) => verdict === "pass")
      .flatMap(({ key, checks }) => checks.filter(isPassedMust).map((check) => checkKey(key, check))),
  );
  const failures = withFault.flatMap(({ id, key, verdict, checks }) =>
    (verdict === "fail" ? checks : [])
      .filter((check) => check.level === "must" && check.outcome === "failed")
      .map((check) => ({
        case: id,
        key,
        subject: subjectOf(check),
        text: check.text,
        known: passedWithout.has(checkKey(key, check)),
      })),
  );
  const named = [...fault.requirements, ...(fault.clauses ?? [])];
  const detections = failures
    .filter(({ subject, known }) => known && named.includes(subject))
    .map(({ known: _, ...detection }) => detection);
  const unexpected = failures.filter(({ subject }) => !named.includes(subject));
  const missing = named.filter((subject) => !detections.some((one) => one.subject === subject));
  return {
    fault,
    detected: missing.length === 0 && named.length > 0,
    detections,
    unexpected: [...new Set(unexpected.map((one) => `${one.subject} in ${one.case}`))].sort(),
    missing,
  };
}

/** What all profiles together show of one fault. @throws Error for none */
export function merged(outcomes: readonly FaultOutcome[]): FaultOutcome {
  const [first] = outcomes;
  if (first === undefined) throw new Error("a fault was tried with no profile");
  const missing = first.missing.filter((subject) => outcomes.every((one) => one.missing.includes(subject)));
  const detections = outcomes.flatMap((one) => one.detections);
  return {
    fault: first.fault,
    detected: missing.length === 0 && detections.length > 0,
    detections,
    unexpected: [...new Set(outcomes.flatMap((one) => one.unexpected))].sort(),
    missing,
  };
}

function isPassedMust(check: Check): boolean {
  return check.level === "must" && check.outcome === "passed";
}

function checkKey(key: string, check: Check): string {
  return `${key}\0${subjectOf(check)}\0${check.text}`;
}

/** Which checks are proven, by which faults: what `suites/proof.json` keeps. */
export function provenChecks(outcomes: readonly FaultOutcome[]): readonly ProvenCheck[] {
  const byCheck = new Map<string, { case: string; subject: string; text: string; faults: Set<string> }>();
  for (const { fault, detections } of outcomes) {
    for (const { case: id, subject, text } of detections) {
      const key = `${id}\0${subject}\0${text}`;
      const entry = byCheck.get(key) ?? { case: id, subject, text, faults: new Set() };
      entry.faults.add(fault.id);
      byCheck.set(key, entry);
    }
  }
  return [...byCheck.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { faults, ...rest }]) => ({ ...rest, faults: [...faults].sort() }));
}

/** Must checks of a run without a fault that no fault makes fail, one line each. */
export function unprovenChecks(
  outcomes: readonly FaultOutcome[],
  without: readonly CaseResult[],
): readonly string[] {
  const line = (id: string, subject: string, text: string) => `${id} ${subject}: ${text}`;
  const proven = new Set(provenChecks(outcomes).map((one) => line(one.case, one.subject, one.text)));
  const all = without.flatMap(({ id, checks }) =>
    checks.filter(({ level }) => level === "must").map((check) => line(id, subjectOf(check), check.text)),
  );
  return [...new Set(all)].filter((one) => !proven.has(one)).sort();
}
