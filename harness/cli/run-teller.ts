import type { Report } from "../../reports/index.ts";
import type { Plan } from "../conformance/plan.ts";
import type { RunEvent } from "../conformance/run-events.ts";

/** Tells somebody how a run goes, on standard output. */
export interface RunTeller {
  /** Before the first event. `directory`: that of the run, absolute. */
  planned(plan: Plan, directory: string): void;
  take(event: RunEvent): void;
  /** At the end, when the reports are written. */
  concluded(conclusion: RunConclusion): void;
}

export interface RunConclusion {
  readonly report: Report;
  /** Absolute paths of what the run wrote. */
  readonly paths: readonly string[];
  readonly exitCode: number;
  /** Why the system did not become ready. */
  readonly startFailure?: string;
  /** Why results for Allure are missing. */
  readonly allureFailure?: string;
}

/** For whoever reads the reports and the exit code only. */
export const SILENT: RunTeller = {
  planned: () => undefined,
  take: () => undefined,
  concluded: () => undefined,
};
