import type { TestCase } from "../../harness/conformance/case.ts";
import { alteredRecord } from "./altered.ts";
import { carriedData } from "./carried.ts";
import { cutMessages } from "./cut.ts";
import { changedAnswers } from "./on-zn.ts";
import { rearrangedRecords } from "./rearranged.ts";

/** RD 6 3.1: data that was changed on its way is recognised as changed. */
export const LABEL_31: readonly TestCase[] = [
  ...carriedData,
  ...alteredRecord,
  ...rearrangedRecords,
  ...cutMessages,
  ...changedAnswers,
];
