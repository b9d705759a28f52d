import { requirement } from "../harness/conformance/catalogue/requirements.ts";
import { type RequiredPair, requiredPairs } from "../harness/conformance/label-status.ts";
import type { CaseResult, CatalogueEntry, RunHeader } from "../harness/conformance/run-events.ts";
import type { Label } from "../harness/conformance/vocabulary.ts";
import { POLARITIES } from "../harness/conformance/vocabulary.ts";
import type { CheckReport, CoverageReport } from "./report-model.ts";

/** Checks of a case with the faults of the proof that make them fail. */
export function withFaults(header: RunHeader, result: CaseResult): readonly CheckReport[] {
  return result.checks.map((check) => {
    if (check.level !== "must") return check;
    const subject = check.requirement ?? check.clause;
    const faults = header.proven.find(
      (one) => one.case === result.id && one.subject === subject && one.text === check.text,
    )?.faults;
    return faults === undefined || faults.length === 0 ? check : { ...check, provenBy: faults };
  });
}

/** What the cases of a label say, for all that the catalogue demands and all else that they ask. */
export function coverage(
  label: Label,
  header: RunHeader,
  results: readonly CaseResult[],
): readonly CoverageReport[] {
  const entries = header.catalogue.filter((entry) => entry.requirements.includes(label));
  const required = requiredPairs(requirement(label), header.waysIn);
  const bound = requirement(label).waysIn.length > 0;
  const asked = entries
    .filter(({ wayIn }) => header.waysIn.includes(wayIn))
    .map(({ polarity, wayIn }): RequiredPair => (bound ? { polarity, wayIn } : { polarity }))
    .filter((pair) => !required.some((other) => samePair(pair, other)));
  const further = asked.filter((pair, index) => asked.findIndex((other) => samePair(pair, other)) === index);
  const order = ({ polarity }: RequiredPair) => POLARITIES.indexOf(polarity);
  return [
    ...required.map((pair) => ({ pair, required: true })),
    ...further.map((pair) => ({ pair, required: false })),
  ]
    .sort((a, b) => order(a.pair) - order(b.pair))
    .map(({ pair, required: demanded }) => {
      const asking = entries.filter((entry) => asks(entry, pair));
      const ids = asking.map(({ id }) => id);
      const mine = results.filter(({ id }) => ids.includes(id));
      return { ...pair, required: demanded, outcome: outcome(label, header, mine), cases: ids };
    });
}

function samePair(a: RequiredPair, b: RequiredPair): boolean {
  return a.polarity === b.polarity && a.wayIn === b.wayIn;
}

function asks(entry: CatalogueEntry, { polarity, wayIn }: RequiredPair): boolean {
  return entry.polarity === polarity && (wayIn === undefined || entry.wayIn === wayIn);
}

function outcome(label: Label, header: RunHeader, results: readonly CaseResult[]): CoverageReport["outcome"] {
  const checks = results
    .flatMap((result) => withFaults(header, result))
    .filter(({ level, requirement: judged }) => level === "must" && judged === label);
  if (checks.some((check) => check.outcome === "failed")) return "failed";
  if (results.some(({ verdict }) => verdict === "inconclusive" || verdict === "error")) return "open";
  if (checks.length === 0) return "not-judged";
  return checks.some(({ provenBy }) => provenBy !== undefined) ? "proven" : "unproven";
}
