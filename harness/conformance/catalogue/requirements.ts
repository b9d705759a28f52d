/** The requirement catalogue: the 19 labels of OMA-RD-SEC_CF, section 6, in our own words. */

import type { Label } from "../vocabulary.ts";
import { deepFreeze } from "./deep-freeze.ts";
import type { Requirement } from "./model.ts";
import { AUTHENTICATION } from "./requirements/authentication.ts";
import { OPERATION } from "./requirements/operation.ts";
import { PROTECTION } from "./requirements/protection.ts";

export type { Requirement } from "./model.ts";

/** All 19, in the order of the document, deeply frozen. */
export const REQUIREMENTS: readonly Requirement[] = deepFreeze([
  ...AUTHENTICATION,
  ...PROTECTION,
  ...OPERATION,
]);

const BY_LABEL: ReadonlyMap<string, Requirement> = new Map(REQUIREMENTS.map((entry) => [entry.label, entry]));

/**
 * The entry of one label.
 * @throws {RangeError} when the text is no label, which only a caller outside the type system can bring about
 */
export function requirement(label: Label): Requirement {
  const entry = BY_LABEL.get(label);
  if (entry === undefined) {
    throw new RangeError(`"${label}" is no requirement label; use one of ${[...BY_LABEL.keys()].join(", ")}`);
  }
  return entry;
}
