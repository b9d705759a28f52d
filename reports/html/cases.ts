import type { Verdict } from "../../harness/conformance/vocabulary.ts";
import type { CaseFamily } from "../reading.ts";
import { familiesByUrgency, isFinding, whatMatters } from "../reading.ts";
import type { CaseReport, CheckReport, Report } from "../report-model.ts";
import { count, VERDICT_WORDS } from "../words.ts";
import { filterForm } from "./filter.ts";
import type { ReadEvidence } from "./instances.ts";
import { instanceDetails, withinPage } from "./instances.ts";
import { caseAnchor, labelLink, subjectLink } from "./links.ts";
import { checkMark, verdictMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html, joined } from "./markup.ts";

/** Cases, and instances of a case, that stand open from the start because they failed. */
const OPEN_LIMIT = 8;
/** Different things seen for one check that a case lists; the rest stands in its instances. */
const SEEN_LIMIT = 6;

const GROUP_TITLES: Readonly<Record<Verdict, string>> = {
  fail: "Failed",
  inconclusive: "Inconclusive",
  error: "Errors of the test system",
  pass: "Passed",
  "not-applicable": "Not applicable",
};

export function caseSection(report: Report, evidence: ReadEvidence): Markup {
  const read = withinPage(report, evidence);
  const groups = familiesByUrgency(report).map(
    ({ verdict, families }) => html`<div class="verdict-group">
<h3 id="cases-${verdict}"><span aria-hidden="true">${VERDICT_WORDS[verdict].symbol}</span> ${GROUP_TITLES[verdict]} <span class="of">${count(families.length, "case")}</span></h3>
${families.map((family, index) => caseDetails(report, family, read, verdict === "fail" && index < OPEN_LIMIT))}</div>
`,
  );
  const ids = new Set(report.cases.map(({ id }) => id)).size;
  return html`<section aria-labelledby="cases">
<h2 id="cases">Cases <span class="of">${count(ids, "case")}, ${count(report.cases.length, "instance")}</span></h2>
${filterForm(report)}
${groups.length === 0 ? html`<p class="none">No case was run.</p>` : groups}
</section>`;
}

function caseDetails(report: Report, family: CaseFamily, read: ReadEvidence, open: boolean): Markup {
  const { id, verdict, instances } = family;
  const first = instances[0];
  if (first === undefined) return html``;
  return html`<details class="case" id="${caseAnchor(id)}"${open ? html` open` : undefined}>
<summary>${verdictMark(verdict)} <code class="key">${id}</code> <span class="purpose">${first.purpose}</span> <span class="tally">${tally(family)}</span></summary>
<div class="body">
${caseFacts(first)}
${matters(family)}
${judgedTable(instances)}
<p class="instances-head"><strong>${count(instances.length, "instance")}</strong>${parameterNames(first)} <a class="permalink" href="#${caseAnchor(id)}">Link to this case</a></p>
${instances.map((entry, index) => instanceDetails(report, entry, read, instances.length === 1 || (entry.verdict === "fail" && index === 0)))}</div></details>
`;
}

/** Says when a case fails of which other instances pass. */
function matters(family: CaseFamily): Markup | undefined {
  const text = whatMatters(family);
  return text === undefined ? undefined : html`<p class="reason"><strong>It ${text}.</strong></p>`;
}

function tally({ instances }: CaseFamily): string {
  const number = (verdict: Verdict) => instances.filter((entry) => entry.verdict === verdict).length;
  const passed = number("pass");
  if (passed === instances.length) return instances.length === 1 ? "" : `all ${passed} pass`;
  const others = (["fail", "inconclusive", "error", "not-applicable"] as const)
    .filter((verdict) => number(verdict) > 0)
    .map((verdict) => `${number(verdict)} ${VERDICT_WORDS[verdict].word}`);
  return instances.length === 1 ? "" : `${others.join(", ")} of ${instances.length}`;
}

function parameterNames({ parameters = {} }: CaseReport): string {
  const names = Object.keys(parameters);
  return names.length === 0 ? "" : `, by ${names.join(", ")}`;
}

interface JudgedRow {
  readonly check: CheckReport;
  readonly worst: CheckReport;
  passed: number;
  failed: number;
  readonly seen: Map<string, number>;
}

/** All instances together: how often each check passed, what was seen how often, and which fault proves it. */
function judgedTable(instances: readonly CaseReport[]): Markup | undefined {
  const rows = [...judgedRows(instances).values()];
  if (rows.length === 0) return undefined;
  const order = (row: JudgedRow) => (row.failed > 0 ? 0 : row.worst.outcome === "observed" ? 2 : 1);
  return html`<div class="scroll" role="group" aria-label="Checks" tabindex="0"><table class="checks judged">
<caption class="heard">What this case checks, over all its instances</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col">Judges</th><th scope="col">Check</th><th scope="col">Seen</th><th scope="col">Proven by fault</th></tr></thead>
<tbody>${rows.toSorted((a, b) => order(a) - order(b)).map(judgedRow)}</tbody></table></div>`;
}

function judgedRows(instances: readonly CaseReport[]): ReadonlyMap<string, JudgedRow> {
  const rows = new Map<string, JudgedRow>();
  for (const check of instances.flatMap(({ checks }) => checks)) {
    const key = JSON.stringify([check.level, check.requirement, check.clause, check.text]);
    const known = rows.get(key) ?? { check, worst: check, passed: 0, failed: 0, seen: new Map() };
    const row = check.outcome === "failed" ? { ...known, worst: check } : known;
    row.passed += Number(check.outcome === "passed");
    row.failed += Number(check.outcome === "failed");
    if (check.detail !== undefined) row.seen.set(check.detail, (row.seen.get(check.detail) ?? 0) + 1);
    rows.set(key, row);
  }
  return rows;
}

function judgedRow(row: JudgedRow): Markup {
  const { check, worst, passed, failed } = row;
  const judged = passed + failed;
  const share = failed > 0 && judged > 1 ? html`<br><small>${failed} of ${judged}</small>` : undefined;
  const faults = check.provenBy?.map((fault) => html`<code>${fault}</code> `);
  const unproven = check.level === "must" ? html`<small>no fault yet</small>` : undefined;
  return html`<tr><td>${checkMark(worst)}${share}</td><td class="clause">${subjectLink(check)}${isFinding(worst) || check.level === "should" ? html`<br><small>should</small>` : undefined}</td><td>${check.text}</td><td class="detail">${seen(row)}</td><td class="faults">${faults ?? unproven}</td></tr>
`;
}

function seen({ seen: details }: JudgedRow): readonly Markup[] {
  const listed = [...details].toSorted(([, a], [, b]) => b - a);
  const more = listed.length - SEEN_LIMIT;
  return [
    ...listed
      .slice(0, SEEN_LIMIT)
      .map(
        ([text, times]) =>
          html`<div>${times > 1 ? html`<small>${times}×</small> ` : undefined}${excerpt(text)}</div>`,
      ),
    ...(more > 0 ? [html`<div><small>and ${more} more, see the instances</small></div>`] : []),
  ];
}

function caseFacts(entry: CaseReport): Markup {
  const flow = entry.flow === undefined ? "" : `: ${entry.flow}`;
  return html`<dl class="case-facts">
${fact("Labels", joined(entry.requirements.map(labelLink), ", "))}
${fact("Polarity", html`${entry.polarity}`)}
${entry.wayIn === undefined ? undefined : fact("Way in", html`<code>${entry.wayIn}</code>`)}
${entry.useCase === undefined ? undefined : fact("Use case", html`<a href="#use-case-${entry.useCase}">${entry.useCase}${flow}</a>`)}
${fact("Clauses", html`${entry.clauses.join("; ")}`)}
</dl>`;
}

function fact(name: string, value: Markup): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
}
