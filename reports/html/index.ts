import { headline } from "../reading.ts";
import type { Report } from "../report-model.ts";
import { attentionSection } from "./attention.ts";
import { caseSection } from "./cases.ts";
import { html } from "./markup.ts";
import { matrixSection } from "./matrix.ts";
import { headSection, runSection } from "./overview.ts";
import { requirementSection } from "./requirements.ts";
import { SCRIPT_ELEMENT, SCRIPT_SOURCE } from "./script.ts";
import { STYLE } from "./style.ts";
import { bindingSection, findingSection, useCaseSection } from "./tables.ts";

/**
 * `report.html`: one page that opens from disk, with no network and nothing outside it but relative links to
 * the evidence. A small script of its own filters the cases; without it everything can be read too. `evidence` gives the text of an evidence file to embed, or
 * `undefined` for a file that is only linked; at most 64 Ki code units of each are shown.
 */
export function renderHtml(report: Report, evidence: (path: string) => string | undefined): string {
  const { title } = headline(report);
  const attention = attentionSection(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src ${SCRIPT_SOURCE}; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: ${report.system.name} ${report.system.version}, SEC_CF conformance report</title>
${STYLE}
</head>
<body>
<main>
${headSection(report)}
<nav aria-label="Contents"><ul>
${attention === undefined ? undefined : html`<li><a href="#attention">What needs a look</a></li>`}
<li><a href="#matrix">Matrix</a></li>
<li><a href="#requirements">Requirements</a></li>
<li><a href="#use-cases">Use cases</a></li>
<li><a href="#bindings">Bindings</a></li>
<li><a href="#findings">Findings</a></li>
<li><a href="#cases">Cases</a></li>
<li><a href="#run">System and run</a></li>
</ul></nav>
${attention}
${matrixSection(report)}
${requirementSection(report)}
${useCaseSection(report)}
${bindingSection(report)}
${findingSection(report)}
${caseSection(report, evidence)}
${runSection(report)}
</main>
${SCRIPT_ELEMENT}
</body>
</html>
`;
  return page.toString();
}
