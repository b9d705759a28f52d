import { bounded } from "../escape.ts";
import { TRANSCRIPT_LIMIT } from "../evidence.ts";
import { failedMustChecks, isFinding, isFlaky } from "../reading.ts";
import type { CaseReport, CheckReport, Report } from "../report-model.ts";
import { count, duration } from "../words.ts";
import { filterData } from "./filter.ts";
import { caseLink, evidenceLink, instanceAnchor, subjectLink } from "./links.ts";
import { checkMark, mark, verdictMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html, joined } from "./markup.ts";

/** UTF-16 code units of all transcripts of the page (6 Mi): a browser must open it at once. */
const PAGE_LIMIT = 6 * 1024 * 1024;
/** UTF-16 code units of what a closed instance shows of its failure. */
const GLIMPSE_LIMIT = 160;

export type ReadEvidence = (path: string) => string | undefined;

/**
 * Bounds each transcript and all of them together. Those of instances that did not pass are read first, then one
 * of each case, then the others: what is left over is linked.
 */
export function withinPage(report: Report, evidence: ReadEvidence): ReadEvidence {
  const texts = new Map<string, string>();
  let left = PAGE_LIMIT;
  for (const path of byNeed(report)) {
    if (left <= 0) break;
    const text = texts.has(path) ? undefined : evidence(path);
    if (text === undefined) continue;
    const shown = bounded(text, TRANSCRIPT_LIMIT);
    left -= shown.length;
    texts.set(path, shown);
  }
  return (path) => texts.get(path);
}

function byNeed({ cases }: Report): readonly string[] {
  const seen = new Set<string>();
  const need = (entry: CaseReport) => {
    if (entry.verdict !== "pass") return 0;
    if (seen.has(entry.id)) return 2;
    seen.add(entry.id);
    return 1;
  };
  return cases
    .map((entry) => ({ entry, need: need(entry) }))
    .sort((a, b) => a.need - b.need)
    .flatMap(({ entry }) => entry.evidence);
}

/** One instance: closed, its verdict and what was wrong; open, its checks and transcripts. */
export function instanceDetails(
  report: Report,
  entry: CaseReport,
  read: ReadEvidence,
  open: boolean,
): Markup {
  const anchor = instanceAnchor(entry);
  return html`<details class="instance" ${filterData(report, entry)}${open ? html` open` : undefined}${anchor === undefined ? undefined : html` id="${anchor}"`}>
<summary>${verdictMark(entry.verdict)} <code class="key">${keyPart(entry)}</code> ${joined(remarks(entry), " ")} <span class="glimpse">${glimpse(entry)}</span><span class="took">${duration(entry.durationMs)}</span></summary>
<div class="body">
${reasonLine(report, entry)}
${attempts(entry)}
${checkTable(entry.checks)}
${entry.evidence.map((path) => transcript(path, read(path)))}
${anchor === undefined ? undefined : html`<p class="file"><a href="#${anchor}">Link to this instance</a> <code>${entry.key}</code></p>`}
</div></details>
`;
}

/** What tells the instance from its siblings: the parameters of its key. */
function keyPart({ id, key }: CaseReport): string {
  const parameters = key.startsWith(`${id}[`) ? key.slice(id.length + 1, -1) : key;
  return parameters.replaceAll(",", ", ");
}

function remarks(entry: CaseReport): readonly Markup[] {
  const found = entry.checks.filter(isFinding).length;
  return [
    ...(isFlaky(entry) ? [mark({ symbol: "≈", word: "flaky", tone: "open" })] : []),
    ...(found > 0 ? [mark({ symbol: "△", word: count(found, "finding"), tone: "half" })] : []),
  ];
}

function glimpse(entry: CaseReport): string {
  const [first] = failedMustChecks(entry);
  const text = first === undefined ? entry.reason : (first.detail ?? first.text);
  return bounded(text ?? "", GLIMPSE_LIMIT);
}

/** A failed check says itself what failed; the reason of the case would say it twice. */
function reasonLine(report: Report, entry: CaseReport): Markup | undefined {
  const rootCause =
    entry.rootCause === undefined
      ? undefined
      : html`<span class="root">Root cause: ${caseLink(report, entry.rootCause)}</span>`;
  const reason = failedMustChecks(entry).length > 0 ? undefined : entry.reason;
  if (reason === undefined && rootCause === undefined) return undefined;
  return html`<p class="reason">${excerpt(reason)} ${rootCause}</p>`;
}

function attempts(entry: CaseReport): Markup | undefined {
  if (entry.attempts === undefined) return undefined;
  const remark = isFlaky(entry) ? "It answered differently; the checks are those of the worst. " : "";
  return html`<p class="attempts">Attempts: ${joined(entry.attempts.map(verdictMark), " ")} ${remark}</p>`;
}

function checkTable(checks: readonly CheckReport[]): Markup {
  if (checks.length === 0) return html`<p class="none">No check was made.</p>`;
  const order = checks.toSorted((a, b) => Number(isGood(a)) - Number(isGood(b)));
  return html`<div class="scroll" role="group" aria-label="Checks" tabindex="0"><table class="checks">
<caption class="heard">Checks of this instance</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col">Judges</th><th scope="col">Check</th><th scope="col">Seen</th></tr></thead>
<tbody>${order.map(
    (check) =>
      html`<tr><td>${checkMark(check)}</td><td class="clause">${subjectLink(check)}</td><td>${check.text}</td><td class="detail">${excerpt(check.detail)}</td></tr>
`,
  )}</tbody></table></div>`;
}

function isGood(check: CheckReport): boolean {
  return check.outcome !== "failed";
}

function transcript(path: string, text: string | undefined): Markup {
  if (text === undefined)
    return html`<p class="file">Evidence: ${evidenceLink(path)}</p>
`;
  return html`<details class="transcript"><summary>Transcript</summary>
<p class="file">File: ${evidenceLink(path)}</p>
<pre tabindex="0">\n${text}</pre></details>
`;
}
