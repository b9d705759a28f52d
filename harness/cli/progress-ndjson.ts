import type { Plan } from "../conformance/plan.ts";
import type { RunEvent } from "../conformance/run-events.ts";
import type { RunConclusion, RunTeller } from "./run-teller.ts";

/** Version of the lines; `progress.schema.json` describes them. */
const SCHEMA_VERSION = 1;

/** Tells a program how a run goes: each line is one JSON object, described by `progress.schema.json`. */
export class NdjsonProgress implements RunTeller {
  readonly #write: (line: string) => void;
  #directory = "";
  #counts = { instances: 0, notApplicable: 0 };
  #done = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  planned({ instances, skipped }: Plan, directory: string): void {
    this.#directory = directory;
    this.#counts = { instances: instances.length, notApplicable: skipped.length };
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case "run-start": {
        const { id, startedAt, scope, seed, system, profile, fault, shard } = event.header;
        const run = { run: id, startedAt, directory: this.#directory, scope, seed, fault, shard };
        this.#line({
          type: "run-start",
          schemaVersion: SCHEMA_VERSION,
          ...run,
          system,
          profile,
          ...this.#counts,
        });
        break;
      }
      case "sanity":
        this.#line({ type: "sanity", ...event.record });
        break;
      case "case-start":
        this.#line({ type: "case-start", key: event.key });
        break;
      case "check":
        this.#line({ type: "check", key: event.key, attempt: event.attempt, ...event.check });
        break;
      case "case-end": {
        const { id, key, verdict, reason, rootCause, durationMs, attempts, evidence } = event.result;
        this.#done += 1;
        const total = this.#counts.instances + this.#counts.notApplicable;
        const result = { id, key, verdict, reason, rootCause, durationMs, attempts, evidence };
        this.#line({ type: "case-end", ...result, done: this.#done, total });
        break;
      }
      case "interrupted":
        this.#line({ type: "interrupted", reason: event.reason });
        break;
      // Its line says where the reports are, which are written later: `concluded`.
      case "run-end":
        break;
    }
  }

  /** The last line: the summary as in report.json, and where the reports are. */
  concluded({ report, paths, exitCode, startFailure }: RunConclusion): void {
    const { summary, run } = report;
    const { durationMs, interrupted } = run;
    this.#line({ type: "run-end", exitCode, durationMs, interrupted, startFailure, summary, reports: paths });
  }

  /** JSON.stringify leaves out what is undefined. */
  #line(value: Readonly<Record<string, unknown>>): void {
    this.#write(JSON.stringify(value));
  }
}
