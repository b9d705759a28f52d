/** What the tests of the catalogue ask of it and nobody else does. */

import type { WayIn } from "../vocabulary.ts";

/** Number of the use case to which a way in belongs, from its name: `uc4.psk-tls` gives 4, `server-only` none. */
export function useCaseOf(wayIn: WayIn): number | undefined {
  if (wayIn === "server-only") return undefined;
  return Number(wayIn.slice("uc".length, wayIn.indexOf(".")));
}

export function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
