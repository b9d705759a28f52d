import type { Verdict } from "../harness/conformance/vocabulary.ts";
import { bounded, codeSpan, escapeMarkdown } from "./escape.ts";
import {
  casesWith,
  failedMustChecks,
  findings,
  gapSentence,
  headline,
  isFlaky,
  labelsWithoutCase,
  subject,
} from "./reading.ts";
import type { CaseReport, Report } from "./report-model.ts";
import { count, duration, STATUS_WORDS, VERDICT_WORDS } from "./words.ts";

/** UTF-16 code units of one detail or reason. */
const TEXT_LIMIT = 300;
/** Entries of one list: a pipeline shows this page whole, the rest stands in report.html. */
const LIST_LIMIT = 50;

/** `summary.md`: what a pipeline shows on its result page. */
export function renderMarkdown(report: Report): string {
  const blocks = [
    ...head(report),
    ...requirementTable(report),
    ...useCaseTable(report),
    ...bindingTable(report),
    ...caseList("Failed cases", casesWith(report, "fail"), failedCase),
    ...findingList(report),
    ...caseList("Inconclusive cases", casesWith(report, "inconclusive"), openCase),
    ...caseList("Errors of the test system", casesWith(report, "error"), openCase),
    ...caseList("Flaky cases", report.cases.filter(isFlaky), flakyCase),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function head(report: Report): readonly string[] {
  const { title, meaning } = headline(report);
  const { run, system, profile, suite } = report;
  const interrupted =
    run.interrupted === undefined ? [] : [`**The run was interrupted:** ${prose(run.interrupted)}`];
  const lost = run.sanity.filter((record) => !record.ok);
  return [
    `# ${title}`,
    `**${prose(system.name)} ${prose(system.version)}** (${prose(system.vendor)}), as ${prose(system.roles.join(", "))}`,
    meaning,
    ...interrupted,
    ...lost.map(
      (record) =>
        `**The ${record.when} sanity check failed** on ${record.wayIn}. ${code(record.detail ?? "")}`,
    ),
    gapSentence(report),
    counts(report),
    [
      `- Run ${code(run.id)}, ${run.scope}, started ${prose(run.startedAt)}, took ${duration(run.durationMs)}, seed ${run.seed}`,
      ...(run.fault === undefined ? [] : [`- The reference system ran with the fault ${code(run.fault)}`]),
      ...(run.shard === undefined ? [] : [`- Shard ${prose(run.shard)}`]),
      ...(run.baseline === undefined ? [] : [`- Baseline ${code(run.baseline)}`]),
      `- Suite ${prose(suite.name)} ${prose(suite.version)}, catalogue ${code(suite.catalogue.slice(0, 12))}, proof ${code(suite.proof.slice(0, 12))}`,
      `- Profile: release ${profile.release}, ICS ${code(profile.ics.slice(0, 12))}, IXIT ${code(profile.ixit.slice(0, 12))}`,
    ].join("\n"),
  ];
}

function counts(report: Report): string {
  const { verdicts, findings: found, flaky } = report.summary;
  const columns: readonly (readonly [string, number])[] = [
    [verdict("pass"), verdicts.pass],
    [verdict("fail"), verdicts.fail],
    [verdict("inconclusive"), verdicts.inconclusive],
    [verdict("error"), verdicts.error],
    [verdict("not-applicable"), verdicts.notApplicable],
    ["findings", found],
    ["flaky", flaky],
    ["labels without a case", labelsWithoutCase(report).length],
  ];
  return table(
    columns.map(([name]) => name),
    [columns.map(([, number]) => String(number))],
    "right",
  );
}

function requirementTable(report: Report): readonly string[] {
  const rows = report.requirements.map((requirement) => [
    requirement.label,
    prose(requirement.title),
    `${requirement.level}, release ${requirement.release}`,
    status(requirement.status),
    prose(requirement.reason),
  ]);
  return ["## Requirements", table(["label", "title", "level", "status", "reason"], rows)];
}

function useCaseTable(report: Report): readonly string[] {
  const rows = report.useCases.flatMap((useCase) => [
    [String(useCase.number), `**${prose(useCase.title)}**`, status(useCase.status), ""],
    ...useCase.flows.map((flow) => [
      "",
      prose(flow.name),
      status(flow.status),
      flow.cases.length === 0 ? "" : count(flow.cases.length, "case"),
    ]),
  ]);
  return ["## Use cases", table(["use case", "flow", "status", "cases"], rows)];
}

function bindingTable(report: Report): readonly string[] {
  const failed = report.bindings.filter((binding) => binding.outcome === "failed");
  if (report.bindings.length === 0) return [];
  const passed = `${report.bindings.length - failed.length} of ${count(report.bindings.length, "binding")} held.`;
  const rows = failed.map((binding) => [
    prose(binding.clause),
    prose(binding.text),
    binding.cases.map(code).join(" "),
  ]);
  return [
    "## Bindings of the wire form",
    passed,
    ...(rows.length === 0 ? [] : [table(["clause", "what failed", "cases"], rows)]),
  ];
}

function caseList(
  title: string,
  cases: readonly CaseReport[],
  item: (entry: CaseReport) => string,
): readonly string[] {
  if (cases.length === 0) return [];
  return [`## ${title} (${cases.length})`, list(cases.map(item))];
}

function failedCase(entry: CaseReport): string {
  const checks = failedMustChecks(entry).map(
    (check) =>
      `  - ${VERDICT_WORDS.fail.symbol} ${prose(subject(check))}: ${prose(check.text)}${detail(check.detail)}`,
  );
  return [caseLine(entry), ...checks].join("\n");
}

function openCase(entry: CaseReport): string {
  const rootCause = entry.rootCause === undefined ? "" : ` Root cause: ${code(entry.rootCause)}.`;
  return `${caseLine(entry)}\n  - ${prose(entry.reason ?? "no reason was recorded")}${rootCause}`;
}

function flakyCase(entry: CaseReport): string {
  return `- ${code(entry.key)}: attempts gave ${(entry.attempts ?? []).join(", ")}`;
}

function caseLine(entry: CaseReport): string {
  return `- ${code(entry.key)} ${prose(entry.purpose)}`;
}

function findingList(report: Report): readonly string[] {
  const found = findings(report);
  if (found.length === 0) return [];
  const items = found.map(
    ({ entry, check }) =>
      `- ${prose(subject(check))}: ${prose(check.text)} (${code(entry.key)})${detail(check.detail)}`,
  );
  return [`## Findings (${found.length})`, "A failed should: worth a look, no failure.", list(items)];
}

function list(items: readonly string[]): string {
  const more = items.length - LIST_LIMIT;
  const rest = more > 0 ? [`- and ${more} more, see report.html`] : [];
  return [...items.slice(0, LIST_LIMIT), ...rest].join("\n");
}

function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: "left" | "right" = "left",
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map(() => (align === "right" ? "---:" : "---"));
  return [header, rule, ...rows].map(line).join("\n");
}

function verdict(name: Verdict): string {
  return `${VERDICT_WORDS[name].symbol} ${VERDICT_WORDS[name].word}`;
}

function status(name: keyof typeof STATUS_WORDS): string {
  return `${STATUS_WORDS[name].symbol} ${STATUS_WORDS[name].word}`;
}

function detail(text: string | undefined): string {
  const span = code(text ?? "");
  return span === "" ? "" : `: ${span}`;
}

function prose(text: string): string {
  return escapeMarkdown(bounded(text, TEXT_LIMIT));
}

function code(text: string): string {
  return codeSpan(bounded(text, TEXT_LIMIT));
}
