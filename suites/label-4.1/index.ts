import type { TestCase } from "../../harness/conformance/case.ts";
import { canaries } from "./canaries.ts";
import { canariesOnZn } from "./on-zn.ts";
import { paddingAnswers } from "./padding.ts";
import { nothingInClear } from "./unprotected.ts";

/** RD 6 4.1: nobody who is not entitled to it learns what is transmitted. */
export const LABEL_41: readonly TestCase[] = [
  ...canaries,
  ...paddingAnswers,
  ...nothingInClear,
  ...canariesOnZn,
];
