import type { Polarity, RequirementStatus, WayIn } from "../../harness/conformance/vocabulary.ts";
import { judges } from "../reading.ts";
import type { CoverageReport, Report, RequirementReport } from "../report-model.ts";
import type { Word } from "../words.ts";
import { count, STATUS_MEANINGS, STATUS_WORDS } from "../words.ts";
import { filterLink } from "./filter.ts";
import { caseChips, labelAnchor } from "./links.ts";
import { mark, statusMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html } from "./markup.ts";

const STATUSES: readonly RequirementStatus[] = [
  "not-met",
  "undetermined",
  "partial",
  "met",
  "declared",
  "not-covered",
  "not-applicable",
];

/** States whose reason a reader wants without opening the label. */
const TELLING: ReadonlySet<RequirementStatus> = new Set(["not-met", "undetermined", "partial", "declared"]);

const COVERAGE_WORDS: Readonly<Record<CoverageReport["outcome"], Word>> = {
  proven: { symbol: "✓", word: "passed, proven", tone: "good" },
  unproven: { symbol: "◐", word: "passed, not proven", tone: "half" },
  failed: { symbol: "✕", word: "failed", tone: "bad" },
  open: { symbol: "?", word: "open", tone: "open" },
  "not-judged": { symbol: "○", word: "not judged", tone: "none" },
};
const MISSING: Word = { symbol: "○", word: "missing", tone: "half" };

/** From a label down to the cases that judge it: first the labels that need a reader, then the others. */
export function requirementSection(report: Report): Markup {
  return html`<section aria-labelledby="requirements">
<h2 id="requirements">Requirements</h2>
<p class="lead">Each label opens to what the catalogue demands of it: a question of each polarity over each claimed way in, with a check that passed and that a fault of the reference system makes fail.</p>
${report.requirements.map((requirement) => labelDetails(report, requirement))}
<dl class="legend">${STATUSES.map(
    (status) => html`<div><dt>${statusMark(status)}</dt><dd>${STATUS_MEANINGS[status]}</dd></div>
`,
  )}</dl>
</section>`;
}

function labelDetails(report: Report, requirement: RequirementReport): Markup {
  const { label, title, level, release, status, reason } = requirement;
  const telling = TELLING.has(status);
  const open = status === "not-met" || status === "undetermined" ? html` open` : undefined;
  return html`<details class="label ${STATUS_WORDS[status].tone}" id="${labelAnchor(label)}"${open}>
<summary><span class="number">${label}</span> <span class="title">${title}${telling ? html`<br><small>${excerpt(reason)}</small>` : undefined}</span> <small class="level">${level}, release ${release}</small> ${statusMark(status)}</summary>
<div class="body">
${telling ? undefined : html`<p class="reason">${excerpt(reason)}</p>`}
${coverageTable(report, requirement)}
${judged(report, requirement)}
${requirement.provenBy.length === 0 ? undefined : html`<p class="faults"><span class="of">Proven by</span> ${requirement.provenBy.map((fault) => html`<code>${fault}</code> `)}</p>`}
</div></details>
`;
}

function judged(report: Report, { label, checks }: RequirementReport): Markup {
  const instances = report.cases.filter((entry) => judges(entry, label)).length;
  if (instances === 0) return html`<p class="none">No instance of this run judges it.</p>`;
  const words = html`Show its ${count(instances, "instance")}`;
  return html`<p>${filterLink(`label=${encodeURIComponent(label)}`, words)}<span class="of">, ${count(checks, "must check")} of this label</span></p>`;
}

/** Polarities down, ways in across; what is demanded and not there says so. */
function coverageTable(report: Report, { coverage = [] }: RequirementReport): Markup | undefined {
  if (coverage.length === 0) return undefined;
  const ways = [...new Set(coverage.map(({ wayIn }) => wayIn))];
  const polarities = [...new Set(coverage.map(({ polarity }) => polarity))];
  const cell = (polarity: Polarity, wayIn: WayIn | undefined) =>
    coverageCell(
      report,
      coverage.find((one) => one.polarity === polarity && one.wayIn === wayIn),
    );
  return html`<div class="scroll" role="group" aria-label="Coverage" tabindex="0"><table class="coverage">
<caption class="heard">What the catalogue demands, and what the cases say</caption>
<thead><tr><th scope="col">Polarity</th>${ways.map((way) => html`<th scope="col">${way === undefined ? "over any way in" : html`<code>${way}</code>`}</th>`)}</tr></thead>
<tbody>${polarities.map((polarity) => html`<tr><th scope="row">${polarity}</th>${ways.map((way) => cell(polarity, way))}</tr>`)}</tbody></table></div>`;
}

function coverageCell(report: Report, coverage: CoverageReport | undefined): Markup {
  if (coverage === undefined) return html`<td class="of">not asked</td>`;
  const { outcome, required, cases } = coverage;
  const word = outcome === "not-judged" && required ? MISSING : COVERAGE_WORDS[outcome];
  const extra = required ? undefined : html` <small>beyond what is demanded</small>`;
  const why = word === MISSING && cases.length === 0 ? html` <small>no case yet</small>` : undefined;
  return html`<td>${mark(word)}${extra}${why}${caseChips(report, cases)}</td>`;
}
