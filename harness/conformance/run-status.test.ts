import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { USE_CASES } from "./catalogue/use-cases.ts";
import { labelStatuses } from "./label-status.ts";
import type { CaseResult, RunHeader } from "./run-events.ts";
import { conformant, exitCode, useCaseStatuses } from "./run-status.ts";
import type { SanityRecord } from "./sanity.ts";
import { entry, header, labelCheck, result } from "./testing/records.ts";
import type { Verdict } from "./vocabulary.ts";

const OK: SanityRecord = { when: "first", wayIn: "uc1.psk-tls", ok: true };
const DEAD: SanityRecord = { when: "last", wayIn: "uc1.psk-tls", ok: false, detail: "connection refused" };

/** A result whose checks are those with which a case gets this verdict. */
function consistent(id: string, verdict: Verdict): CaseResult {
  const outcome = verdict === "pass" ? "passed" : "failed";
  const judged = verdict === "pass" || verdict === "fail";
  return result(id, verdict, { checks: judged ? [labelCheck("1.2", outcome)] : [] });
}

function judgement(
  head: RunHeader,
  results: readonly CaseResult[],
  sanity: readonly SanityRecord[] = [OK],
  interrupted = false,
) {
  return {
    conformant: conformant(head, results, labelStatuses(head, results), sanity, interrupted),
    exit: exitCode(results, sanity, interrupted),
  };
}

const CATALOGUE = ["A", "B", "C"].map((id) => entry(id));
const FULL = header({ catalogue: CATALOGUE });
const all = (...verdicts: readonly Verdict[]) =>
  verdicts.map((verdict, i) => consistent(CATALOGUE[i]?.id ?? "A", verdict));

describe("exit code and conformant", () => {
  it.each<[string, readonly Verdict[], boolean | null, number]>([
    ["all passed", ["pass", "pass", "pass"], true, 0],
    ["what does not apply does not count", ["pass", "not-applicable", "pass"], true, 0],
    ["one failed", ["pass", "fail", "pass"], false, 1],
    ["one inconclusive", ["pass", "inconclusive", "pass"], null, 2],
    ["one error", ["pass", "error", "pass"], null, 2],
    ["1 beats 2", ["fail", "error", "inconclusive"], false, 1],
    ["nothing applies", ["not-applicable", "not-applicable", "not-applicable"], null, 2],
    ["nothing was run", [], null, 2],
  ])("%s", (_, verdicts, expected, exit) => {
    expect(judgement(FULL, all(...verdicts))).toEqual({ conformant: expected, exit });
  });

  it("a failed sanity leaves it undetermined, and a failed case still counts", () => {
    expect(judgement(FULL, all("pass", "pass", "pass"), [OK, DEAD])).toEqual({ conformant: null, exit: 2 });
    expect(judgement(FULL, all("pass", "fail", "pass"), [DEAD])).toEqual({ conformant: false, exit: 1 });
  });

  it("an interrupted run is undetermined, and a failed case still counts", () => {
    expect(judgement(FULL, all("pass", "pass"), [OK], true)).toEqual({ conformant: null, exit: 2 });
    expect(judgement(FULL, all("pass", "fail"), [OK], true)).toEqual({ conformant: false, exit: 1 });
  });

  it.each<[readonly Verdict[], number]>([
    [["pass", "pass", "pass"], 0],
    [["pass", "fail", "pass"], 1],
    [["pass", "error", "pass"], 2],
  ])("a partial run says nothing about conformity: %s", (verdicts, exit) => {
    const partial = header({ catalogue: CATALOGUE, scope: "partial" });
    expect(judgement(partial, all(...verdicts))).toEqual({ conformant: null, exit });
  });

  it("a label for which the suite has no case changes neither", () => {
    const statuses = labelStatuses(FULL, all("pass", "pass", "pass"));
    expect(statuses.filter(({ status }) => status === "not-covered").length).toBeGreaterThan(10);
    expect(judgement(FULL, all("pass", "pass", "pass"))).toEqual({ conformant: true, exit: 0 });
  });

  it("say the same about every full run", () => {
    const verdict = fc.constantFrom<Verdict[]>("pass", "fail", "inconclusive", "error", "not-applicable");
    const runs = fc.record({
      verdicts: fc.array(verdict, { minLength: 3, maxLength: 3 }),
      sanity: fc.array(fc.constantFrom(OK, OK, OK, DEAD), { maxLength: 3 }),
      interrupted: fc.constantFrom(false, false, true),
    });
    const same = new Map<number, boolean | null>([
      [0, true],
      [1, false],
      [2, null],
    ]);
    fc.assert(
      fc.property(runs, ({ verdicts, sanity, interrupted }) => {
        const { conformant: said, exit } = judgement(FULL, all(...verdicts), sanity, interrupted);
        expect(said).toBe(same.get(exit));
      }),
    );
  });
});

describe("useCaseStatuses", () => {
  const catalogue = [
    entry("N1", { useCase: 1, flow: "normal" }),
    entry("N2", { useCase: 1, flow: "normal" }),
    entry("A1", { useCase: 1, flow: "alternative" }),
  ];
  const head = header({ catalogue });
  const status = (results: readonly CaseResult[], scope: RunHeader["scope"] = "full") => {
    const one = useCaseStatuses({ ...head, scope }, results).find(({ number }) => number === 1);
    return [...(one?.flows.map((flow) => flow.status) ?? []), one?.status];
  };
  const each = (n1: Verdict, n2: Verdict, a1: Verdict) => [
    result("N1", n1),
    result("N2", n2),
    result("A1", a1),
  ];

  it("has all seven with the flows of the catalogue; without cases they are not covered", () => {
    const statuses = useCaseStatuses(header(), []);
    expect(statuses.map(({ number, title }) => [number, title])).toEqual(
      USE_CASES.map(({ number, title }) => [number, title]),
    );
    expect(new Set(statuses.map((one) => one.status))).toEqual(new Set(["not-covered"]));
  });

  it.each<[string, readonly CaseResult[], readonly (string | undefined)[]]>([
    ["all passed", each("pass", "pass", "pass"), ["met", "met", "met"]],
    ["the worst flow decides", each("pass", "fail", "pass"), ["not-met", "met", "not-met"]],
    ["fail beats error", each("error", "fail", "error"), ["not-met", "undetermined", "not-met"]],
    ["one inconclusive", each("pass", "inconclusive", "pass"), ["undetermined", "met", "undetermined"]],
    [
      "a flow that is not claimed takes no part",
      each("pass", "pass", "not-applicable"),
      ["met", "not-applicable", "met"],
    ],
    [
      "nothing applies",
      each("not-applicable", "not-applicable", "not-applicable"),
      ["not-applicable", "not-applicable", "not-applicable"],
    ],
    ["a case without a result", [result("N1", "pass"), result("A1", "pass")], ["partial", "met", "partial"]],
    ["nothing was run", [], ["undetermined", "undetermined", "undetermined"]],
  ])("%s", (_, results, expected) => {
    expect(status(results)).toEqual(expected);
  });

  it("is not met where a half is only declared", () => {
    const declared = result("N2", "not-applicable", { declared: true });
    expect(status([result("N1", "pass"), declared, result("A1", "pass")])).toEqual([
      "partial",
      "met",
      "partial",
    ]);
    const only = result("A1", "not-applicable", { declared: true });
    expect(status([result("N1", "pass"), result("N2", "pass"), only])).toEqual([
      "met",
      "declared",
      "partial",
    ]);
  });

  it("is not met by a part of the suite", () => {
    expect(status(each("pass", "pass", "pass"), "partial")).toEqual(["partial", "partial", "partial"]);
  });
});
