/**
 * Freezes a value and everything that it holds, and returns it.
 * For trees of plain data only: a cycle would never end.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
