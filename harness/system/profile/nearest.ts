const MOST_EDITS = 3;

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const replaced = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const swapped =
        from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? (beforeLast[column - 2] ?? Number.POSITIVE_INFINITY) + 1
          : Number.POSITIVE_INFINITY;
      current[column] = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced, swapped);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/**
 * The allowed word that the given one was most likely meant to be, without regard to case; undefined when
 * none is near: three edits at most, and fewer than half of the letters.
 */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of allowed) {
    if (Math.abs(name.length - word.length) > MOST_EDITS) continue;
    const edits = editDistance(word.toLowerCase(), name.toLowerCase());
    const near = edits <= MOST_EDITS && edits * 2 < Math.max(2, name.length);
    if (near && (best === undefined || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
}
