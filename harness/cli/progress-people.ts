import { escapeTerminal, gapSentence, headline } from "../../reports/index.ts";
import { CASES } from "../../suites/index.ts";
import type { Plan } from "../conformance/plan.ts";
import type { RunEvent } from "../conformance/run-events.ts";
import type { Profile } from "../system/profile/index.ts";
import { coloured, Progress } from "./progress.ts";
import type { RunConclusion, RunTeller } from "./run-teller.ts";
import { shellWord } from "./shell-word.ts";
import { readProof, staleness } from "./suite-identity.ts";

/** The whole of what `seccf run` says to a person. */
export class PeopleProgress implements RunTeller {
  readonly #print: (line: string) => void;
  readonly #seed: number;
  readonly #directory: string;
  #hinted = false;
  #progress: Progress | undefined;

  constructor({ directory, ics }: Profile, seed: number, print: (line: string) => void) {
    this.#print = print;
    this.#seed = seed;
    this.#directory = directory;
    const { name, version, vendor } = ics.system;
    print(`seccf certifies ${escapeTerminal(`${name} ${version} (${vendor})`)}, profile ${directory}`);
  }

  planned(plan: Plan): void {
    const cases = new Set(plan.instances.map(({ case: one }) => one.id)).size;
    const stale = staleness(readProof());
    if (stale !== undefined)
      this.#print(`note: suites/proof.json is stale (${stale}), so no check counts as proven`);
    this.#print(
      `${cases} cases, ${plan.instances.length} instances, ${plan.skipped.length} cases do not apply; seed ${this.#seed}\n`,
    );
    const purposes = new Map([...CASES.values()].map(({ id, purpose }) => [id, purpose]));
    this.#progress = new Progress(plan, purposes, this.#print);
  }

  take(event: RunEvent): void {
    this.#progress?.take(event);
    const shut = event.type === "sanity" && event.record.when === "first" && !event.record.ok;
    if (!shut || this.#hinted) return;
    this.#hinted = true;
    const folder = escapeTerminal(shellWord(this.#directory));
    this.#print(`${" ".repeat(8)}why, and what to do: seccf profile check ${folder}`);
  }

  concluded({ report, paths, startFailure, allureFailure }: RunConclusion): void {
    if (startFailure !== undefined)
      this.#print(`\n${coloured("error", "not started")}: ${escapeTerminal(startFailure)}`);
    if (allureFailure !== undefined)
      this.#print(`\nnote: results for Allure are missing: ${escapeTerminal(allureFailure)}`);
    this.#summary(report);
    this.#print(`\nReports:\n${paths.map((path) => `  ${path}`).join("\n")}`);
  }

  #summary(report: RunConclusion["report"]): void {
    const { pass, fail, inconclusive, error, notApplicable } = report.summary.verdicts;
    const { title, meaning } = headline(report);
    const open = inconclusive + error > 0;
    const bad = report.summary.conformant === false || fail > 0;
    this.#print(`\n${coloured(bad ? "fail" : open ? "inconclusive" : "pass", title)}: ${meaning}`);
    this.#print(
      `${pass} pass, ${fail} fail, ${inconclusive} inconclusive, ${error} error, ${notApplicable} not applicable; ` +
        `${report.summary.findings} findings; ${(report.run.durationMs / 1000).toFixed(1)} s`,
    );
    for (const { label, status, title: name } of report.requirements) {
      if (status !== "not-covered" && status !== "not-applicable")
        this.#print(`  ${label.padEnd(5)} ${status.padEnd(13)} ${name}`);
    }
    this.#print(gapSentence(report));
  }
}
