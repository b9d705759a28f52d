import type { Check, RequirementStatus, Verdict } from "../harness/conformance/vocabulary.ts";
import { bounded, codeSpan, escapeMarkdown } from "./escape.ts";
import {
  type CaseFamily,
  failedMustChecks,
  familiesByUrgency,
  findings,
  gapSentence,
  headline,
  isFlaky,
  labelsWithoutCase,
  subject,
  whatMatters,
} from "./reading.ts";
import type { Report } from "./report-model.ts";
import { count, duration, STATUS_WORDS, VERDICT_WORDS } from "./words.ts";

/** UTF-16 code units of one detail or reason. */
const TEXT_LIMIT = 300;
/** Entries of one list: a pipeline shows this page whole, the rest stands in report.html. */
const LIST_LIMIT = 50;
/** States of which there is nothing to tell but the state. */
const SILENT: ReadonlySet<RequirementStatus> = new Set(["not-covered", "not-applicable"]);

/** `summary.md`: what a pipeline or a merge request shows. What needs a reader comes first, one entry for each case. */
export function renderMarkdown(report: Report): string {
  const blocks = [
    ...head(report),
    ...caseList(report, "fail", "Failed", (families) => families.map(failedCase)),
    ...caseList(report, "error", "Errors of the test system", openCases),
    ...caseList(report, "inconclusive", "Inconclusive", openCases),
    ...findingList(report),
    ...flakyList(report),
    ...requirementTable(report),
    ...useCaseTable(report),
    ...bindingTable(report),
    ...runFacts(report),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function head(report: Report): readonly string[] {
  const { title, meaning } = headline(report);
  const { run, system } = report;
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
    ...(run.fault === undefined
      ? []
      : [`**Started with the fault ${code(run.fault)}:** what fails here is meant to fail.`]),
    counts(report),
    gapSentence(report),
  ];
}

function runFacts({ run, suite, profile }: Report): readonly string[] {
  return [
    "## Run",
    [
      `- Run ${code(run.id)}, ${run.scope}, started ${prose(run.startedAt)}, took ${duration(run.durationMs)}, seed ${run.seed}`,
      ...(run.shard === undefined ? [] : [`- Shard ${prose(run.shard)}`]),
      ...(run.baseline === undefined ? [] : [`- Baseline ${code(run.baseline)}`]),
      `- Suite ${prose(suite.name)} ${prose(suite.version)}, catalogue ${code(suite.catalogue.slice(0, 12))}, proof ${code(suite.proof.slice(0, 12))}`,
      `- Profile: release ${profile.release}, ICS ${code(profile.ics.slice(0, 12))}, IXIT ${code(profile.ixit.slice(0, 12))}`,
      "- Every check, what was seen and the transcripts: report.html beside this file",
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

/** Labels about which something was found; those without a case or claim are only named. */
function requirementTable({ requirements }: Report): readonly string[] {
  const silent = requirements.filter((one) => SILENT.has(one.status));
  const rows = requirements
    .filter((one) => !SILENT.has(one.status))
    .map((requirement) => [
      requirement.label,
      prose(requirement.title),
      `${requirement.level}, release ${requirement.release}`,
      status(requirement.status),
      prose(requirement.reason),
    ]);
  return [
    "## Requirements",
    ...(rows.length === 0 ? [] : [table(["label", "title", "level", "status", "reason"], rows)]),
    ...named("not-covered", silent),
    ...named("not-applicable", silent),
  ];
}

function named(state: RequirementStatus, requirements: Report["requirements"]): readonly string[] {
  const labels = requirements.filter((one) => one.status === state).map(({ label }) => label);
  return labels.length === 0 ? [] : [`${status(state)}: ${labels.join(", ")}`];
}

function useCaseTable({ useCases }: Report): readonly string[] {
  const silent = useCases.filter((one) => SILENT.has(one.status));
  const rows = useCases
    .filter((one) => !SILENT.has(one.status))
    .flatMap((useCase) => [
      [String(useCase.number), `**${prose(useCase.title)}**`, status(useCase.status), ""],
      ...useCase.flows.map((flow) => [
        "",
        prose(flow.name),
        status(flow.status),
        flow.cases.length === 0 ? "" : count(flow.cases.length, "case"),
      ]),
    ]);
  const numbers = silent.map((one) => one.number).join(", ");
  return [
    "## Use cases",
    ...(rows.length === 0 ? [] : [table(["use case", "flow", "status", "cases"], rows)]),
    ...(silent.length === 0 ? [] : [`Without a case of this version, or not claimed: ${numbers}`]),
  ];
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
  report: Report,
  verdict: Verdict,
  title: string,
  items: (families: readonly CaseFamily[]) => readonly string[],
): readonly string[] {
  const families = familiesByUrgency(report).find((group) => group.verdict === verdict)?.families ?? [];
  if (families.length === 0) return [];
  return [`## ${title} (${count(families.length, "case")})`, list(items(families))];
}

/** The checks that failed in some instance, each once with the first thing seen, then what was observed there. */
function failedCase(family: CaseFamily): string {
  const failed = family.instances.filter((entry) => entry.verdict === "fail");
  const checks = distinct(failed.flatMap(failedMustChecks)).map(
    (check) =>
      `  - ${VERDICT_WORDS.fail.symbol} ${prose(subject(check))}: ${prose(check.text)}${detail(check.detail)}`,
  );
  const observed = (failed[0]?.checks ?? [])
    .filter(({ outcome, detail: seen }) => outcome === "observed" && seen !== undefined)
    .map((check) => `  - observed: ${prose(check.text)}${detail(check.detail)}`);
  const matters = whatMatters(family);
  const when = matters === undefined ? [] : [`  - ${prose(matters)}`];
  return [caseLine(family), ...when, ...checks, ...observed].join("\n");
}

/** One cause often leaves many cases open: they are told together. */
function openCases(families: readonly CaseFamily[]): readonly string[] {
  const cause = ({ instances: [worst] }: CaseFamily) => JSON.stringify([worst?.reason, worst?.rootCause]);
  return [...Map.groupBy(families, cause).values()].map((alike) => {
    const worst = alike[0]?.instances[0];
    const rootCause = worst?.rootCause === undefined ? "" : ` (root cause: ${code(worst.rootCause)})`;
    const why = `  - ${prose(worst?.reason ?? "no reason was recorded")}${rootCause}`;
    const [only] = alike;
    const names = alike.slice(0, LIST_LIMIT).map(({ id }) => code(id));
    const more = alike.length > names.length ? ` and ${alike.length - names.length} more` : "";
    return `${alike.length === 1 && only !== undefined ? caseLine(only) : `- ${names.join(", ")}${more}`}\n${why}`;
  });
}

/** One instance is named by its key; of several, how many have the verdict. */
function caseLine({ id, verdict: worst, instances }: CaseFamily): string {
  const hit = instances.filter((entry) => entry.verdict === worst);
  const one = hit[0];
  const name = hit.length === 1 && one !== undefined ? one.key : id;
  const share = instances.length === 1 ? "" : `, ${hit.length} of ${count(instances.length, "instance")}`;
  return `- ${code(name)}${share}: ${prose(one?.purpose ?? "")}`;
}

function flakyList(report: Report): readonly string[] {
  const flaky = report.cases.filter(isFlaky);
  if (flaky.length === 0) return [];
  const items = flaky.map(
    (entry) => `- ${code(entry.key)}: attempts gave ${(entry.attempts ?? []).join(", ")}`,
  );
  return [`## Flaky (${count(flaky.length, "instance")})`, list(items)];
}

function distinct(checks: readonly Check[]): readonly Check[] {
  const first = new Map<string, Check>();
  for (const check of checks) {
    const key = `${subject(check)} ${check.text}`;
    if (!first.has(key)) first.set(key, check);
  }
  return [...first.values()];
}

/** The same finding of several instances is told once. */
function findingList(report: Report): readonly string[] {
  const found = Map.groupBy(
    findings(report),
    ({ entry, check }) => `${entry.id} ${subject(check)} ${check.text}`,
  );
  if (found.size === 0) return [];
  const items = [...found.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { entry, check } = first;
    const where =
      same.length === 1 ? code(entry.key) : `${code(entry.id)}, ${count(same.length, "instance")}`;
    return [`- ${prose(subject(check))}: ${prose(check.text)} (${where})${detail(check.detail)}`];
  });
  return [`## Findings (${found.size})`, "A failed should: worth a look, no failure.", list(items)];
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
