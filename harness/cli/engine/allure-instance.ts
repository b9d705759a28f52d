import { AssertionError } from "node:assert";
import { ContentType, Severity as SEVERITIES, type Severity, Status } from "allure-js-commons";
import * as allure from "allure-js-commons/sync";
import { bounded, escapeLines, escapeTerminal } from "../../../reports/escape.ts";
import { TRANSCRIPT_LIMIT } from "../../../reports/evidence.ts";
import type { CaseDescriptor } from "../../conformance/case.ts";
import { requirement } from "../../conformance/catalogue/requirements.ts";
import { useCase } from "../../conformance/catalogue/use-cases.ts";
import type { ParameterValues } from "../../conformance/parameters.ts";
import type { CaseResult, RunEvent } from "../../conformance/run-events.ts";
import type { Check } from "../../conformance/vocabulary.ts";

/** UTF-16 code units of one detail or reason. */
const TEXT_LIMIT = 2000;

/** What a worker must keep of the events of an instance, since the result has the checks of one attempt only. */
export class InstanceEvents {
  readonly #checks = new Map<string, Check[][]>();
  readonly #transcripts = new Map<string, string>();

  take(event: RunEvent): void {
    if (event.type === "check") {
      const attempts = this.#checks.get(event.key) ?? [];
      this.#checks.set(event.key, attempts);
      const checks = attempts[event.attempt - 1] ?? [];
      attempts[event.attempt - 1] = checks;
      checks.push(event.check);
    } else if (event.type === "case-end" && event.transcript !== undefined) {
      this.#transcripts.set(event.result.key, event.transcript);
    }
  }

  /** Gives what was kept of an instance, once. */
  release(key: string): { readonly attempts: readonly (readonly Check[])[]; readonly transcript?: string } {
    const attempts = this.#checks.get(key) ?? [];
    const transcript = this.#transcripts.get(key);
    this.#checks.delete(key);
    this.#transcripts.delete(key);
    return transcript === undefined ? { attempts } : { attempts, transcript };
  }
}

/** Names the current test for Allure: epic is the use case, feature the label, story the flow and way in. */
export function describeCase(one: CaseDescriptor, parameters: ParameterValues): void {
  const flow = one.flow === undefined ? "" : `${one.flow} flow, `;
  const story = `${flow}${one.needs.wayIn}`;
  const epic =
    one.useCase === undefined
      ? `Property suite: label ${one.requirements[0] ?? "(none)"}`
      : `Use case ${one.useCase}: ${useCase(one.useCase).title}`;
  allure.epic(epic);
  for (const label of one.requirements) allure.feature(`${label} ${requirement(label).title}`);
  allure.story(story);
  allure.parentSuite(epic);
  allure.suite(story);
  allure.subSuite(one.id);
  allure.severity(severity(one));
  allure.tags(one.polarity, one.needs.wayIn);
  allure.description([one.purpose, `Clauses: ${one.clauses.join("; ")}`].join("\n\n"));
  for (const [name, value] of Object.entries(parameters)) allure.parameter(name, value);
}

/** As the document says it: what only a MAY asks for is minor. */
function severity({ requirements }: CaseDescriptor): Severity {
  return requirements.some((label) => requirement(label).level === "MUST")
    ? SEVERITIES.CRITICAL
    : SEVERITIES.MINOR;
}

/** Tells Allure what came of the current test: a step for each check, below one for each attempt where there are several. */
export function tellOutcome(
  { attempts: verdicts, checks, verdict, reason, rootCause }: CaseResult,
  { attempts, transcript }: ReturnType<InstanceEvents["release"]>,
): void {
  if (verdicts === undefined) tellChecks(checks);
  else {
    verdicts.forEach((one, index) => {
      const failed = one !== "pass" && one !== "not-applicable";
      inStep(`attempt ${index + 1}: ${one}`, failed ? one : undefined, () =>
        tellChecks(attempts[index] ?? []),
      );
    });
  }
  if (verdicts !== undefined && new Set(verdicts).size > 1) allure.tag("flaky");
  if (checks.some(({ level, outcome }) => level === "should" && outcome === "failed")) allure.tag("finding");
  if (rootCause !== undefined) allure.logStep(`root cause: ${shown(rootCause)}`, Status.SKIPPED);
  if (transcript !== undefined) {
    allure.attachment("transcript.txt", escapeLines(bounded(transcript, TRANSCRIPT_LIMIT)), {
      contentType: ContentType.TEXT,
      fileExtension: ".txt",
    });
  }
  if (verdict === "not-applicable") tellNotApplicable(reason);
}

/** Begins the name of the last step of a skipped test, which the reporter takes for the message of the test. */
export const NOT_APPLICABLE = "not applicable: ";

export function tellNotApplicable(reason: string | undefined): void {
  allure.logStep(`${NOT_APPLICABLE}${shown(reason ?? "the ICS does not claim it")}`, Status.SKIPPED);
}

function tellChecks(checks: readonly Check[]): void {
  for (const check of checks) {
    const { level, outcome, text, detail } = check;
    const subject = check.requirement ?? check.clause;
    const name = outcome === "observed" ? `observed: ${text}` : `${level} ${subject}: ${text}`;
    inStep(name, outcome === "failed" ? "fail" : undefined, (parameter) => {
      if (detail !== undefined) parameter("seen", shown(detail));
    });
  }
}

type SetParameter = (name: string, value: string) => void;

/** A step that fails (`fail`), breaks (any other verdict) or passes (none), whatever stands in it. */
function inStep(name: string, verdict: string | undefined, body: (parameter: SetParameter) => void): void {
  try {
    allure.step(shown(name), ({ parameter }) => {
      body(parameter);
      if (verdict === "fail") throw withoutStack(new AssertionError({ message: "not so" }));
      if (verdict !== undefined) throw withoutStack(new Error(verdict));
    });
  } catch {
    // The facade gives the status to the step and throws on; what the test is, its verdict says.
  }
}

/** Where in the suite the step was told helps nobody. */
function withoutStack(error: Error): Error {
  error.stack = "";
  return error;
}

function shown(text: string): string {
  return escapeTerminal(bounded(text, TEXT_LIMIT));
}
