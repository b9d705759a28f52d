import { expect, it } from "vitest";
import type { CaseResult, RunHeader } from "../harness/conformance/run-events.ts";
import { buildReport } from "./build-report.ts";
import { renderHtml } from "./html/index.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Report } from "./report-model.ts";
import { sampleReport } from "./testing/sample-report.ts";
import { validateReport } from "./validate-report.ts";

/** The failed case of the sample, with instances of which those with TLS 1.3 failed. */
function partlyFailed(): Report {
  const report = sampleReport();
  const failed = report.cases.find(({ id }) => id === "UC1-PSK-BI-03");
  if (failed === undefined) throw new Error("the sample has no failed case");
  const cases = ["1.2", "1.3"].flatMap((tls) =>
    ["MD5", "SHA-256"].map((algorithm) => ({
      ...failed,
      key: `${failed.id}[algorithm=${algorithm},tls=${tls}]`,
      parameters: { algorithm, tls },
      ...(tls === "1.3" ? {} : { verdict: "pass" as const, checks: [] }),
    })),
  );
  return { ...report, cases };
}

const SENTENCE = "fails only with tls=1.3 (2 of 4 instances)";

it("report.html and summary.md say with which values a case fails", () => {
  const report = partlyFailed();
  expect(renderHtml(report, () => undefined)).toContain(`It ${SENTENCE}.`);
  expect(renderMarkdown(report).replaceAll("\\", "")).toContain(`  - ${SENTENCE}`);
});

it("they say nothing where every instance failed", () => {
  const report = partlyFailed();
  const cases = report.cases.filter(({ verdict }) => verdict === "fail");
  expect(renderHtml({ ...report, cases }, () => undefined)).not.toContain("fails only");
  expect(renderMarkdown({ ...report, cases })).not.toContain("fails only");
});

it("report.json has them for programs, by its schema", () => {
  const { suite, system, profile, run, cases } = partlyFailed();
  const { purpose, requirements, clauses, polarity } = cases[0] ?? {};
  const results = cases.map(({ id, key, parameters = {}, verdict, checks }): CaseResult => {
    return { id, key, parameters, verdict, durationMs: 1, checks, evidence: [] };
  });
  const { name: _, ...rest } = suite;
  const header = {
    ...{ ...run, suite: rest, system, profile, waysIn: ["uc1.psk-tls"], declarations: {}, proven: [] },
    catalogue: [{ id: "UC1-PSK-BI-03", purpose, requirements, clauses, polarity, wayIn: "uc1.psk-tls" }],
    selected: cases.map(({ key }) => key),
  } as RunHeader; // What the sample report holds of its case is defined.
  const report = buildReport({ header, results, sanity: [], durationMs: 1 });
  expect(report.parametersThatMatter).toEqual([
    { case: "UC1-PSK-BI-03", failed: 2, passed: 2, explanations: [{ tls: ["1.3"] }], text: SENTENCE },
  ]);
  expect(validateReport(JSON.parse(JSON.stringify(report)))).toMatchObject({ ok: true });
});
