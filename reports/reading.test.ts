import { describe, expect, it } from "vitest";
import {
  familiesByUrgency,
  findCase,
  findings,
  gapSentence,
  headline,
  isFlaky,
  judges,
  labelsWithoutCase,
} from "./reading.ts";
import type { Report } from "./report-model.ts";
import { sampleReport } from "./testing/sample-report.ts";

const NO_VERDICTS = { pass: 0, fail: 0, inconclusive: 0, error: 0, notApplicable: 0 };

function withVerdicts(report: Report, verdicts: Partial<Report["summary"]["verdicts"]>): Report {
  return { ...report, summary: { ...report.summary, verdicts: { ...NO_VERDICTS, ...verdicts } } };
}

describe("headline", () => {
  it("says conformant only when the summary does", () => {
    expect(headline(sampleReport({ conformant: true })).kind).toBe("conformant");
  });

  it("names the labels that are not met", () => {
    const { title, meaning } = headline(sampleReport());
    expect(title).toBe("Not conformant");
    expect(meaning).toContain("2 instances failed, and label 1.1 is not met");
  });

  it("says when only bindings failed", () => {
    const report = sampleReport();
    const requirements = report.requirements.map((entry) => ({ ...entry, status: "met" as const }));
    expect(headline({ ...report, requirements }).meaning).toContain("no label is not met");
  });

  it("says what left a full run undetermined", () => {
    const report = withVerdicts(sampleReport({ conformant: null }), { inconclusive: 2, error: 1 });
    const { kind, meaning } = headline({ ...report, run: { ...report.run, interrupted: "SIGINT" } });
    expect(kind).toBe("undetermined");
    expect(meaning).toContain("2 instances stayed inconclusive");
    expect(meaning).toContain("1 instance ended in an error of the test system");
    expect(meaning).toContain("the run ended before all cases were done");
    expect(meaning).toContain("a sanity check of the system failed");
  });

  it("makes no statement about conformity for a partial run, and still counts its failures", () => {
    const report = withVerdicts(sampleReport({ conformant: null, scope: "partial" }), { pass: 3, fail: 1 });
    const { kind, meaning } = headline(report);
    expect(kind).toBe("partial");
    expect(meaning).toContain("Of their instances, 3 passed and 1 failed");
  });

  it("counts the instances of a run with a fault, not its cases", () => {
    const report = withVerdicts(sampleReport({ conformant: null }), { pass: 3, fail: 1, notApplicable: 2 });
    const { meaning } = headline({ ...report, run: { ...report.run, fault: "psk-ignores-expiry" } });
    expect(meaning).toContain("Of its instances, 3 passed, 1 failed and 2 did not apply");
  });
});

it("counts labels without a case by status, and never a label whose cases were only not selected", () => {
  const report = sampleReport();
  expect(labelsWithoutCase(report)).toEqual([
    "1.2b",
    "1.3",
    "1.5",
    "1.6",
    "1.7",
    "S2",
    "S3",
    "A1",
    "A2",
    "U1",
  ]);
  expect(gapSentence(report)).toContain("For 10 of the 19 labels");
  const selected = report.requirements.map((entry) => ({ ...entry, cases: ["UC1-PSK-EST-01"] }));
  expect(gapSentence({ ...report, requirements: selected })).toContain("cases for all 19 labels");
});

it("says that a run with a fault is one, and not that cases were left out", () => {
  const report = sampleReport({ conformant: null, scope: "partial" });
  const { title, meaning } = headline({ ...report, run: { ...report.run, fault: "accepts-replay" } });
  expect(title).toBe("Run with a fault");
  expect(meaning).not.toContain("selected");
});

it("orders cases: fail, inconclusive, error, pass, not-applicable", () => {
  const groups = familiesByUrgency(sampleReport()).map((group) => group.verdict);
  expect(groups).toEqual(["fail", "inconclusive", "error", "pass", "not-applicable"]);
});

it("puts instances under their case, the worst first, and gives the case its verdict", () => {
  const report = sampleReport();
  const cases = report.cases.map((entry) =>
    entry.key === "UC1-PSK-EST-01[tls=1.3,suite=1301]" ? { ...entry, verdict: "fail" as const } : entry,
  );
  const family = familiesByUrgency({ ...report, cases })[0]?.families.find(
    ({ id }) => id === "UC1-PSK-EST-01",
  );
  expect(family?.verdict).toBe("fail");
  expect(family?.instances.map(({ verdict }) => verdict)).toEqual(["fail", ...Array(5).fill("pass")]);
});

it("takes a failed should for a finding, and no other check", () => {
  expect(findings(sampleReport()).map(({ check }) => check.text)).toEqual(["the challenge offers auth-int"]);
});

it("calls a case flaky only when its attempts differ", () => {
  expect(
    sampleReport()
      .cases.filter(isFlaky)
      .map((entry) => entry.id),
  ).toEqual(["UC1-DIG-QOP-01"]);
});

it("finds a case by key, else the worst instance of an id", () => {
  const report = sampleReport();
  expect(findCase(report, "UC1-PSK-EST-01[tls=1.3,suite=00ae]")?.key).toBe(
    "UC1-PSK-EST-01[tls=1.3,suite=00ae]",
  );
  const worse = report.cases.map((entry) =>
    entry.key === "UC1-PSK-EST-01[tls=1.3,suite=1301]" ? { ...entry, verdict: "fail" as const } : entry,
  );
  expect(findCase({ ...report, cases: worse }, "UC1-PSK-EST-01")?.verdict).toBe("fail");
  expect(findCase(report, "no such case")).toBeUndefined();
});

it("lets a case judge a label by declaration or by a must check, not by a should", () => {
  const base = sampleReport().cases.find(({ id }) => id === "UC1-DIG-QOP-01");
  if (base === undefined) throw new Error("the sample lost its case UC1-DIG-QOP-01");
  expect(judges({ ...base, requirements: [] }, "3.1")).toBe(true);
  expect(judges({ ...base, requirements: [], checks: base.checks.slice(1) }, "3.1")).toBe(false);
});
