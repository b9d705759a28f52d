import { expect, it } from "vitest";
import type { Plan } from "../conformance/plan.ts";
import type { CaseResult } from "../conformance/run-events.ts";
import { descriptor } from "../conformance/testing/reference-profile.ts";
import { Progress } from "./progress.ts";

const CASE = descriptor({ id: "UC1-PSK-BI-90", parameters: ["tls"] });

/** What a person reads when the case ends with these verdicts, by TLS version. */
function told(verdicts: Readonly<Record<string, CaseResult["verdict"]>>): string {
  const instances = Object.keys(verdicts).map((tls) => ({
    case: CASE,
    parameters: { tls },
    key: `${CASE.id}[tls=${tls}]`,
  }));
  const plan: Plan = { instances, skipped: [], scope: "full" };
  const lines: string[] = [];
  const progress = new Progress(plan, new Map([[CASE.id, CASE.purpose]]), (line) => lines.push(line));
  for (const { parameters, key } of instances) {
    const verdict = verdicts[parameters.tls] ?? "error";
    const result = { id: CASE.id, key, parameters, verdict, durationMs: 1, checks: [], evidence: [] };
    progress.take({ type: "case-end", result });
  }
  return lines.join("\n");
}

it("a case that fails with some values says with which", () => {
  expect(told({ "1.1": "pass", "1.2": "fail", "1.3": "pass" })).toContain(
    "fails only with tls=1.2 (1 of 3 instances)",
  );
});

it("a case that fails with all of them, or passes, does not", () => {
  expect(told({ "1.2": "fail", "1.3": "fail" })).not.toContain("fails only");
  expect(told({ "1.2": "pass", "1.3": "pass" })).not.toContain("fails");
});
