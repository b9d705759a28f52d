import type { CaseFamily } from "../reading.ts";
import { failedMustChecks, familiesByUrgency, subject } from "../reading.ts";
import type { CheckReport, Report } from "../report-model.ts";
import { count } from "../words.ts";
import { caseLink, subjectLink } from "./links.ts";
import { verdictMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html } from "./markup.ts";

/** Cases that this section lists; all of them stand below. */
const LIST_LIMIT = 40;

/** What a reader must see first: one row for each case that failed or stayed open. Nothing when there is none. */
export function attentionSection(report: Report): Markup | undefined {
  const families = familiesByUrgency(report)
    .filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive" || verdict === "error")
    .flatMap((group) => group.families);
  if (families.length === 0) return undefined;
  const more = families.length - LIST_LIMIT;
  return html`<section aria-labelledby="attention">
<h2 id="attention">What needs a look <span class="of">${count(families.length, "case")}</span></h2>
<div class="scroll" role="region" aria-labelledby="attention" tabindex="0"><table class="attention">
<caption class="heard">Cases that failed or stayed open</caption>
<thead><tr><th scope="col">Verdict</th><th scope="col">Case</th><th scope="col">What is wrong, and what was seen</th></tr></thead>
<tbody>${families.slice(0, LIST_LIMIT).map((family) => row(report, family))}</tbody>
</table></div>
${more > 0 ? html`<p class="of">and ${count(more, "more case")} below, under <a href="#cases">Cases</a></p>` : undefined}
</section>`;
}

function row(report: Report, { id, verdict, instances }: CaseFamily): Markup {
  const [worst] = instances;
  if (worst === undefined) return html``;
  const hit = instances.filter((entry) => entry.verdict === verdict).length;
  const share = instances.length === 1 ? "" : `${hit} of ${count(instances.length, "instance")}`;
  return html`<tr><td>${verdictMark(verdict)}<br><small>${share}</small></td>
<td class="which">${caseLink(report, id)}<br>${worst.purpose}</td>
<td>${verdict === "fail" ? failures(instances) : whyOpen(report, worst)}</td></tr>
`;
}

/** Each check that failed in some instance, once, with the first thing that was seen. */
function failures(instances: CaseFamily["instances"]): Markup {
  const failed = new Map<string, CheckReport>();
  for (const check of instances.flatMap(failedMustChecks)) {
    const key = `${subject(check)} ${check.text}`;
    if (!failed.has(key)) failed.set(key, check);
  }
  return html`<ul class="plain">${[...failed.values()].map(
    (check) =>
      html`<li><strong>${subjectLink(check)}</strong> not so: ${check.text}<div class="detail">${excerpt(check.detail)}</div></li>`,
  )}</ul>`;
}

function whyOpen(report: Report, { reason, rootCause }: CaseFamily["instances"][number]): Markup {
  const root =
    rootCause === undefined
      ? undefined
      : html`<div><small>Root cause:</small> ${caseLink(report, rootCause)}</div>`;
  return html`${excerpt(reason)}${root}`;
}
