import type { Verdict } from "../../harness/conformance/vocabulary.ts";
import { isFinding, isFlaky, judges } from "../reading.ts";
import type { CaseReport, Report } from "../report-model.ts";
import { VERDICT_WORDS } from "../words.ts";
import type { Markup } from "./markup.ts";
import { html } from "./markup.ts";

/**
 * The form that narrows the list of cases. It is hidden until the script of the page shows it: without the script
 * it could do nothing.
 */
export function filterForm(report: Report): Markup {
  const { findings, flaky } = report.summary;
  const verdicts = (Object.keys(VERDICT_WORDS) as Verdict[]) // The keys of a record over Verdict.
    .filter((verdict) => report.cases.some((entry) => entry.verdict === verdict))
    .map((verdict) => [verdict, VERDICT_WORDS[verdict].word] as const);
  const labels = report.requirements
    .filter(({ label }) => report.cases.some((entry) => judges(entry, label)))
    .map(({ label, title }) => [label, `${label} ${title}`] as const);
  const marked = [
    ...(findings > 0 ? [["finding", "with a finding"] as const] : []),
    ...(flaky > 0 ? [["flaky", "flaky"] as const] : []),
  ];
  return html`<form id="filter" class="filter" hidden role="search" aria-label="Filter the cases">
<label class="search">Text <input type="search" name="q" placeholder="id, purpose, check, what was seen" autocomplete="off"></label>
${choice("verdict", "Verdict", [...verdicts, ...marked])}
${choice("label", "Label", labels)}
${choice("way", "Way in", same(report.cases.flatMap(({ wayIn }) => wayIn ?? [])))}
${choice("polarity", "Polarity", same(report.cases.map(({ polarity }) => polarity)))}
<span class="buttons"><button type="button" id="show-all" hidden>Show all</button><button type="button" id="open-all">Open all</button><button type="button" id="close-all">Close all</button></span>
<output id="shown" class="shown"></output>
</form>`;
}

function same(values: readonly string[]): readonly (readonly [string, string])[] {
  return [...new Set(values)].sort().map((value) => [value, value]);
}

function choice(name: string, title: string, values: readonly (readonly [string, string])[]): Markup {
  return html`<label>${title} <select name="${name}"><option value="">any</option>${values.map(
    ([value, word]) => html`<option value="${value}">${word}</option>`,
  )}</select></label>`;
}

/** What the script of the page compares, as attributes of an instance. */
export function filterData(report: Report, entry: CaseReport): Markup {
  const labels = report.requirements.filter(({ label }) => judges(entry, label)).map(({ label }) => label);
  const marks = [...(entry.checks.some(isFinding) ? ["finding"] : []), ...(isFlaky(entry) ? ["flaky"] : [])];
  return html`data-verdict="${entry.verdict}" data-way="${entry.wayIn}" data-polarity="${entry.polarity}" data-labels="${labels.join(" ")}" data-marks="${marks.join(" ")}"`;
}

/** A link that shows only these cases; where no script runs it leads to the cases. */
export function filterLink(filter: string, content: Markup): Markup {
  return html`<a href="#cases" data-filter="${filter}">${content}</a>`;
}
