import type { RequirementStatus, Verdict } from "../harness/conformance/vocabulary.ts";

/** How an output shows a verdict or status: always symbol and word, so that no reader needs colour. */
export interface Word {
  readonly symbol: string;
  readonly word: string;
  readonly tone: Tone;
}

type Tone = "good" | "bad" | "open" | "half" | "note" | "none";

export const VERDICT_WORDS: Readonly<Record<Verdict, Word>> = {
  pass: { symbol: "✓", word: "pass", tone: "good" },
  fail: { symbol: "✕", word: "fail", tone: "bad" },
  inconclusive: { symbol: "?", word: "inconclusive", tone: "open" },
  error: { symbol: "!", word: "error", tone: "open" },
  "not-applicable": { symbol: "–", word: "not applicable", tone: "none" },
};

export const STATUS_WORDS: Readonly<Record<RequirementStatus, Word>> = {
  met: { symbol: "✓", word: "met", tone: "good" },
  partial: { symbol: "◐", word: "partial", tone: "half" },
  "not-met": { symbol: "✕", word: "not met", tone: "bad" },
  undetermined: { symbol: "?", word: "undetermined", tone: "open" },
  declared: { symbol: "§", word: "declared", tone: "note" },
  "not-covered": { symbol: "○", word: "not covered", tone: "none" },
  "not-applicable": { symbol: "–", word: "not applicable", tone: "none" },
};

export const STATUS_MEANINGS: Readonly<Record<RequirementStatus, string>> = {
  met: "for each claimed way in, every polarity that the catalogue asks for has a passing check, and a fault proves that check",
  partial: "some of that is there, but not all of it",
  "not-met": "a must check that judges the label failed",
  undetermined: "no must check failed, but a case stayed inconclusive or ended in an error",
  declared: "rests on a statement of the vendor; the suite did not observe it",
  "not-covered": "this version of the suite has no case for it: a gap of the suite, not of the system",
  "not-applicable": "the ICS does not claim what the label is about",
};

/** "1 case", "2 cases". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Milliseconds as a person reads them: "40 ms", "1.8 s", "2 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 100) / 10;
  if (seconds < 60) return `${seconds} s`;
  const whole = Math.round(milliseconds / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
