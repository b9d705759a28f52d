import type { TestCase } from "../../harness/conformance/case.ts";
import { replayedConnections } from "./connections.ts";
import { replayedEarlyData } from "./early-data.ts";
import { replayedRecords } from "./records.ts";
import { replayedResumptions } from "./resumed.ts";

/** RD 6 1.4: a message is not a recording of an earlier one. */
export const LABEL_14: readonly TestCase[] = [
  ...replayedRecords,
  ...replayedConnections,
  ...replayedResumptions,
  ...replayedEarlyData,
];
