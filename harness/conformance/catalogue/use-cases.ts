/** The seven use cases of OMA-RD-SEC_CF, section 5, in our own words. */

import { deepFreeze } from "./deep-freeze.ts";
import type { UseCase } from "./model.ts";
import { CONNECTING } from "./use-cases/connecting.ts";
import { INITIATING_AND_PROVISIONING } from "./use-cases/initiating-and-provisioning.ts";

export type { UseCase } from "./model.ts";

/** All seven, in the order of the document, deeply frozen. */
export const USE_CASES: readonly UseCase[] = deepFreeze([...CONNECTING, ...INITIATING_AND_PROVISIONING]);

/**
 * The use case with this number.
 * @param number 1 to 7
 * @throws {RangeError} for any other number
 */
export function useCase(number: number): UseCase {
  const found = USE_CASES.find((candidate) => candidate.number === number);
  if (found === undefined) {
    throw new RangeError(`there is no use case ${number}; OMA-RD-SEC_CF has 1 to ${USE_CASES.length}`);
  }
  return found;
}
