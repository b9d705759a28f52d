import type { Label } from "../harness/conformance/vocabulary.ts";
import { escapeCsv } from "./escape.ts";
import { judges } from "./reading.ts";
import type { CaseReport, Report, RequirementReport } from "./report-model.ts";

const HEADER = [
  "label",
  "title",
  "level",
  "release",
  "status",
  "case id",
  "key",
  "way in",
  "polarity",
  "verdict",
  "checks passed",
  "checks failed",
  "proven by",
] as const;

/**
 * `traceability.csv` (RFC 4180, lines end with CR LF): one row per label and instance that judges it.
 * A label that no instance of this run judges has one row with empty case columns, so all 19 labels
 * are always there. The checks counted are the must checks of that label.
 */
export function renderTraceability(report: Report): string {
  const rows = report.requirements.flatMap((requirement) => rowsOf(requirement, report));
  return [HEADER, ...rows].map((cells) => `${cells.map(escapeCsv).join(",")}\r\n`).join("");
}

function rowsOf(requirement: RequirementReport, report: Report): readonly (readonly string[])[] {
  const judging = report.cases.filter((entry) => judges(entry, requirement.label));
  const left = [
    requirement.label,
    requirement.title,
    requirement.level,
    String(requirement.release),
    requirement.status,
  ];
  const provenBy = requirement.provenBy.join(" ");
  if (judging.length === 0) return [[...left, "", "", "", "", "", "", "", provenBy]];
  return judging.map((entry) => [...left, ...caseCells(entry, requirement.label), provenBy]);
}

function caseCells(entry: CaseReport, label: Label): readonly string[] {
  const judged = entry.checks.filter((check) => check.level === "must" && check.requirement === label);
  const passed = judged.filter((check) => check.outcome === "passed").length;
  const failed = judged.filter((check) => check.outcome === "failed").length;
  return [
    entry.id,
    entry.key,
    entry.wayIn ?? "",
    entry.polarity,
    entry.verdict,
    String(passed),
    String(failed),
  ];
}
