import { describe, expect, it } from "vitest";
import type { Check, Verdict } from "../../harness/conformance/vocabulary.ts";
import type { CaseReport, Report } from "../report-model.ts";
import { sampleReport } from "../testing/sample-report.ts";
import { cellOf, matrixSection } from "./matrix.ts";

const PASSED: Check = { requirement: "1.1", level: "must", text: "t", outcome: "passed" };
const FAILED: Check = { requirement: "1.1", level: "must", text: "t", outcome: "failed" };
const BINDING: Check = { clause: "RFC 7616 3.5", level: "must", text: "t", outcome: "failed" };
const FINDING: Check = { requirement: "1.1", level: "should", text: "t", outcome: "failed" };

function instance(verdict: Verdict, ...checks: readonly Check[]): CaseReport {
  return {
    id: "UC1-X-01",
    key: `UC1-X-01[${verdict}]`,
    purpose: "p",
    useCase: 1,
    requirements: ["1.1"],
    clauses: [],
    polarity: "valid",
    verdict,
    durationMs: 1,
    checks,
    evidence: [],
  };
}

function statusOf(...cases: readonly CaseReport[]): string {
  const report: Report = { ...sampleReport(), cases };
  return cellOf(report, "1.1", 1).status;
}

describe("cellOf", () => {
  it.each([
    ["not-met", [instance("fail", FAILED), instance("error"), instance("pass", PASSED)]],
    ["undetermined", [instance("inconclusive"), instance("pass", PASSED)]],
    ["undetermined", [instance("error", PASSED)]],
    ["passed", [instance("not-applicable"), instance("pass", PASSED)]],
    ["passed", [instance("pass", PASSED, FINDING)]],
    ["passed", [instance("fail", PASSED, BINDING)]],
    ["undetermined", [instance("fail", BINDING)]],
    ["not-applicable", [instance("not-applicable")]],
    ["not-covered", []],
  ] as const)("is %s", (status, cases) => {
    expect(statusOf(...cases)).toBe(status);
  });

  it("has the cases of no use case in a column of their own", () => {
    const { useCase: _, ...ofNone } = instance("pass", PASSED);
    const report: Report = { ...sampleReport(), cases: [instance("fail", FAILED), ofNone] };
    expect(cellOf(report, "1.1", undefined)).toEqual({ status: "passed", cases: 1, decidedBy: ofNone });
    expect(String(matrixSection(report))).toContain("Property suites");
    const without: Report = { ...report, cases: [instance("fail", FAILED)] };
    expect(String(matrixSection(without))).not.toContain("Property suites");
  });

  it("looks only at the cases of its use case and label, and leads to the one that decided", () => {
    const other: CaseReport = { ...instance("fail", FAILED), useCase: 2 };
    const failed = instance("fail", FAILED);
    const report: Report = { ...sampleReport(), cases: [other, instance("pass", PASSED), failed] };
    expect(cellOf(report, "1.1", 1)).toEqual({ status: "not-met", cases: 2, decidedBy: failed });
    expect(cellOf(report, "4.1", 1).status).toBe("not-covered");
    expect(cellOf(report, "1.1", 3).status).toBe("not-covered");
  });
});
