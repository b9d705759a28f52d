import type { Label } from "../harness/conformance/vocabulary.ts";
import { escapeCsv } from "./escape.ts";
import { judges } from "./reading.ts";
import type { CaseReport, CheckReport, CoverageReport, Report, RequirementReport } from "./report-model.ts";

/** docs/reports.md says what stands in each. */
const COLUMNS = [
  "label",
  "title",
  "level",
  "release",
  "status",
  "why",
  "clause",
  "use case",
  "flow",
  "way in",
  "polarity",
  "case id",
  "key",
  "purpose",
  "verdict",
  "reason",
  "check level",
  "check",
  "outcome",
  "seen",
  "proven by",
  "evidence",
] as const;

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/**
 * `traceability.csv` (RFC 4180, lines end with CR LF): first label by label one row for each check that judges the
 * label in an instance, then one for each check that judges a clause. An instance that came to no check of a label
 * has one row, and so has each polarity and way in that the catalogue demands and nothing judged, and each label
 * that no instance judges: all 19 labels are always there. Observations judge nothing and are not listed.
 */
export function renderTraceability(report: Report): string {
  const rows: readonly Row[] = [
    ...report.requirements.flatMap((requirement) => labelRows(requirement, report)),
    ...report.cases.flatMap(clauseRows),
  ];
  const header = COLUMNS.map((column): string => column);
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? ""));
  return [header, ...lines].map((cells) => `${cells.map(escapeCsv).join(",")}\r\n`).join("");
}

function labelRows(requirement: RequirementReport, report: Report): readonly Row[] {
  const { label, title, level, release, status, reason, coverage = [] } = requirement;
  const left: Row = { label, title, level, release: String(release), status, why: reason };
  const judging = report.cases
    .filter((entry) => judges(entry, label))
    .flatMap((entry) => checkRows(entry, label));
  const missing = coverage.filter(({ required, outcome }) => required && outcome === "not-judged");
  const right = [...judging, ...missing.map(missingRow)];
  return right.length === 0 ? [left] : right.map((row) => ({ ...left, ...row }));
}

function checkRows(entry: CaseReport, label: Label): readonly Row[] {
  const checks = entry.checks.filter((check) => check.requirement === label);
  if (checks.length === 0) return [caseCells(entry)];
  return checks.map((check) => ({ ...caseCells(entry), ...checkCells(check) }));
}

function clauseRows(entry: CaseReport): readonly Row[] {
  return entry.checks
    .filter(({ clause }) => clause !== undefined)
    .map((check) => ({ ...caseCells(entry), ...checkCells(check), clause: check.clause ?? "" }));
}

function missingRow({ polarity, wayIn }: CoverageReport): Row {
  return { polarity, "way in": wayIn ?? "", outcome: "not judged" };
}

/** The clause column of a label's row holds those that the case cites. */
function caseCells(entry: CaseReport): Row {
  return {
    clause: entry.clauses.join("; "),
    "use case": entry.useCase === undefined ? "" : String(entry.useCase),
    flow: entry.flow ?? "",
    "way in": entry.wayIn ?? "",
    polarity: entry.polarity,
    "case id": entry.id,
    key: entry.key,
    purpose: entry.purpose,
    verdict: entry.verdict,
    reason: entry.reason ?? "",
    evidence: entry.evidence.join(" "),
  };
}

function checkCells({ level, text, outcome, detail, provenBy = [] }: CheckReport): Row {
  return {
    "check level": level,
    check: text,
    outcome,
    seen: detail ?? "",
    "proven by": provenBy.join(" "),
  };
}
