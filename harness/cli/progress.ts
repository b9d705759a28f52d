import { escapeTerminal } from "../../reports/index.ts";
import { describeMatter, parametersThatMatter } from "../conformance/parameters-that-matter.ts";
import type { Plan } from "../conformance/plan.ts";
import type { CaseResult, RunEvent } from "../conformance/run-events.ts";
import { worst } from "../conformance/verdict.ts";
import type { Verdict } from "../conformance/vocabulary.ts";
import { colours } from "./colours.ts";

const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  pass: colours.green,
  fail: colours.red,
  inconclusive: colours.yellow,
  error: colours.magenta,
  "not-applicable": colours.dim,
};

export function coloured(verdict: Verdict, text: string = verdict): string {
  return COLOURS[verdict](text);
}

/** Characters of a reason that a terminal line shows; the report has all of it. */
const SHOWN_REASON = 400;

/** Tells a person how a run goes: a line for each case when its last instance has ended. */
export class Progress {
  readonly #purposes: ReadonlyMap<string, string>;
  readonly #open = new Map<string, number>();
  readonly #results = new Map<string, CaseResult[]>();
  readonly #write: (line: string) => void;
  readonly #total: number;
  #done = 0;

  constructor(plan: Plan, purposes: ReadonlyMap<string, string>, write: (line: string) => void) {
    this.#purposes = purposes;
    this.#write = write;
    this.#total = plan.instances.length;
    for (const { case: one } of plan.instances) this.#open.set(one.id, (this.#open.get(one.id) ?? 0) + 1);
  }

  take(event: RunEvent): void {
    if (event.type === "sanity" && !event.record.ok) {
      const { when, wayIn, detail } = event.record;
      this.#write(
        `${colours.yellow("sanity")}  ${when}: no valid terminal gets in over ${wayIn}: ${escapeTerminal(detail ?? "")}`,
      );
    }
    if (event.type !== "case-end") return;
    const { result } = event;
    const left = (this.#open.get(result.id) ?? 0) - 1;
    if (left < 0) return;
    this.#done += 1;
    this.#open.set(result.id, left);
    const results = [...(this.#results.get(result.id) ?? []), result];
    this.#results.set(result.id, results);
    if (left === 0) this.#report(result.id, results);
  }

  #report(id: string, results: readonly CaseResult[]): void {
    const verdict = worst(results.map((result) => result.verdict));
    const name = coloured(verdict, verdict.padEnd(12));
    const counted = `${this.#done}/${this.#total}`.padStart(9);
    this.#write(
      `${colours.dim(counted)}  ${name} ${id}${results.length > 1 ? colours.dim(` ×${results.length}`) : ""}  ${this.#purposes.get(id) ?? ""}`,
    );
    if (verdict === "pass") return;
    const found = parametersThatMatter(results);
    if (found !== undefined) this.#write(`${" ".repeat(11)}${escapeTerminal(describeMatter(found))}`);
    for (const result of results.filter((one) => one.verdict === verdict).slice(0, 3)) {
      const reason = escapeTerminal((result.reason ?? "").slice(0, SHOWN_REASON));
      this.#write(`${" ".repeat(11)}${result.key}: ${reason}`);
    }
  }
}
