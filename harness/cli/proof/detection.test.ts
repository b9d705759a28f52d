import { describe, expect, it } from "vitest";
import { labelCheck, result } from "../../conformance/testing/records.ts";
import type { Check } from "../../conformance/vocabulary.ts";
import { detect, merged, provenChecks, unprovenChecks } from "./detection.ts";

const fault = (id: string, requirements: readonly string[], clauses: readonly string[] = []) => ({
  id,
  title: "something is wrong",
  requirements,
  clauses,
  change: () => ({}),
});

const hint = (outcome: "passed" | "failed"): Check => ({
  clause: "TS 24.109 F.3",
  level: "must",
  text: "a hint is sent",
  outcome,
});
const passes = (...checks: readonly Check[]) => [result("A", "pass", { checks })];
const fails = (...checks: readonly Check[]) => [result("A", "fail", { checks })];

const PASSED = labelCheck("1.1", "passed");
const FAILED = labelCheck("1.1", "failed");

describe("detect", () => {
  it("is a must check of the fault's label that passed without it and failed with it", () => {
    expect(detect(fault("f", ["1.1"]), passes(PASSED), fails(FAILED))).toMatchObject({
      detected: true,
      detections: [{ case: "A", key: "A", subject: "1.1", text: "holds for 1.1" }],
      unexpected: [],
      missing: [],
    });
  });

  it.each(["inconclusive", "error"] as const)("is none by a case that ended %s", (verdict) => {
    const crashed = [result("A", verdict, { checks: [FAILED] })];
    expect(detect(fault("f", ["1.1"]), passes(PASSED), crashed)).toMatchObject({
      detected: false,
      detections: [],
      missing: ["1.1"],
    });
  });

  it("is none when the check is not reached any more", () => {
    expect(detect(fault("f", ["1.1"]), passes(PASSED), passes()).detected).toBe(false);
    expect(detect(fault("f", ["1.1"]), passes(PASSED), []).detected).toBe(false);
  });

  it.each([
    ["failed there too", fails(FAILED)],
    ["was not run there", []],
    ["was inconclusive there", [result("A", "inconclusive", { checks: [PASSED] })]],
    ["was another instance", [result("A", "pass", { key: "A[tls=1.3]", checks: [PASSED] })]],
    ["said something else there", passes(labelCheck("1.1", "passed", "must", "another text"))],
  ])("is none when what failed with the fault %s without it", (_, without) => {
    expect(detect(fault("f", ["1.1"]), without, fails(FAILED)).detected).toBe(false);
  });

  it("is none by a should", () => {
    const should = (outcome: "passed" | "failed") => labelCheck("1.1", outcome, "should");
    const outcome = detect(
      fault("f", ["1.1"]),
      passes(PASSED, should("passed")),
      passes(PASSED, should("failed")),
    );
    expect(outcome).toMatchObject({ detected: false, unexpected: [] });
  });

  it("needs every label and clause that the fault names", () => {
    const named = fault("f", ["1.1", "5.1"], ["TS 24.109 F.3"]);
    const without = passes(PASSED, labelCheck("5.1", "passed"), hint("passed"));
    const some = detect(named, without, fails(FAILED, hint("failed")));
    expect(some).toMatchObject({ detected: false, missing: ["5.1"] });
    const all = detect(named, without, fails(FAILED, labelCheck("5.1", "failed"), hint("failed")));
    expect(all).toMatchObject({ detected: true, missing: [] });
  });

  it("is never complete for a fault that names nothing", () => {
    expect(detect(fault("f", []), passes(PASSED), fails(FAILED)).detected).toBe(false);
  });

  it("lists what failed beyond the labels and clauses named, once for each case", () => {
    const without = passes(PASSED, labelCheck("5.1", "passed"), hint("passed"));
    const withFault = ["A[tls=1.2]", "A[tls=1.3]"].map((key) =>
      result("A", "fail", { key, checks: [labelCheck("5.1", "failed"), hint("failed")] }),
    );
    const { unexpected } = detect(fault("f", ["1.1"]), without, [...withFault, ...fails(FAILED)]);
    expect(unexpected).toEqual(["5.1 in A", "TS 24.109 F.3 in A"]);
  });
});

describe("merged", () => {
  const without = passes(PASSED, labelCheck("5.1", "passed"));
  const named = fault("f", ["1.1", "5.1"]);
  it("is detected when the profiles together show what the fault names", () => {
    const one = detect(named, without, fails(FAILED));
    const other = detect(named, without, fails(labelCheck("5.1", "failed")));
    expect(merged([one, other])).toMatchObject({ detected: true, missing: [], detections: [{}, {}] });
    expect(merged([one, one])).toMatchObject({ detected: false, missing: ["5.1"] });
  });

  it("keeps what any profile shows beyond it", () => {
    const strange = detect(fault("f", ["1.1"]), without, fails(FAILED, labelCheck("5.1", "failed")));
    expect(merged([detect(fault("f", ["1.1"]), without, fails(FAILED)), strange]).unexpected).toEqual([
      "5.1 in A",
    ]);
    expect(() => merged([])).toThrow("no profile");
  });
});

describe("provenChecks and unprovenChecks", () => {
  const without = passes(PASSED, labelCheck("5.1", "passed"), labelCheck("S2", "passed", "should"));
  const outcomes = [
    detect(fault("b", ["1.1"]), without, fails(FAILED)),
    detect(fault("a", ["1.1"]), without, fails(FAILED)),
  ];

  it("name each proven check once, with all its faults in order", () => {
    expect(provenChecks(outcomes)).toEqual([
      { case: "A", subject: "1.1", text: "holds for 1.1", faults: ["a", "b"] },
    ]);
  });

  it("name the must checks that no fault makes fail", () => {
    expect(unprovenChecks(outcomes, without)).toEqual(["A 5.1: holds for 5.1"]);
  });
});
