import { describeMatter, parametersThatMatter } from "../harness/conformance/parameters-that-matter.ts";
import type { Check, Label, Verdict } from "../harness/conformance/vocabulary.ts";
import { LABELS } from "../harness/conformance/vocabulary.ts";
import type { CaseReport, Report, RequirementReport } from "./report-model.ts";
import { count } from "./words.ts";

/**
 * What all outputs read out of a report in the same way: its headline, its findings, and which
 * cases a reader should see first.
 */
export interface Headline {
  readonly kind: "conformant" | "not-conformant" | "undetermined" | "partial";
  readonly title: string;
  /** One or two sentences, without markup; may name labels, never data of the SUT. */
  readonly meaning: string;
}

/** Cases in the order in which a reader needs them. */
const URGENCY: readonly Verdict[] = ["fail", "inconclusive", "error", "pass", "not-applicable"];

export function headline(report: Report): Headline {
  const { conformant } = report.summary;
  if (conformant === true) {
    return {
      kind: "conformant",
      title: "Conformant",
      meaning:
        "Every case that applies to this system passed: no must check failed and no case was left open.",
    };
  }
  if (conformant === false) {
    return { kind: "not-conformant", title: "Not conformant", meaning: failureSentence(report) };
  }
  if (report.run.fault !== undefined) {
    return {
      kind: "partial",
      title: "Run with a fault",
      meaning: `The reference system was started with a defect, so this run says nothing about conformity. Of its instances, ${verdictSentence(report)}.`,
    };
  }
  if (report.run.scope === "partial") {
    return {
      kind: "partial",
      title: "Partial run",
      meaning: `Only some of the cases were selected, so this run says nothing about conformity. Of their instances, ${verdictSentence(report)}.`,
    };
  }
  return { kind: "undetermined", title: "Undetermined", meaning: openSentence(report) };
}

/** Labels for which this version of the suite has no case: the gap of the suite, not of the system. */
export function labelsWithoutCase(report: Report): readonly Label[] {
  return report.requirements
    .filter((requirement) => requirement.status === "not-covered" && requirement.cases.length === 0)
    .map((requirement) => requirement.label);
}

/** What the report does not say: labels without a case, and labels that were judged in part only. */
export function gapSentence(report: Report): string {
  const gap = labelsWithoutCase(report).length;
  const partial = report.requirements.filter(({ status }) => status === "partial").map(({ label }) => label);
  const without =
    gap === 0
      ? `This version of the suite has cases for all ${LABELS.length} labels.`
      : `For ${gap} of the ${LABELS.length} labels this version of the suite has no case: that is a gap of the suite and says nothing about the system.`;
  if (partial.length === 0) return without;
  return `${without} Judged in part only, since a polarity that the catalogue demands has no proven check yet: ${partial.join(", ")}.`;
}

/** All instances of one case. */
export interface CaseFamily {
  readonly id: string;
  /** That of the worst instance. */
  readonly verdict: Verdict;
  /** Worst first; the report's order within one verdict. */
  readonly instances: readonly CaseReport[];
}

/** Of a case of which only some instances failed: which parameter values these have; undefined when nothing is to tell. */
export function whatMatters({ instances }: Pick<CaseFamily, "instances">): string | undefined {
  const found = parametersThatMatter(instances);
  return found === undefined ? undefined : describeMatter(found);
}

export interface FamilyGroup {
  readonly verdict: Verdict;
  readonly families: readonly CaseFamily[];
}

/** Cases by the verdict of their worst instance: fail, inconclusive, error, pass, not-applicable; by id within each. */
export function familiesByUrgency(report: Report): readonly FamilyGroup[] {
  const families = [...Map.groupBy(report.cases, ({ id }) => id)].map(([id, cases]): CaseFamily => {
    const instances = cases.toSorted((a, b) => urgency(a) - urgency(b));
    return { id, verdict: instances[0]?.verdict ?? "not-applicable", instances };
  });
  return URGENCY.map((verdict) => ({
    verdict,
    families: families.filter((family) => family.verdict === verdict),
  })).filter((group) => group.families.length > 0);
}

function urgency({ verdict }: CaseReport): number {
  return URGENCY.indexOf(verdict);
}

export function failedMustChecks(entry: CaseReport): readonly Check[] {
  return entry.checks.filter((check) => check.level === "must" && check.outcome === "failed");
}

export interface Finding {
  readonly entry: CaseReport;
  readonly check: Check;
}

/** A failed `should` check: worth telling the vendor, no failure. */
export function isFinding(check: Check): boolean {
  return check.level === "should" && check.outcome === "failed";
}

export function findings(report: Report): readonly Finding[] {
  return report.cases.flatMap((entry) => entry.checks.filter(isFinding).map((check) => ({ entry, check })));
}

/** Whether the instance answered differently when it was repeated. */
export function isFlaky(entry: CaseReport): boolean {
  return new Set(entry.attempts).size > 1;
}

/** Whether the instance judges the label, by declaration or by a must check that it made. */
export function judges(entry: CaseReport, label: Label): boolean {
  return (
    entry.requirements.includes(label) ||
    entry.checks.some((check) => check.level === "must" && check.requirement === label)
  );
}

/** What a check judges: "1.1", "RFC 7616 3.5", or nothing for an observation. */
export function subject(check: Check): string {
  return check.requirement ?? check.clause ?? "";
}

/** The instance that a `rootCause` or an id in a list of cases means: the key itself, else the worst instance of the id. */
export function findCase(report: Report, keyOrId: string): CaseReport | undefined {
  const byKey = report.cases.find((entry) => entry.key === keyOrId);
  if (byKey !== undefined) return byKey;
  const instances = report.cases.filter((entry) => entry.id === keyOrId);
  return instances.toSorted((a, b) => urgency(a) - urgency(b))[0];
}

function failureSentence(report: Report): string {
  const { fail } = report.summary.verdicts;
  const notMet = report.requirements.filter((requirement) => requirement.status === "not-met");
  const failed = `The system does not do all that its claims ask of it: ${count(fail, "instance")} failed`;
  if (notMet.length === 0)
    return `${failed}. All of them are about bindings of the wire form; no label is not met.`;
  return `${failed}, and ${labelList(notMet)} not met.`;
}

function labelList(requirements: readonly RequirementReport[]): string {
  const labels = requirements.map((requirement) => requirement.label);
  if (labels.length === 1) return `label ${labels.join()} is`;
  return `labels ${labels.slice(0, -1).join(", ")} and ${labels.at(-1)} are`;
}

function openSentence(report: Report): string {
  const { inconclusive, error } = report.summary.verdicts;
  const causes = [
    ...(inconclusive > 0 ? [`${count(inconclusive, "instance")} stayed inconclusive`] : []),
    ...(error > 0 ? [`${count(error, "instance")} ended in an error of the test system`] : []),
    ...(report.run.interrupted === undefined ? [] : ["the run ended before all cases were done"]),
    ...(report.run.sanity.every((record) => record.ok) ? [] : ["a sanity check of the system failed"]),
  ];
  const because = causes.length === 0 ? "" : ` because ${new Intl.ListFormat("en-GB").format(causes)}`;
  return `Conformity is neither shown nor refuted${because}.`;
}

function verdictSentence(report: Report): string {
  const { pass, fail, inconclusive, error, notApplicable } = report.summary.verdicts;
  const parts = [
    `${pass} passed`,
    `${fail} failed`,
    ...(inconclusive > 0 ? [`${inconclusive} stayed inconclusive`] : []),
    ...(error > 0 ? [`${error} ended in an error of the test system`] : []),
    ...(notApplicable > 0 ? [`${notApplicable} did not apply`] : []),
  ];
  return new Intl.ListFormat("en-GB").format(parts);
}
