import { describe, expect, it } from "vitest";
import { expand, type ParameterValues } from "../../harness/conformance/parameters.ts";
import { referenceProfile } from "../../harness/conformance/testing/reference-profile.ts";
import { CASES } from "../index.ts";

const { ics } = referenceProfile({});
/** Of the property suites, those of which more than one thing varies. */
const VARIED = [...CASES.values()].filter(
  ({ id, parameters, variants = {} }) =>
    id.startsWith("L") && parameters.length > 0 && Object.keys(variants).length > 0,
);

/** TLS version and suite are one, since not every version has every suite. */
function factorsIn({ tls, suite, ...others }: ParameterValues): readonly string[] {
  const named = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return [`link=${tls}/${suite}`, ...named];
}

/** Every choice of `count` values that occurs in one of the instances. */
function choices(rows: readonly ParameterValues[], count: number): ReadonlySet<string> {
  const pick = (from: readonly string[], left: number): readonly (readonly string[])[] =>
    left === 0
      ? [[]]
      : from.flatMap((value, at) => pick(from.slice(at + 1), left - 1).map((more) => [value, ...more]));
  return new Set(rows.flatMap((row) => pick(factorsIn(row), count).map((values) => values.join(" "))));
}

describe("--strength in the property suites", () => {
  const factors = (one: (typeof VARIED)[number]) => 1 + Object.keys(one.variants ?? {}).length;
  const rowsAt = (one: (typeof VARIED)[number], strength: number) =>
    expand(one, ics, strength, 1).map(({ parameters }) => parameters);

  it("has cases to try it with", () => {
    expect(VARIED.length).toBeGreaterThan(5);
  });

  it.each(VARIED.map((one) => [one.id, one] as const))(
    "%s: 1 covers each value, 2 each pair, 3 each three",
    (_, one) => {
      // As strong as there are factors is every combination.
      const all = rowsAt(one, factors(one));
      for (const strength of [1, 2, 3].filter((number) => number <= factors(one))) {
        expect(choices(rowsAt(one, strength), strength)).toEqual(choices(all, strength));
      }
      expect(rowsAt(one, 1).length).toBeLessThanOrEqual(rowsAt(one, 2).length);
      expect(rowsAt(one, 9)).toEqual(all);
    },
  );
});
