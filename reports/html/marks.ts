import type { Check, RequirementStatus, Verdict } from "../../harness/conformance/vocabulary.ts";
import { isFinding } from "../reading.ts";
import type { Word } from "../words.ts";
import { STATUS_WORDS, VERDICT_WORDS } from "../words.ts";
import type { Markup } from "./markup.ts";
import { html } from "./markup.ts";

const PASSED: Word = { symbol: "✓", word: "passed", tone: "good" };
const FAILED: Word = { symbol: "✕", word: "failed", tone: "bad" };
const FINDING: Word = { symbol: "△", word: "finding", tone: "half" };
const OBSERVED: Word = { symbol: "·", word: "observed", tone: "none" };

/** Symbol and word; the symbol is for the eye only, a screen reader hears the word. */
export function mark({ symbol, word, tone }: Word): Markup {
  return html`<span class="mark ${tone}"><span aria-hidden="true">${symbol}</span> ${word}</span>`;
}

export function statusMark(status: RequirementStatus): Markup {
  return mark(STATUS_WORDS[status]);
}

export function verdictMark(verdict: Verdict): Markup {
  return mark(VERDICT_WORDS[verdict]);
}

export function checkMark(check: Check): Markup {
  if (isFinding(check)) return mark(FINDING);
  return check.outcome === "observed" ? mark(OBSERVED) : outcomeMark(check.outcome);
}

export function outcomeMark(outcome: "passed" | "failed"): Markup {
  return mark(outcome === "passed" ? PASSED : FAILED);
}

/** The symbol of a verdict where many stand side by side; a screen reader hears the word. */
export function verdictSymbol(verdict: Verdict): Markup {
  const { symbol, word, tone } = VERDICT_WORDS[verdict];
  return html`<span class="symbol ${tone}"><span aria-hidden="true">${symbol}</span><span class="heard">${word}</span></span>`;
}
