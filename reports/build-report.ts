import { requirement } from "../harness/conformance/catalogue/requirements.ts";
import type { RunRecord } from "../harness/conformance/journal.ts";
import { labelStatuses } from "../harness/conformance/label-status.ts";
import { describeMatter, parametersThatMatter } from "../harness/conformance/parameters-that-matter.ts";
import type { CaseResult, RunHeader } from "../harness/conformance/run-events.ts";
import { conformant, useCaseStatuses } from "../harness/conformance/run-status.ts";
import { coverage, withFaults } from "./coverage.ts";
import type { BindingReport, CaseReport, MatterReport, Report } from "./report-model.ts";

/** The report of a run: a function of its journal alone, so it can be rendered again at any time. */
export function buildReport(record: RunRecord): Report {
  const { header, results, sanity, durationMs, interrupted } = record;
  const labels = labelStatuses(header, results);
  const { suite, system, profile, id, scope, startedAt, seed, node, openssl, shard, fault } = header;
  return {
    schemaVersion: 1,
    suite: { name: "seccf", ...suite },
    system,
    profile,
    run: {
      id,
      scope,
      startedAt,
      durationMs,
      seed,
      node,
      openssl,
      ...(shard === undefined ? {} : { shard }),
      ...(fault === undefined ? {} : { fault }),
      ...(interrupted === undefined ? {} : { interrupted }),
      sanity: mergedSanity(sanity),
    },
    summary: {
      conformant: conformant(header, results, labels, sanity, interrupted !== undefined),
      verdicts: verdictCounts(results),
      findings: results
        .flatMap(({ checks }) => checks)
        .filter(({ level, outcome }) => level === "should" && outcome === "failed").length,
      flaky: results.filter(({ attempts = [] }) => new Set(attempts).size > 1).length,
    },
    requirements: labels.map((status) => {
      const { title, level, release } = requirement(status.label);
      return { ...status, title, level, release, coverage: coverage(status.label, header, results) };
    }),
    useCases: useCaseStatuses(header, results),
    bindings: bindings(results),
    cases: caseReports(header, results),
    parametersThatMatter: matterReports(results),
  };
}

/** Each worker asks its own system: one record for each way in and moment, not ok when one of them was not. */
function mergedSanity(records: RunRecord["sanity"]): RunRecord["sanity"] {
  const merged = new Map<string, RunRecord["sanity"][number]>();
  for (const record of records) {
    const key = `${record.when} ${record.wayIn}`;
    if (merged.get(key)?.ok !== false) merged.set(key, record);
  }
  return [...merged.values()];
}

function verdictCounts(results: readonly CaseResult[]): Report["summary"]["verdicts"] {
  const count = (verdict: CaseResult["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  return {
    pass: count("pass"),
    fail: count("fail"),
    inconclusive: count("inconclusive"),
    error: count("error"),
    notApplicable: count("not-applicable"),
  };
}

/** Must checks that judge a clause: one row for each clause and text, failed when any instance failed. */
function bindings(results: readonly CaseResult[]): readonly BindingReport[] {
  const rows = new Map<string, { clause: string; text: string; failed: boolean; cases: Set<string> }>();
  for (const { id, checks } of results) {
    for (const { clause, text, level, outcome } of checks) {
      if (clause === undefined || level !== "must") continue;
      const row = rows.get(`${clause}\0${text}`) ?? { clause, text, failed: false, cases: new Set() };
      row.failed ||= outcome === "failed";
      row.cases.add(id);
      rows.set(`${clause}\0${text}`, row);
    }
  }
  return [...rows.values()]
    .sort((a, b) => (a.clause < b.clause ? -1 : 1))
    .map(({ clause, text, failed, cases }) => ({
      clause,
      text,
      outcome: failed ? "failed" : "passed",
      cases: [...cases].sort(),
    }));
}

function matterReports(results: readonly CaseResult[]): readonly MatterReport[] {
  return [...Map.groupBy(results, ({ id }) => id)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, instances]) => {
      const found = parametersThatMatter(instances);
      if (found === undefined) return [];
      const { failed, passed } = found;
      const explanations = found.explanations.map((conditions) =>
        Object.fromEntries(conditions.map(({ parameter, values }) => [parameter, values])),
      );
      return [{ case: id, failed, passed, explanations, text: describeMatter(found) }];
    });
}

function caseReports(header: RunHeader, results: readonly CaseResult[]): readonly CaseReport[] {
  const entries = new Map(header.catalogue.map((entry) => [entry.id, entry]));
  return [...results]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((result) => {
      const entry = entries.get(result.id);
      if (entry === undefined) return [];
      const { declared: _, parameters, ...rest } = result;
      return [
        {
          ...entry,
          ...rest,
          ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
          checks: withFaults(header, result),
        },
      ];
    });
}
