import { USE_CASES } from "./catalogue/use-cases.ts";
import type { LabelStatus } from "./label-status.ts";
import type { CaseResult, RunHeader } from "./run-events.ts";
import type { SanityRecord } from "./sanity.ts";
import type { RequirementStatus } from "./vocabulary.ts";

export interface FlowStatus {
  readonly name: string;
  readonly status: RequirementStatus;
  readonly cases: readonly string[];
}

export interface UseCaseStatus {
  readonly number: number;
  readonly title: string;
  readonly flows: readonly FlowStatus[];
  readonly status: RequirementStatus;
}

/** The state of all seven use cases, by the cases of each flow. */
export function useCaseStatuses(header: RunHeader, results: readonly CaseResult[]): readonly UseCaseStatus[] {
  return USE_CASES.map(({ number, title, flows }) => {
    const statuses = flows.map(({ name }): FlowStatus => {
      const cases = header.catalogue
        .filter((entry) => entry.useCase === number && entry.flow === name)
        .map((entry) => entry.id);
      return { name, cases, status: statusOfCases(cases, header.scope, results) };
    });
    return { number, title, flows: statuses, status: joined(statuses.map(({ status }) => status)) };
  });
}

function statusOfCases(
  cases: readonly string[],
  scope: RunHeader["scope"],
  results: readonly CaseResult[],
): RequirementStatus {
  if (cases.length === 0) return "not-covered";
  const mine = results.filter(({ id }) => cases.includes(id));
  const verdicts = mine.map(({ verdict }) => verdict);
  if (verdicts.includes("fail")) return "not-met";
  const run = new Set(mine.map(({ id }) => id));
  if (verdicts.includes("error") || verdicts.includes("inconclusive")) return "undetermined";
  if (run.size === 0) return "undetermined";
  const declared = mine.some((result) => result.declared === true);
  if (verdicts.every((verdict) => verdict === "not-applicable"))
    return declared ? "declared" : "not-applicable";
  // A part of the suite, or of a case's instances, does not carry a flow out as a whole.
  return scope === "full" && !declared && cases.every((id) => run.has(id)) ? "met" : "partial";
}

/**
 * A use case is as good as its worst flow. Flows without cases, or only declared, leave it partial at most; a flow
 * that the ICS does not claim takes no part.
 */
function joined(statuses: readonly RequirementStatus[]): RequirementStatus {
  const order: readonly RequirementStatus[] = ["not-met", "undetermined", "partial"];
  for (const status of order) if (statuses.includes(status)) return status;
  const distinct = new Set(statuses);
  if (distinct.size === 1) return statuses[0] ?? "not-covered";
  if (distinct.has("met")) return distinct.has("not-covered") || distinct.has("declared") ? "partial" : "met";
  if (distinct.has("not-covered")) return "not-covered";
  return distinct.has("declared") ? "declared" : "not-applicable";
}

/**
 * `true`: full run, every applicable case passed. `false`: a case failed. `null`: cannot be said, for a
 * partial run or when something stayed undetermined. Labels for which the suite has no case are the
 * suite's gap and do not count.
 */
export function conformant(
  header: RunHeader,
  results: readonly CaseResult[],
  labels: readonly LabelStatus[],
  sanity: readonly SanityRecord[],
  interrupted: boolean,
): boolean | null {
  // Of a part of the suite neither can be said; the exit code still tells that a case failed.
  if (header.scope === "partial") return null;
  if (results.some(({ verdict }) => verdict === "fail")) return false;
  if (undetermined(results, sanity) || interrupted) return null;
  if (!results.some(({ verdict }) => verdict === "pass")) return null;
  return labels.every(({ status }) => status !== "undetermined" && status !== "not-met") ? true : null;
}

function undetermined(results: readonly CaseResult[], sanity: readonly SanityRecord[]): boolean {
  return (
    results.some(({ verdict }) => verdict === "inconclusive" || verdict === "error") ||
    sanity.some(({ ok }) => !ok)
  );
}

/** 0 conformant or the selected cases passed, 1 not conformant, 2 undetermined; 1 beats 2. */
export function exitCode(
  results: readonly CaseResult[],
  sanity: readonly SanityRecord[],
  interrupted: boolean,
): 0 | 1 | 2 {
  if (results.some(({ verdict }) => verdict === "fail")) return 1;
  if (interrupted || undetermined(results, sanity)) return 2;
  // Nothing was judged: a gate must not open for a system to which no case applies.
  return results.some(({ verdict }) => verdict === "pass") ? 0 : 2;
}
