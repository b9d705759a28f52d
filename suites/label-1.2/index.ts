import type { TestCase } from "../../harness/conformance/case.ts";
import { wrongKeyHanded } from "./wrong-key.ts";

/** RD 6 1.2: who has not proven that he is the enabler is not taken for it. */
export const LABEL_12: readonly TestCase[] = [...wrongKeyHanded];
