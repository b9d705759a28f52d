import type { Check, Label } from "../../harness/conformance/vocabulary.ts";
import { staysInRun } from "../evidence.ts";
import { findCase } from "../reading.ts";
import type { Report } from "../report-model.ts";
import type { Markup } from "./markup.ts";
import { html, joined } from "./markup.ts";

/** More cases than this are folded away, so that a table stays a table. */
const FOLD = 4;

/** The anchor of a case: its key, with `_5b_` for each character that a fragment cannot hold as it is. */
export function caseAnchor(key: string): string {
  return `case-${key.replace(/[^A-Za-z0-9.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`)}`;
}

export function labelAnchor(label: Label): string {
  return `label-${label}`;
}

export function labelLink(label: Label): Markup {
  return html`<a href="#${labelAnchor(label)}">${label}</a>`;
}

/** Links to the case of that key, or to the worst instance of that id; plain text when this run has neither. */
export function caseLink(report: Report, keyOrId: string): Markup {
  const found = findCase(report, keyOrId);
  if (found === undefined) return html`<code>${keyOrId}</code>`;
  return html`<a href="#${caseAnchor(found.key)}"><code>${keyOrId}</code></a>`;
}

export function caseLinks(report: Report, keysOrIds: readonly string[]): Markup {
  const links = joined(
    keysOrIds.map((keyOrId) => caseLink(report, keyOrId)),
    " ",
  );
  if (keysOrIds.length <= FOLD) return links;
  return html`<details class="fold"><summary>${keysOrIds.length} cases</summary>${links}</details>`;
}

/** What a check judges: a label, with its link, or a clause. */
export function subjectLink(check: Check): Markup {
  return check.requirement === undefined ? html`${check.clause}` : labelLink(check.requirement);
}

/** A file of the run directory, relative to the page. A path that leads elsewhere is shown and not linked. */
export function evidenceLink(path: string): Markup {
  if (!staysInRun(path)) return html`<code>${path}</code> (refused: leads out of the run directory)`;
  const href = path.split("/").map(encodeURIComponent).join("/");
  return html`<a href="${href}"><code>${path}</code></a>`;
}
