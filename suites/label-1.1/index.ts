import type { TestCase } from "../../harness/conformance/case.ts";
import { burdens } from "./burdens.ts";
import { wrongHandshakes } from "./handshakes.ts";

/** RD 6 1.1: whoever has not proven who he is gets nothing. */
export const LABEL_11: readonly TestCase[] = [...wrongHandshakes, ...burdens];
