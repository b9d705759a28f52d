import type { LabelStatus } from "../harness/conformance/label-status.ts";
import type { UseCaseStatus } from "../harness/conformance/run-status.ts";
import type { SanityRecord } from "../harness/conformance/sanity.ts";
import type { Check, Label, Polarity, Verdict, WayIn } from "../harness/conformance/vocabulary.ts";

/**
 * The shape of `report.json`. These names are a contract with pipelines and auditors' scripts:
 * change one only together with `schemaVersion` (and `report.schema.json`).
 */
export interface Report {
  readonly schemaVersion: 1;
  readonly suite: {
    readonly name: string;
    readonly version: string;
    readonly commit: string | null;
    /** SHA-256 (hex) of the case catalogue. */
    readonly catalogue: string;
    /** SHA-256 (hex) of `suites/proof.json`. */
    readonly proof: string;
  };
  readonly system: {
    readonly name: string;
    readonly vendor: string;
    readonly version: string;
    readonly roles: readonly string[];
  };
  readonly profile: { readonly ics: string; readonly ixit: string; readonly release: 1 | 2 };
  readonly run: {
    readonly id: string;
    readonly scope: "full" | "partial";
    readonly startedAt: string;
    readonly durationMs: number;
    readonly seed: number;
    readonly node: string;
    readonly openssl: string;
    readonly shard?: string;
    readonly fault?: string;
    readonly baseline?: string;
    /** Why the run ended before all selected cases were done (Ctrl-C, SUT gone); absent when it did not. */
    readonly interrupted?: string;
    /** What the run did to find out that the system was alive at its begin and end. */
    readonly sanity: readonly SanityRecord[];
  };
  readonly summary: {
    readonly conformant: boolean | null;
    readonly verdicts: {
      readonly pass: number;
      readonly fail: number;
      readonly inconclusive: number;
      readonly error: number;
      readonly notApplicable: number;
    };
    /** Number of failed `should` checks. */
    readonly findings: number;
    /** Number of instances that answered differently when repeated. */
    readonly flaky: number;
  };
  /** All 19 labels, always, in the order of the requirements document. */
  readonly requirements: readonly RequirementReport[];
  /** All seven use cases, always. */
  readonly useCases: readonly UseCaseStatus[];
  readonly bindings: readonly BindingReport[];
  readonly cases: readonly CaseReport[];
  /** Of each case of which only some instances failed: what these have in common. Absent in reports before 0.3. */
  readonly parametersThatMatter?: readonly MatterReport[];
}

/** Which parameter values tell the failed instances of a case from those that passed. */
export interface MatterReport {
  /** Id of the case. */
  readonly case: string;
  readonly failed: number;
  readonly passed: number;
  /**
   * Each alone separates them: the failed instances are those that have one of the listed values for each parameter
   * named. More than one: the instances do not tell which of them it is. Empty: no one or two values explain it.
   */
  readonly explanations: readonly Readonly<Record<string, readonly string[]>>[];
  /** The same in words. */
  readonly text: string;
}

export interface RequirementReport extends LabelStatus {
  readonly title: string;
  readonly level: "MUST" | "MAY";
  readonly release: 1 | 2;
  /** What its cases say, polarity by polarity and way by way. Absent in reports of versions before 0.2. */
  readonly coverage?: readonly CoverageReport[];
}

/** One polarity of one label over one way in. */
export interface CoverageReport {
  readonly polarity: Polarity;
  /** Absent where the label is not bound to a way in. */
  readonly wayIn?: WayIn;
  /** Whether the catalogue demands it before the label is met. */
  readonly required: boolean;
  /**
   * `proven`: a check passed that a fault makes fail. `unproven`: checks passed, but no fault makes one of them
   * fail. `failed`: a must check failed. `open`: none failed, but an instance was inconclusive or an error.
   * `not-judged`: nothing was judged.
   */
  readonly outcome: "proven" | "unproven" | "failed" | "open" | "not-judged";
  /** Ids of the cases that ask it, also when they were not run. */
  readonly cases: readonly string[];
}

export interface BindingReport {
  readonly clause: string;
  readonly text: string;
  readonly outcome: "passed" | "failed";
  readonly cases: readonly string[];
}

export interface CaseReport {
  readonly id: string;
  /** Id plus parameters, the same in every output: `UC1-PSK-BI-03[suite=00a8,tls=1.2]`. */
  readonly key: string;
  readonly purpose: string;
  readonly useCase?: number;
  readonly flow?: string;
  readonly requirements: readonly Label[];
  readonly clauses: readonly string[];
  readonly polarity: Polarity;
  readonly wayIn?: WayIn;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Key or id of the case whose failure explains an inconclusive one. */
  readonly rootCause?: string;
  readonly durationMs: number;
  /** Verdicts of all attempts when the case was repeated. */
  readonly attempts?: readonly Verdict[];
  readonly checks: readonly CheckReport[];
  /** Paths relative to the run directory. */
  readonly evidence: readonly string[];
}

export interface CheckReport extends Check {
  /** Faults that make this check fail. Absent where none does, where it is no must, and while the proof is stale. */
  readonly provenBy?: readonly string[];
}
