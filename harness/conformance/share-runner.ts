import type { TestSystem } from "../system/test-system.ts";
import type { TestCase } from "./case.ts";
import { runInstance } from "./instance-runner.ts";
import type { Instance } from "./parameters.ts";
import { rootCause } from "./root-cause.ts";
import type { CaseResult, EventSink } from "./run-events.ts";
import type { WayIn } from "./vocabulary.ts";

export interface ShareOptions {
  readonly cases: ReadonlyMap<string, TestCase>;
  readonly system: TestSystem;
  readonly repeat: number;
  readonly sink: EventSink;
  /** Ways in over which sanity failed, with what was seen: only their valid cases are worth running. */
  readonly closedWays: ReadonlyMap<WayIn, string>;
}

/** Runs instances of one worker's share against one test system. */
export class ShareRunner {
  readonly #options: ShareOptions;
  readonly #running = new Set<string>();
  #death: string | undefined;

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  async run(instance: Instance): Promise<CaseResult> {
    const testCase = this.#options.cases.get(instance.case.id);
    if (testCase === undefined) throw new Error(`no case has the id ${instance.case.id}`);
    const { system, repeat, sink } = this.#options;
    const reason = this.#reasonNotToRun(instance);
    if (reason !== undefined) return this.#skip(instance, reason);
    this.#running.add(instance.key);
    try {
      return await runInstance({ instance, testCase, cases: this.#options.cases, system, repeat, sink });
    } finally {
      this.#noteDeath();
      this.#running.delete(instance.key);
    }
  }

  #noteDeath(): void {
    const gone = this.#options.system.systemGone;
    if (gone === undefined || this.#death !== undefined) return;
    this.#death = `${gone}; running when it ended: ${[...this.#running].join(", ")}`;
  }

  #reasonNotToRun(instance: Instance): string | undefined {
    this.#noteDeath();
    if (this.#death !== undefined) return this.#death;
    // The valid cases still run: they say what is wrong.
    if (instance.case.polarity === "valid") return undefined;
    const closed = this.#options.closedWays.get(instance.case.needs.wayIn);
    return closed === undefined
      ? undefined
      : `no valid terminal gets in over ${instance.case.needs.wayIn}: ${closed}`;
  }

  #skip(instance: Instance, reason: string): CaseResult {
    const result: CaseResult = {
      id: instance.case.id,
      key: instance.key,
      parameters: instance.parameters,
      verdict: "inconclusive",
      reason,
      ...rootCause(instance, this.#options.cases),
      durationMs: 0,
      checks: [],
      evidence: [],
    };
    this.#options.sink({ type: "case-end", result });
    return result;
  }
}
