import type { Check, Label, Verdict } from "./vocabulary.ts";

const SEVERITY: readonly Verdict[] = ["not-applicable", "pass", "inconclusive", "error", "fail"];

/** Worst wins: fail > error > inconclusive > pass > not-applicable. Of nothing: not-applicable. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>(
    (a, b) => (SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a),
    "not-applicable",
  );
}

/** The case cannot be judged: a step before the question failed, or a control did. */
export class Inconclusive extends Error {
  override readonly name = "Inconclusive";
}

/** What the case asks cannot be observed on this system: declared, not judged. */
export class NotObservable extends Error {
  override readonly name = "NotObservable";
}

/** What the case asks about does not exist in this system: there is nothing to judge, and nothing is open. */
export class NothingToAsk extends Error {
  override readonly name = "NothingToAsk";
}

/** The case itself is wrong. It is an error wherever it shows, also in a preamble. */
export class CaseDefect extends Error {
  override readonly name = "CaseDefect";
}

export interface Judged {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** An observation is missing: the half-label is declared. */
  readonly declared?: true;
}

/**
 * The verdict of one attempt at a case. `thrown` is what the story threw, if it did; `labels` are those
 * that the case declares and the claimed release binds.
 *
 * A failed must check stands whatever happened afterwards. An exception of our own is an error and
 * never looks like a fault of the SUT.
 */
export function judge(checks: readonly Check[], labels: readonly Label[], thrown: unknown): Judged {
  const failed = checks.filter((check) => check.level === "must" && check.outcome === "failed");
  if (failed.length > 0) {
    return { verdict: "fail", reason: failed.map((check) => describeFailure(check)).join("; ") };
  }
  if (thrown instanceof NotObservable) {
    return { verdict: "not-applicable", reason: thrown.message, declared: true };
  }
  if (thrown instanceof NothingToAsk) return { verdict: "not-applicable", reason: thrown.message };
  if (thrown instanceof Inconclusive) return { verdict: "inconclusive", reason: thrown.message };
  if (thrown !== undefined) {
    return { verdict: "error", reason: `error of the suite, not of the system: ${describeThrown(thrown)}` };
  }
  const judged = checks.filter((check) => check.level === "must");
  if (judged.length === 0) return { verdict: "error", reason: "the case ended without a must check" };
  const missing = labels.filter((label) => !judged.some((check) => check.requirement === label));
  if (missing.length > 0) {
    return { verdict: "error", reason: `the case ended without having judged ${missing.join(", ")}` };
  }
  return { verdict: "pass" };
}

/** Whatever was thrown as text; with its stack, since only whoever mends the suite reads it. */
function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.stack ?? thrown.message;
  // An object need not be able to become text, and nothing may be thrown from here.
  return typeof thrown === "object" || typeof thrown === "function" ? "an object" : String(thrown);
}

function describeFailure(check: Check): string {
  const subject = check.requirement ?? check.clause ?? "";
  return `${subject}: not so: ${check.text}${check.detail === undefined ? "" : ` (${check.detail})`}`;
}
