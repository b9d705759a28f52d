import type { Check, Verdict } from "../harness/conformance/vocabulary.ts";
import { bounded, escapeLines, escapeXml } from "./escape.ts";
import { failedMustChecks, isFinding, isFlaky, labelsWithoutCase, subject } from "./reading.ts";
import type { CaseReport, Report } from "./report-model.ts";

/** UTF-16 code units of one detail or reason. */
const TEXT_LIMIT = 2000;

/**
 * `junit.xml` as Jenkins and GitLab read it: one testsuite per flow of a use case (per label for a
 * case outside the use cases), one testcase per instance. JUnit has no inconclusive: such a case is
 * an `error` with type="inconclusive", so that a pipeline never takes it for a pass.
 */
export function renderJunit(report: Report): string {
  const suites = [...Map.groupBy(report.cases, suiteName)].map(([name, cases]) =>
    suiteElement(name, cases, report),
  );
  const name = `SEC_CF conformance of ${report.system.name}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${data(name)}" ${counters(report.cases)} time="${seconds(report.run.durationMs)}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteName(entry: CaseReport): string {
  if (entry.useCase !== undefined) {
    return `Use case ${entry.useCase}${entry.flow === undefined ? "" : `: ${entry.flow}`}`;
  }
  return `Property suite: label ${entry.requirements[0] ?? "(none)"}`;
}

function suiteElement(name: string, cases: readonly CaseReport[], report: Report): string {
  const total = cases.reduce((sum, entry) => sum + entry.durationMs, 0);
  return [
    `  <testsuite name="${data(name)}" ${counters(cases)} time="${seconds(total)}"${timestamp(report.run.startedAt)}>`,
    "    <properties>",
    ...properties(report).map(
      ([key, value]) => `      <property name="${data(key)}" value="${data(value)}"/>`,
    ),
    "    </properties>",
    ...cases.map(caseElement),
    "  </testsuite>",
  ].join("\n");
}

/** UTC without zone and fraction, the one form that every JUnit schema accepts. */
function timestamp(startedAt: string): string {
  const date = new Date(startedAt);
  return Number.isNaN(date.getTime()) ? "" : ` timestamp="${date.toISOString().slice(0, 19)}"`;
}

function properties(report: Report): readonly (readonly [string, string])[] {
  return [
    ["suite version", report.suite.version],
    ["system", `${report.system.vendor} ${report.system.name} ${report.system.version}`],
    ["run", report.run.id],
    ["scope", report.run.scope],
    ["seed", String(report.run.seed)],
    ["conformant", String(report.summary.conformant ?? "undetermined")],
    ["labels without a case in this version of the suite", String(labelsWithoutCase(report).length)],
  ];
}

function counters(cases: readonly CaseReport[]): string {
  const number = (...verdicts: readonly Verdict[]) =>
    cases.filter((entry) => verdicts.includes(entry.verdict)).length;
  return [
    `tests="${cases.length}"`,
    `failures="${number("fail")}"`,
    `errors="${number("error", "inconclusive")}"`,
    `skipped="${number("not-applicable")}"`,
  ].join(" ");
}

function caseElement(entry: CaseReport): string {
  const inside = [...outcomeElement(entry), ...outputElement(entry)];
  const open = `    <testcase classname="${data(entry.id)}" name="${data(entry.key)}" time="${seconds(entry.durationMs)}"`;
  return inside.length === 0 ? `${open}/>` : [`${open}>`, ...inside, "    </testcase>"].join("\n");
}

function outcomeElement(entry: CaseReport): readonly string[] {
  switch (entry.verdict) {
    case "pass":
      return [];
    case "fail":
      return [failureElement(entry)];
    case "not-applicable":
      return [`      <skipped message="${data(entry.reason ?? "not claimed by the ICS")}"/>`];
    default:
      return [
        `      <error message="${data(entry.reason ?? entry.verdict)}" type="${entry.verdict}">${data(openText(entry))}</error>`,
      ];
  }
}

function failureElement(entry: CaseReport): string {
  const failed = failedMustChecks(entry);
  const first = failed[0];
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  const message = first === undefined ? (entry.reason ?? "failed") : `${checkLine(first)}${more}`;
  const text = [entry.purpose, ...failed.map(checkText)].join("\n");
  return `      <failure message="${data(message)}" type="must">${data(text, text.length)}</failure>`;
}

function openText(entry: CaseReport): string {
  const rootCause = entry.rootCause === undefined ? [] : [`Root cause: ${entry.rootCause}`];
  return [entry.purpose, ...rootCause].join("\n");
}

function outputElement(entry: CaseReport): readonly string[] {
  const lines = [
    ...entry.checks.filter(isFinding).map((check) => `Finding: ${checkText(check)}`),
    ...(isFlaky(entry) ? [`Flaky: attempts gave ${entry.attempts?.join(", ")}`] : []),
    ...entry.checks
      .filter(({ outcome }) => outcome === "observed")
      .map(({ text, detail = "" }) => `Observed: ${text}: ${bounded(detail, TEXT_LIMIT)}`),
    ...entry.evidence.map((path) => `Evidence: ${bounded(path, TEXT_LIMIT)}`),
  ];
  const text = lines.join("\n");
  return lines.length === 0 ? [] : [`      <system-out>${data(text, text.length)}</system-out>`];
}

function checkLine(check: Check): string {
  return `${subject(check)}: ${check.text}`;
}

function checkText(check: Check): string {
  const detail = check.detail === undefined ? "" : `\n    ${bounded(check.detail, TEXT_LIMIT)}`;
  return `${checkLine(check)}${detail}`;
}

/** Text as XML data. `[[ATTACHMENT|…]]` would make Jenkins and GitLab pick up a file of the peer's choice. */
function data(text: string, max = TEXT_LIMIT): string {
  return escapeXml(escapeLines(bounded(text, max)).replaceAll("[[", "[ ["));
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
