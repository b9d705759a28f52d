import type { TestCase } from "../../harness/conformance/case.ts";
import { attributedData } from "./attributed.ts";
import { forgedRecords, reflectedRecord } from "./forged.ts";

/** RD 6 1.3: a message is from the party it is attributed to. */
export const LABEL_13: readonly TestCase[] = [...attributedData, ...forgedRecords, ...reflectedRecord];
