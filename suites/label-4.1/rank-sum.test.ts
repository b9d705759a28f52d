import { describe, expect, it } from "vitest";
import { rankSum } from "./rank-sum.ts";

describe("rankSum", () => {
  // Values of scipy.stats.mannwhitneyu(x, y, method="asymptotic"); the first samples are those of the manual of R,
  // ?wilcox.test (Hollander and Wolfe 1973, page 69 f.).
  it.each([
    [
      [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
      [1.15, 0.88, 0.9, 0.74, 1.21],
      0.24462360512698333,
    ],
    [[3, 5, 5, 9, 12, 2, 7, 8], [4, 5, 6, 14, 15, 8, 11, 20], 0.17058693287144144],
  ])("gives what scipy gives: %s, %s", (x, y, p) => {
    expect(rankSum(x, y).p).toBeCloseTo(p, 6);
    expect(rankSum(y, x).p).toBeCloseTo(p, 6);
  });

  it("sees no difference in equal samples, and one in samples that do not overlap", () => {
    const values = Array.from({ length: 20 }, (_, index) => index);
    expect(rankSum(values, values).p).toBeGreaterThan(0.9);
    expect(rankSum([1, 1, 1], [1, 1, 1]).p).toBeGreaterThan(0.9);
    const apart = rankSum(
      values,
      values.map((value) => value + 100),
    );
    expect(apart.p).toBeLessThan(1e-6);
    expect(apart.medians).toEqual([9.5, 109.5]);
  });

  it("asks for values", () => {
    expect(() => rankSum([], [1])).toThrow(RangeError);
  });
});
