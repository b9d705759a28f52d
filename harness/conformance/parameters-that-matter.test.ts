import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ParameterValues } from "./parameters.ts";
import { describeMatter, meets, parametersThatMatter } from "./parameters-that-matter.ts";

const VALUES = {
  algorithm: ["MD5", "SHA-256", "SHA-512-256"],
  qop: ["auth", "auth-int"],
  tls: ["1.0", "1.2", "1.3"],
} as const;

/** Every combination of the values. */
function everyCombination(): readonly ParameterValues[] {
  return VALUES.algorithm.flatMap((algorithm) =>
    VALUES.qop.flatMap((qop) => VALUES.tls.map((tls) => ({ algorithm, qop, tls }))),
  );
}

/** Verdicts of instances that fail when `fails` says so. */
function judged(rows: readonly ParameterValues[], fails: (row: ParameterValues) => boolean) {
  return rows.map((parameters) => ({ parameters, verdict: fails(parameters) ? "fail" : "pass" }) as const);
}

/** What is said of the instances. */
function said(
  rows: readonly ParameterValues[],
  fails: (row: ParameterValues) => boolean,
): string | undefined {
  const found = parametersThatMatter(judged(rows, fails));
  return found === undefined ? undefined : describeMatter(found);
}

describe("the parameter values that matter", () => {
  const rows = everyCombination();

  test.each<[string, (row: ParameterValues) => boolean]>([
    ["fails only with tls=1.3 (6 of 18 instances)", ({ tls }) => tls === "1.3"],
    ["fails with every tls but 1.3 (12 of 18 instances)", ({ tls }) => tls !== "1.3"],
    [
      "fails only with algorithm=MD5 and tls=1.3 (2 of 18 instances)",
      ({ tls, algorithm }) => tls === "1.3" && algorithm === "MD5",
    ],
    [
      "fails in 10 of 18 instances, and no one or two values explain it",
      ({ tls, algorithm }) => tls === "1.3" || algorithm === "MD5",
    ],
    [
      "fails in 1 of 18 instances, and no one or two values explain it",
      ({ tls, algorithm, qop }) => tls === "1.3" && algorithm === "MD5" && qop === "auth",
    ],
  ])("%s", (sentence, fails) => {
    expect(said(rows, fails)).toBe(sentence);
  });

  test("several values of one parameter", () => {
    const suites = ["00a8", "00a9", "00ae", "008c"].map((suite) => ({ suite }));
    expect(said(suites, ({ suite }) => suite === "00a8" || suite === "00ae")).toBe(
      "fails only with suite=00a8 or 00ae (2 of 4 instances)",
    );
  });

  test("what always comes together is not told apart", () => {
    const links = [
      { suite: "1301", tls: "1.3" },
      { suite: "00a8", tls: "1.2" },
      { suite: "00a9", tls: "1.2" },
    ];
    expect(said(links, ({ tls }) => tls === "1.3")).toBe(
      "fails only with suite=1301, or only with tls=1.3 (1 of 3 instances do not tell which)",
    );
  });

  test("nothing is said where all or none failed, or nothing varies", () => {
    expect(said(rows, () => true)).toBeUndefined();
    expect(said(rows, () => false)).toBeUndefined();
    expect(parametersThatMatter([{ verdict: "fail" }, { verdict: "pass" }])).toBeUndefined();
  });

  test("instances that were not judged say nothing", () => {
    const open = rows.map((parameters) => ({ parameters, verdict: "inconclusive" }) as const);
    const found = parametersThatMatter([...open, ...judged(rows, ({ qop }) => qop === "auth")]);
    expect(found).toMatchObject({ failed: 9, passed: 9 });
    expect(found?.explanations).toMatchObject([[{ parameter: "qop", values: ["auth"] }]]);
  });
});

const NAMES = ["a", "b", "c", "d"] as const;
const value = fc.constantFrom("0", "1", "2");
const row = fc.record({ a: value, b: value, c: value, d: value });
const table = fc.uniqueArray(row, { minLength: 2, maxLength: 40, selector: (one) => JSON.stringify(one) });
const condition = fc.record({ parameter: fc.constantFrom(...NAMES), value });

describe("of any instances", () => {
  test("every explanation separates those that failed from those that passed", () => {
    fc.assert(
      fc.property(table, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (rows, outcomes) => {
        const instances = rows.map(
          (parameters, at) => ({ parameters, verdict: outcomes[at] === true ? "fail" : "pass" }) as const,
        );
        for (const conditions of parametersThatMatter(instances)?.explanations ?? []) {
          for (const { parameters, verdict } of instances) {
            expect(meets(parameters, conditions)).toBe(verdict === "fail");
          }
        }
      }),
    );
  });

  test("a planted value is found", () => {
    fc.assert(
      fc.property(table, condition, (rows, planted) => {
        const found = parametersThatMatter(judged(rows, (one) => one[planted.parameter] === planted.value));
        if (found === undefined) return;
        expect(found.explanations.map(([first]) => first)).toContainEqual(
          expect.objectContaining({ parameter: planted.parameter, values: [planted.value] }),
        );
        expect(found.explanations.every((conditions) => conditions.length === 1)).toBe(true);
      }),
    );
  });

  test("a planted pair is found, unless something simpler explains the same", () => {
    const pairs = fc.tuple(condition, condition).filter(([one, two]) => one.parameter < two.parameter);
    fc.assert(
      fc.property(table, pairs, (rows, planted) => {
        const fails = (one: ParameterValues) => planted.every((part) => one[part.parameter] === part.value);
        const found = parametersThatMatter(judged(rows, fails));
        if (found === undefined) return;
        expect(found.explanations.length).toBeGreaterThan(0);
        const simpler = found.explanations.every((conditions) => conditions.length === 1);
        const names = found.explanations.map((conditions) =>
          conditions.map(({ parameter }) => parameter).join(),
        );
        if (!simpler) expect(names).toContain(planted.map(({ parameter }) => parameter).join());
      }),
    );
  });
});
