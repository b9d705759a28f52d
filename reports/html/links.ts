import type { Check, Label } from "../../harness/conformance/vocabulary.ts";
import { staysInRun } from "../evidence.ts";
import { findCase } from "../reading.ts";
import type { CaseReport, Report } from "../report-model.ts";
import { verdictSymbol } from "./marks.ts";
import type { Markup } from "./markup.ts";
import { html, joined } from "./markup.ts";

/** More cases than this are folded away, so that a table stays a table. */
const FOLD = 4;

/** The anchor of a case or instance: id or key, with `_5b_` for each character that a fragment cannot hold as it is. */
export function caseAnchor(keyOrId: string): string {
  return `case-${keyOrId.replace(/[^A-Za-z0-9.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`)}`;
}

/** The anchor of an instance; none where its key is the id of its case, whose anchor leads to both. */
export function instanceAnchor({ id, key }: CaseReport): string | undefined {
  return key === id ? undefined : caseAnchor(key);
}

export function labelAnchor(label: Label): string {
  return `label-${label}`;
}

export function labelLink(label: Label): Markup {
  return html`<a href="#${labelAnchor(label)}">${label}</a>`;
}

/** Links to the instance of that key or the case of that id; plain text when this run has neither. */
export function caseLink(report: Report, keyOrId: string): Markup {
  const known = report.cases.some(({ id, key }) => id === keyOrId || key === keyOrId);
  if (!known) return html`<code>${keyOrId}</code>`;
  return html`<a href="#${caseAnchor(keyOrId)}"><code>${keyOrId}</code></a>`;
}

/** All of them by name, each with the verdict of its worst instance. */
export function caseChips(report: Report, ids: readonly string[]): Markup | undefined {
  if (ids.length === 0) return undefined;
  const items = ids.map((id) => {
    const worst = findCase(report, id);
    const verdict =
      worst === undefined ? html`<span class="of">not run</span>` : verdictSymbol(worst.verdict);
    return html`<li>${verdict} ${caseLink(report, id)}</li>`;
  });
  return html`<ul class="chips">${items}</ul>`;
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
