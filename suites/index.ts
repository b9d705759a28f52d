import type { TestCase } from "../harness/conformance/case.ts";
import { LABEL_11 } from "./label-1.1/index.ts";
import { LABEL_12 } from "./label-1.2/index.ts";
import { LABEL_13 } from "./label-1.3/index.ts";
import { LABEL_14 } from "./label-1.4/index.ts";
import { LABEL_31 } from "./label-3.1/index.ts";
import { LABEL_41 } from "./label-4.1/index.ts";
import { LABEL_51 } from "./label-5.1/index.ts";
import { USE_CASE_1 } from "./use-case-1/index.ts";

/** Every case of this version of the suite, by id. */
export const CASES: ReadonlyMap<string, TestCase> = byId([
  ...USE_CASE_1,
  ...LABEL_11,
  ...LABEL_12,
  ...LABEL_13,
  ...LABEL_14,
  ...LABEL_31,
  ...LABEL_41,
  ...LABEL_51,
]);

function byId(cases: readonly TestCase[]): ReadonlyMap<string, TestCase> {
  const map = new Map<string, TestCase>();
  for (const one of [...cases].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (map.has(one.id)) throw new Error(`two cases have the id ${one.id}`);
    map.set(one.id, one);
  }
  return map;
}
