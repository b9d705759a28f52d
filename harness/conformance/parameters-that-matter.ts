import type { ParameterValues } from "./parameters.ts";
import type { Verdict } from "./vocabulary.ts";

/** A parameter has one of these values. */
interface Condition {
  readonly parameter: string;
  readonly values: readonly string[];
  /** Its other values, with which instances passed. */
  readonly others: readonly string[];
}

/** What tells the instances of a case that failed from those that passed. */
export interface ParametersThatMatter {
  readonly failed: number;
  readonly passed: number;
  /**
   * Each one alone separates them: the instances that meet all its conditions are those that failed. The simplest ones,
   * and all of these, since values that only occur together cannot be told apart. Empty: nothing so simple does.
   */
  readonly explanations: readonly (readonly Condition[])[];
}

interface Judged {
  readonly parameters?: ParameterValues;
  readonly verdict: Verdict;
}

/** Explanations, and values of one, that a sentence names; the instances show the rest. */
const NAMED = 4;

/**
 * Compares the instances of one case. Those that are neither passed nor failed say nothing and are left out; undefined
 * when not both are there, or nothing varies.
 */
export function parametersThatMatter(instances: readonly Judged[]): ParametersThatMatter | undefined {
  const failing = parametersOf(instances, "fail");
  const passing = parametersOf(instances, "pass");
  const names = Object.keys({ ...failing[0], ...passing[0] }).sort();
  if (failing.length === 0 || passing.length === 0 || names.length === 0) return undefined;
  const single = names.flatMap((name) => byOneParameter(name, failing, passing) ?? []);
  const simplest = single.filter(isSimple);
  const few = single.filter(({ values }) => values.length === 2);
  const tiers = [
    () => simplest.map((condition) => [condition]),
    () => [...few.map((condition) => [condition]), ...byTwoValues(names, failing, passing)],
    () => single.map((condition) => [condition]),
  ];
  for (const tier of tiers) {
    const explanations = tier();
    if (explanations.length > 0) return { failed: failing.length, passed: passing.length, explanations };
  }
  return { failed: failing.length, passed: passing.length, explanations: [] };
}

function parametersOf(instances: readonly Judged[], verdict: Verdict): readonly ParameterValues[] {
  return instances.filter((one) => one.verdict === verdict).map(({ parameters = {} }) => parameters);
}

/** One value, or all values but one. */
function isSimple({ values, others }: Condition): boolean {
  return values.length === 1 || others.length === 1;
}

function valuesOf(name: string, rows: readonly ParameterValues[]): readonly string[] {
  return [...new Set(rows.map((row) => row[name] ?? ""))].sort();
}

/** The values of a parameter that fail, where no value both fails and passes. */
function byOneParameter(
  name: string,
  failing: readonly ParameterValues[],
  passing: readonly ParameterValues[],
): Condition | undefined {
  const values = valuesOf(name, failing);
  const others = valuesOf(name, passing);
  return values.some((value) => others.includes(value)) ? undefined : { parameter: name, values, others };
}

/** Pairs of values that all failed instances have, and no passed one: they can only be values common to the failed. */
function byTwoValues(
  names: readonly string[],
  failing: readonly ParameterValues[],
  passing: readonly ParameterValues[],
): readonly (readonly Condition[])[] {
  const common = names.flatMap((parameter) => {
    const [value, ...more] = valuesOf(parameter, failing);
    return value === undefined || more.length > 0 ? [] : [{ parameter, values: [value], others: [] }];
  });
  return common.flatMap((first, at) =>
    common
      .slice(at + 1)
      .map((second) => [first, second])
      .filter((pair) => !passing.some((row) => meets(row, pair))),
  );
}

/** True when the instance with these parameters meets all conditions. */
export function meets(row: ParameterValues, conditions: readonly Condition[]): boolean {
  return conditions.every(({ parameter, values }) => values.includes(row[parameter] ?? ""));
}

/**
 * One sentence without its end: "fails only with tls=1.2 (2 of 6 instances)", "fails with every suite but 00a8 (…)", "fails in
 * 3 of 8 instances, and no one or two values explain it".
 */
export function describeMatter({ explanations, failed, passed }: ParametersThatMatter): string {
  const share = `${failed} of ${failed + passed} instances`;
  const [first, ...others] = explanations.slice(0, NAMED).map(conjunction);
  if (first === undefined) return `fails in ${share}, and no one or two values explain it`;
  if (others.length === 0) return `fails ${first} (${share})`;
  const more = explanations.length > NAMED ? ", or …" : "";
  return `fails ${first}, or ${others.join(", or ")}${more} (${share} do not tell which)`;
}

function conjunction(conditions: readonly Condition[]): string {
  const [only] = conditions;
  if (conditions.length === 1 && only !== undefined && only.values.length > 1 && only.others.length === 1)
    return `with every ${only.parameter} but ${only.others.join()}`;
  return `only with ${conditions.map(disjunction).join(" and ")}`;
}

function disjunction({ parameter, values }: Condition): string {
  const more = values.length > NAMED ? ` or ${values.length - NAMED} more` : "";
  return `${parameter}=${values.slice(0, NAMED).join(" or ")}${more}`;
}
