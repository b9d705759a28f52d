import { describe, expect, it } from "vitest";
import type { CaseResult, CatalogueEntry, RunHeader } from "../harness/conformance/run-events.ts";
import type { Check } from "../harness/conformance/vocabulary.ts";
import { coverage, withFaults } from "./coverage.ts";

const entry = (id: string, polarity: CatalogueEntry["polarity"]): CatalogueEntry => ({
  id,
  purpose: "p",
  requirements: ["1.4"],
  clauses: [],
  polarity,
  wayIn: "uc1.psk-tls",
});

/** Only what coverage reads. */
const HEADER = {
  waysIn: ["uc1.psk-tls", "uc1.https-digest"],
  catalogue: [entry("A", "replay"), entry("B", "boundary")],
  proven: [{ case: "A", subject: "1.4", text: "nothing acts twice", faults: ["accepts-replay"] }],
} satisfies Partial<RunHeader> as unknown as RunHeader; // The rest of a header says nothing about coverage.

const CHECK: Check = { requirement: "1.4", level: "must", text: "nothing acts twice", outcome: "passed" };

function result(id: string, verdict: CaseResult["verdict"], ...checks: readonly Check[]): CaseResult {
  return { id, key: id, parameters: {}, verdict, durationMs: 1, checks, evidence: [] };
}

function replay(...results: readonly CaseResult[]): string | undefined {
  return coverage("1.4", HEADER, results).find(
    ({ polarity, wayIn }) => polarity === "replay" && wayIn === "uc1.psk-tls",
  )?.outcome;
}

describe("coverage of a label", () => {
  it("has all that the catalogue demands, then what cases ask beyond it, with the cases that ask", () => {
    expect(coverage("1.4", HEADER, [])).toEqual([
      { polarity: "boundary", wayIn: "uc1.psk-tls", required: false, outcome: "not-judged", cases: ["B"] },
      { polarity: "replay", wayIn: "uc1.psk-tls", required: true, outcome: "not-judged", cases: ["A"] },
      { polarity: "replay", wayIn: "uc1.https-digest", required: true, outcome: "not-judged", cases: [] },
    ]);
  });

  it.each([
    ["proven", [result("A", "pass", CHECK)]],
    ["unproven", [result("A", "pass", { ...CHECK, text: "another check" })]],
    ["failed", [result("A", "pass", CHECK), result("A", "fail", { ...CHECK, outcome: "failed" })]],
    ["open", [result("A", "pass", CHECK), result("A", "inconclusive")]],
    ["not-judged", [result("A", "not-applicable")]],
    ["not-judged", [result("A", "pass", { ...CHECK, level: "should" })]],
  ] as const)("is %s", (outcome, results) => {
    expect(replay(...results)).toBe(outcome);
  });
});

it("names the faults of a must check by case, subject and text", () => {
  const checks = withFaults(HEADER, result("A", "pass", CHECK, { ...CHECK, requirement: "1.1" }));
  expect(checks).toEqual([
    { ...CHECK, provenBy: ["accepts-replay"] },
    { ...CHECK, requirement: "1.1" },
  ]);
  expect(withFaults(HEADER, result("B", "pass", CHECK))).toEqual([CHECK]);
});
