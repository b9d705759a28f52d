import type { ParameterValues } from "./parameters.ts";
import type { SanityRecord } from "./sanity.ts";
import type { Check, Label, Polarity, Verdict, WayIn } from "./vocabulary.ts";

/** What came of one instance. */
export interface CaseResult {
  readonly id: string;
  readonly key: string;
  readonly parameters: ParameterValues;
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Key or id of the case that explains an inconclusive one. */
  readonly rootCause?: string;
  /** For not-applicable: an observation is missing in the IXIT. */
  readonly declared?: true;
  readonly durationMs: number;
  /** Verdicts of all attempts, in order; absent when the case ran once. */
  readonly attempts?: readonly Verdict[];
  readonly checks: readonly Check[];
  /** Paths relative to the run directory. */
  readonly evidence: readonly string[];
}

/** What a report must know of a case to be written without the suites at hand. */
export interface CatalogueEntry {
  readonly id: string;
  readonly purpose: string;
  readonly requirements: readonly Label[];
  readonly clauses: readonly string[];
  readonly polarity: Polarity;
  readonly wayIn: WayIn;
  readonly useCase?: number;
  readonly flow?: "normal" | "alternative";
}

/** A check that some fault makes fail: what `suites/proof.json` says about it. */
export interface ProvenCheck {
  readonly case: string;
  readonly subject: string;
  readonly text: string;
  readonly faults: readonly string[];
}

/** First line of a journal: everything that the report needs and that no case tells. */
export interface RunHeader {
  readonly id: string;
  readonly startedAt: string;
  readonly scope: "full" | "partial";
  readonly seed: number;
  readonly node: string;
  readonly openssl: string;
  readonly shard?: string;
  readonly fault?: string;
  readonly suite: {
    readonly version: string;
    readonly commit: string | null;
    readonly catalogue: string;
    readonly proof: string;
  };
  readonly system: {
    readonly name: string;
    readonly vendor: string;
    readonly version: string;
    readonly roles: readonly string[];
  };
  readonly profile: { readonly ics: string; readonly ixit: string; readonly release: 1 | 2 };
  readonly waysIn: readonly WayIn[];
  readonly declarations: Readonly<Record<string, string>>;
  readonly catalogue: readonly CatalogueEntry[];
  readonly proven: readonly ProvenCheck[];
  /** Keys of all instances that were selected. */
  readonly selected: readonly string[];
}

/** A line of the journal, and what a worker posts to the main process. */
export type RunEvent =
  | { readonly type: "run-start"; readonly header: RunHeader }
  | { readonly type: "sanity"; readonly record: SanityRecord }
  | { readonly type: "case-start"; readonly key: string; readonly at: number }
  | { readonly type: "check"; readonly key: string; readonly attempt: number; readonly check: Check }
  | {
      readonly type: "case-end";
      readonly result: CaseResult;
      readonly transcript?: string;
      /** A pcapng file of what went over the path, when the case used one. */
      readonly capture?: Uint8Array;
    }
  | { readonly type: "interrupted"; readonly reason: string }
  | { readonly type: "run-end"; readonly durationMs: number };

export type EventSink = (event: RunEvent) => void;
