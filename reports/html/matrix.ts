import type { Label } from "../../harness/conformance/vocabulary.ts";
import { judges } from "../reading.ts";
import type { CaseReport, Report, RequirementReport } from "../report-model.ts";
import type { Word } from "../words.ts";
import { count, STATUS_WORDS } from "../words.ts";
import { caseAnchor, instanceAnchor, labelLink } from "./links.ts";
import { mark, statusMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { html } from "./markup.ts";

type CellStatus = "not-met" | "undetermined" | "passed" | "not-applicable" | "not-covered";

export interface Cell {
  readonly status: CellStatus;
  /** Instances of this use case, or of no use case, that judge the label. */
  readonly cases: number;
  /** The first instance that decided the status. */
  readonly decidedBy?: CaseReport;
}

/** "Passed" and not "met": whether a label is met is decided over all use cases, ways in and proofs. */
const CELL_WORDS: Readonly<Record<CellStatus, Word>> = {
  "not-met": STATUS_WORDS["not-met"],
  undetermined: { ...STATUS_WORDS.undetermined, word: "open" },
  passed: { symbol: "✓", word: "passed", tone: "good" },
  "not-applicable": { ...STATUS_WORDS["not-applicable"], word: "n/a" },
  "not-covered": { symbol: "·", word: "no case", tone: "none" },
};

/**
 * What the cases of one use case, or those of the property suites (`undefined`), say about one label; the worst says it.
 * A case that failed over something else and never judged the label leaves it open.
 */
export function cellOf(report: Report, label: Label, useCase: number | undefined): Cell {
  const judging = report.cases.filter((entry) => entry.useCase === useCase && judges(entry, label));
  for (const status of ["not-met", "undetermined", "passed", "not-applicable"] as const) {
    const decidedBy = judging.find((entry) => says(entry, label) === status);
    if (decidedBy !== undefined) return { status, cases: judging.length, decidedBy };
  }
  return { status: "not-covered", cases: 0 };
}

function says(entry: CaseReport, label: Label): CellStatus {
  const own = entry.checks.filter((check) => check.level === "must" && check.requirement === label);
  if (own.some((check) => check.outcome === "failed")) return "not-met";
  if (entry.verdict === "not-applicable") return "not-applicable";
  if (entry.verdict === "inconclusive" || entry.verdict === "error") return "undetermined";
  return own.length === 0 ? "undetermined" : "passed";
}

export function matrixSection(report: Report): Markup {
  return html`<section aria-labelledby="matrix">
<h2 id="matrix">Requirements and use cases</h2>
<p class="lead">What the cases of each use case say about each label${hasPropertySuites(report) ? ", and those of its property suite, which belong to no use case" : ""}. The last column is the status of the label over the whole run.</p>
<div class="scroll" role="region" aria-labelledby="matrix" tabindex="0"><table class="matrix" aria-labelledby="matrix">
<thead><tr><th scope="col">Label</th>${report.useCases.map(
    (useCase) =>
      html`<th scope="col"><span class="number">UC ${useCase.number}</span> <span class="title">${useCase.title}</span></th>`,
  )}${hasPropertySuites(report) ? html`<th scope="col"><span class="title">Property suites</span></th>` : undefined}<th scope="col">Status</th></tr></thead>
<tbody>${report.requirements.map((requirement) => row(report, requirement))}</tbody>
</table></div>
<dl class="legend">
<div><dt>${mark(CELL_WORDS.passed)}</dt><dd>every must check of the label in this column passed</dd></div>
<div><dt>${mark(CELL_WORDS["not-met"])}</dt><dd>at least one failed; the cell leads to the first</dd></div>
<div><dt>${mark(CELL_WORDS.undetermined)}</dt><dd>none failed, but a case did not come to judge the label</dd></div>
<div><dt>${mark(CELL_WORDS["not-applicable"])}</dt><dd>the ICS does not claim what the cases need</dd></div>
<div><dt>${mark(CELL_WORDS["not-covered"])}</dt><dd>no case of this run judges the label here</dd></div>
</dl>
</section>`;
}

/** Cases that ask about a label over every way in, whatever the use case. */
const hasPropertySuites = (report: Report): boolean =>
  report.cases.some(({ useCase }) => useCase === undefined);

function row(report: Report, requirement: RequirementReport): Markup {
  return html`<tr><th scope="row"><div><span class="number">${labelLink(requirement.label)}</span> <span class="title">${requirement.title}</span></div></th>${report.useCases.map(
    (useCase) => cell(cellOf(report, requirement.label, useCase.number)),
  )}${hasPropertySuites(report) ? cell(cellOf(report, requirement.label, undefined)) : undefined}<td class="overall">${statusMark(requirement.status)}</td></tr>
`;
}

function cell({ status, cases, decidedBy }: Cell): Markup {
  const { symbol, word, tone } = CELL_WORDS[status];
  if (decidedBy === undefined) {
    return html`<td class="cell empty"><span aria-hidden="true">${symbol}</span><span class="heard">${word}</span></td>`;
  }
  return html`<td class="cell ${tone}"><a href="#${instanceAnchor(decidedBy) ?? caseAnchor(decidedBy.id)}"><span class="said"><span aria-hidden="true">${symbol}</span> ${word}</span> <span class="of">${count(cases, "instance")}</span></a></td>`;
}
