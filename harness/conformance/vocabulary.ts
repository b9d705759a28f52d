/**
 * The words that everything above the roles shares: labels, levels, polarities, verdicts.
 * They are unions and not strings, so that a misspelt label does not compile.
 */

/** The 19 requirement labels of OMA-RD-SEC_CF, section 6, in the order of the document. */
export const LABELS = [
  "1.1",
  "1.1a",
  "1.2",
  "1.2a",
  "1.2b",
  "1.3",
  "1.4",
  "1.5",
  "1.6",
  "1.7",
  "3.1",
  "4.1",
  "5.1",
  "S1",
  "S2",
  "S3",
  "A1",
  "A2",
  "U1",
] as const;
export type Label = (typeof LABELS)[number];

export function isLabel(text: string): text is Label {
  return (LABELS as readonly string[]).includes(text);
}

/** One way to a secure connection between terminal and system under test. */
export const WAYS_IN = [
  "uc1.psk-tls",
  "uc1.https-digest",
  "uc2.psk-tls",
  "uc2.https-digest",
  "uc3.certificate",
  "uc4.psk-tls",
  /** Belongs to no use case: the server is authenticated, the user is not (OMA-RD-SEC_CF 4.2). */
  "server-only",
] as const;
export type WayIn = (typeof WAYS_IN)[number];

export function isWayIn(text: string): text is WayIn {
  return (WAYS_IN as readonly string[]).includes(text);
}

/** What kind of question a case asks (ISO/IEC 9646: valid, invalid, inopportune behaviour, refined). */
export const POLARITIES = ["valid", "invalid", "boundary", "replay", "expiry", "concurrency"] as const;
export type Polarity = (typeof POLARITIES)[number];

/** How binding a check is: `must` fails the case, `should` is a finding, `observe` only records. */
export type Level = "must" | "should" | "observe";

export type CheckOutcome = "passed" | "failed" | "observed";

/** Worst wins: fail > error > inconclusive > pass > not-applicable. */
export type Verdict = "pass" | "fail" | "inconclusive" | "error" | "not-applicable";

export type RequirementStatus =
  | "met"
  | "partial"
  | "not-met"
  | "undetermined"
  | "declared"
  | "not-covered"
  | "not-applicable";

/** One judgement inside a case. It names a requirement label or a clause of a binding, never both. */
export interface Check {
  readonly requirement?: Label;
  readonly clause?: string;
  readonly level: Level;
  readonly text: string;
  readonly outcome: CheckOutcome;
  /** What was seen. May hold data of the SUT: escape it where it is shown. */
  readonly detail?: string;
}
