/** What the ranks of two samples say of whether they differ. */
export interface RankSum {
  /** The chance that samples of one distribution are as far apart as these, from 0 to 1 (two-sided). */
  readonly p: number;
  /** Middle of each sample. */
  readonly medians: readonly [number, number];
}

/**
 * The test of Mann and Whitney with its normal approximation, corrected for ties and continuity: times are no normal
 * distribution, and a few long ones say nothing. Good from about eight values each.
 * @throws RangeError for an empty sample
 */
export function rankSum(first: readonly number[], second: readonly number[]): RankSum {
  if (first.length === 0 || second.length === 0) throw new RangeError("a sample is empty");
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    const count = to - from;
    // Equal values share the middle of their ranks.
    ranks += (all.slice(from, to).filter(({ isFirst }) => isFirst).length * (from + 1 + to)) / 2;
    ties += count ** 3 - count;
    from = to;
  }
  const [m, n, total] = [first.length, second.length, all.length];
  const u = ranks - (m * (m + 1)) / 2;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  const distance = Math.max(Math.abs(u - (m * n) / 2) - 0.5, 0);
  const z = variance === 0 ? 0 : distance / Math.sqrt(variance);
  return { p: tails(z), medians: [median(first), median(second)] };
}

/** Both tails of the normal distribution beyond z: Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function tails(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((rest, factor) => (rest + factor) * t, 0);
  return Math.min(2 * (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * sum, 1);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}
