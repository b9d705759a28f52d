import type { UseCaseStatus } from "../../harness/conformance/run-status.ts";
import { findings } from "../reading.ts";
import type { BindingReport, Report } from "../report-model.ts";
import { caseChips, caseLink, caseLinks, subjectLink } from "./links.ts";
import { outcomeMark, statusMark } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html } from "./markup.ts";

export function useCaseSection(report: Report): Markup {
  return section(
    "use-cases",
    "Use cases",
    table(
      "use-cases",
      ["Use case", "Flow", "Status", "Cases, each with its worst verdict"],
      report.useCases.map((useCase) => useCaseRows(report, useCase)),
    ),
  );
}

function useCaseRows(report: Report, useCase: UseCaseStatus): Markup {
  const flows = useCase.flows.map(
    (flow) =>
      html`<tr class="flow"><td></td><td>${flow.name}</td><td>${statusMark(flow.status)}</td><td>${caseChips(report, flow.cases)}</td></tr>
`,
  );
  return html`<tr class="group" id="use-case-${useCase.number}"><th scope="rowgroup" colspan="2"><span class="number">UC ${useCase.number}</span> ${useCase.title}</th><td>${statusMark(useCase.status)}</td><td></td></tr>
${flows}`;
}

export function bindingSection(report: Report): Markup {
  const order = report.bindings.toSorted(
    (a, b) => Number(a.outcome === "passed") - Number(b.outcome === "passed"),
  );
  return section(
    "bindings",
    `Bindings of the wire form (${report.bindings.length})`,
    html`<p class="lead">Must checks that judge a clause of a binding. One that failed fails its case, but makes no label not met.</p>
${
  order.length === 0
    ? html`<p class="none">No case of this run judged a binding.</p>`
    : table(
        "bindings",
        ["Outcome", "Clause", "What the clause binds", "Cases"],
        order.map((binding) => bindingRow(report, binding)),
      )
}`,
  );
}

function bindingRow(report: Report, binding: BindingReport): Markup {
  return html`<tr><td>${outcomeMark(binding.outcome)}</td><td class="clause">${binding.clause}</td><td>${binding.text}</td><td>${caseLinks(report, binding.cases)}</td></tr>
`;
}

export function findingSection(report: Report): Markup {
  const found = findings(report);
  const rows = found.map(
    ({
      entry,
      check,
    }) => html`<tr><td class="clause">${subjectLink(check)}</td><td>${check.text}</td><td class="detail">${excerpt(check.detail)}</td><td>${caseLink(report, entry.key)}</td></tr>
`,
  );
  return section(
    "findings",
    `Findings (${found.length})`,
    html`<p class="lead">Should checks that failed: worth telling the vendor, no failure.</p>
${found.length === 0 ? html`<p class="none">There is none.</p>` : table("findings", ["Judged by", "What should hold", "Seen", "Case"], rows)}`,
  );
}

function section(id: string, title: string, content: Markup): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

function table(labelledBy: string, columns: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" role="region" aria-labelledby="${labelledBy}" tabindex="0"><table class="of-${labelledBy}" aria-labelledby="${labelledBy}">
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}
