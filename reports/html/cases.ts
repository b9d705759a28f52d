import type { Check, Verdict } from "../../harness/conformance/vocabulary.ts";
import { bounded } from "../escape.ts";
import { TRANSCRIPT_LIMIT } from "../evidence.ts";
import { casesByUrgency, isFinding, isFlaky } from "../reading.ts";
import type { CaseReport, Report } from "../report-model.ts";
import { count, duration, VERDICT_WORDS } from "../words.ts";
import { caseAnchor, caseLink, evidenceLink, labelLink, subjectLink } from "./links.ts";
import { checkMark, mark, verdictMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html, joined } from "./markup.ts";

/** UTF-16 code units of all transcripts of the page (16 Mi): a browser must still open it. */
const PAGE_LIMIT = 16 * 1024 * 1024;
/** Failed cases that stand open from the start. */
const OPEN_LIMIT = 12;

const GROUP_TITLES: Readonly<Record<Verdict, string>> = {
  fail: "Failed",
  inconclusive: "Inconclusive",
  error: "Errors of the test system",
  pass: "Passed",
  "not-applicable": "Not applicable",
};

type ReadEvidence = (path: string) => string | undefined;

export function caseSection(report: Report, evidence: ReadEvidence): Markup {
  const read = withinPage(evidence);
  const groups = casesByUrgency(report).map(
    ({
      verdict,
      cases,
    }) => html`<h3 id="cases-${verdict}"><span aria-hidden="true">${VERDICT_WORDS[verdict].symbol}</span> ${GROUP_TITLES[verdict]} <span class="of">${count(cases.length, "case")}</span></h3>
${cases.map((entry, index) => caseDetails(report, entry, read, verdict === "fail" && index < OPEN_LIMIT))}`,
  );
  return html`<section aria-labelledby="cases">
<h2 id="cases">Cases (${report.cases.length})</h2>
${groups.length === 0 ? html`<p class="none">No case was run.</p>` : groups}
</section>`;
}

/** Bounds each transcript and all of them together; the failed cases come first and get theirs. */
function withinPage(evidence: ReadEvidence): ReadEvidence {
  let left = PAGE_LIMIT;
  return (path) => {
    if (left <= 0) return undefined;
    const text = evidence(path);
    if (text === undefined) return undefined;
    const shown = bounded(text, TRANSCRIPT_LIMIT);
    left -= shown.length;
    return shown;
  };
}

function caseDetails(report: Report, entry: CaseReport, read: ReadEvidence, open: boolean): Markup {
  const found = entry.checks.filter(isFinding).length;
  const remarks = [
    ...(isFlaky(entry) ? [mark({ symbol: "≈", word: "flaky", tone: "open" })] : []),
    ...(found > 0 ? [mark({ symbol: "△", word: count(found, "finding"), tone: "half" })] : []),
  ];
  return html`<details class="case"${open ? html` open` : undefined}>
<summary>${verdictMark(entry.verdict)} <code class="key">${entry.key}</code> <span class="purpose">${entry.purpose}</span> ${joined(remarks, " ")}</summary>
<div class="body" id="${caseAnchor(entry.key)}">
${reasonLine(report, entry)}
${checkTable(entry.checks)}
${caseFacts(entry)}
${entry.evidence.map((path) => transcript(path, read(path)))}
</div></details>
`;
}

function reasonLine(report: Report, entry: CaseReport): Markup | undefined {
  if (entry.reason === undefined && entry.rootCause === undefined) return undefined;
  const rootCause =
    entry.rootCause === undefined
      ? undefined
      : html` <span class="root">Root cause: ${caseLink(report, entry.rootCause)}</span>`;
  return html`<p class="reason">${excerpt(entry.reason)}${rootCause}</p>`;
}

function checkTable(checks: readonly Check[]): Markup {
  if (checks.length === 0) return html`<p class="none">No check was made.</p>`;
  return html`<div class="scroll" role="region" aria-label="Checks" tabindex="0"><table class="checks">
<thead><tr><th scope="col">Outcome</th><th scope="col">Level</th><th scope="col">Judges</th><th scope="col">Check</th><th scope="col">Seen</th></tr></thead>
<tbody>${checks.map(
    (
      check,
    ) => html`<tr><td>${checkMark(check)}</td><td>${check.level}</td><td class="clause">${subjectLink(check)}</td><td>${check.text}</td><td class="detail">${excerpt(check.detail)}</td></tr>
`,
  )}</tbody></table></div>`;
}

function caseFacts(entry: CaseReport): Markup {
  const parameters = Object.entries(entry.parameters ?? {});
  const flow = entry.flow === undefined ? "" : `: ${entry.flow}`;
  return html`<dl class="case-facts">
${fact("Case", html`<code>${entry.id}</code>`)}
${entry.useCase === undefined ? undefined : fact("Use case", html`${entry.useCase}${flow}`)}
${fact("Labels", joined(entry.requirements.map(labelLink), ", "))}
${fact("Clauses", html`${entry.clauses.join("; ")}`)}
${fact("Polarity", html`${entry.polarity}`)}
${entry.wayIn === undefined ? undefined : fact("Way in", html`<code>${entry.wayIn}</code>`)}
${
  parameters.length === 0
    ? undefined
    : fact(
        "Parameters",
        joined(
          parameters.map(([name, value]) => html`${name} <code>${value}</code>`),
          ", ",
        ),
      )
}
${fact("Took", html`${duration(entry.durationMs)}`)}
${entry.attempts === undefined ? undefined : fact("Attempts", joined(entry.attempts.map(verdictMark), " "))}
</dl>`;
}

function fact(name: string, value: Markup): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
}

function transcript(path: string, text: string | undefined): Markup {
  if (text === undefined)
    return html`<p class="file">Evidence: ${evidenceLink(path)}</p>
`;
  return html`<details class="transcript"><summary>Transcript <code>${path}</code></summary>
<p class="file">File: ${evidenceLink(path)}</p>
<pre tabindex="0">\n${text}</pre></details>
`;
}
