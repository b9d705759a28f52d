import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelCheck } from "./testing/records.ts";
import { CaseDefect, Inconclusive, judge, NothingToAsk, NotObservable, worst } from "./verdict.ts";
import type { Check, Verdict } from "./vocabulary.ts";

/** The order of the design, worst first. */
const WORST_FIRST: readonly Verdict[] = ["fail", "error", "inconclusive", "pass", "not-applicable"];

describe("worst", () => {
  it("is, of any verdicts in any order, the one that stands first in the design", () => {
    const verdicts = fc.array(fc.constantFrom(...WORST_FIRST), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(verdicts, (some) => {
        expect(worst(some)).toBe(WORST_FIRST.find((verdict) => some.includes(verdict)));
      }),
    );
  });

  it.each(WORST_FIRST.flatMap((worse, i) => WORST_FIRST.slice(i).map((better) => [worse, better] as const)))(
    "%s beats %s, from either side",
    (worse, better) => {
      expect([worst([worse, better]), worst([better, worse])]).toEqual([worse, worse]);
    },
  );

  it("of nothing is not-applicable", () => expect(worst([])).toBe("not-applicable"));
});

const PASSED = labelCheck("1.1", "passed");
const FAILED = labelCheck("1.1", "failed");
const BINDING: Check = { clause: "TS 24.109 F.3", level: "must", text: "a hint is sent", outcome: "failed" };

describe("judge", () => {
  it("passes what was judged and held", () => {
    expect(judge([PASSED], ["1.1"], undefined)).toEqual({ verdict: "pass" });
  });

  it.each([
    ["an exception of ours", new TypeError("x is undefined")],
    ["a control that failed", new Inconclusive("the control after failed")],
    ["an observation that is missing", new NotObservable("no plain address")],
    ["a defect of the case", new CaseDefect("undeclared label")],
  ])("lets a failed must stand before %s", (_, thrown) => {
    expect(judge([FAILED, PASSED], ["1.1"], thrown).verdict).toBe("fail");
  });

  it("does not apply where there is nothing to ask, and leaves nothing declared", () => {
    expect(judge([PASSED], ["1.1", "1.4"], new NothingToAsk("one instance"))).toEqual({
      verdict: "not-applicable",
      reason: "one instance",
    });
    expect(judge([FAILED], ["1.1"], new NothingToAsk("one instance")).verdict).toBe("fail");
  });

  it("fails on one failed must among passed ones, and says which and what was seen", () => {
    const judged = judge([PASSED, { ...FAILED, detail: "status 200" }], ["1.1"], undefined);
    expect(judged).toEqual({ verdict: "fail", reason: "1.1: not so: holds for 1.1 (status 200)" });
  });

  it("fails on a clause of a binding", () => {
    expect(judge([PASSED, BINDING], ["1.1"], undefined)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("TS 24.109 F.3"),
    });
  });

  it.each([
    new TypeError("x is undefined"),
    new CaseDefect("undeclared label"),
    "a string",
    0,
    null,
    // Cannot become text: describing it must not throw in its turn.
    Object.create(null),
  ])("is an error of the suite when the story throws %o", (thrown) => {
    const judged = judge([PASSED], ["1.1"], thrown);
    expect(judged.verdict).toBe("error");
    expect(judged.reason).toContain("error of the suite, not of the system");
  });

  it("keeps the reason of an inconclusive case, and of an observation that is missing", () => {
    expect(judge([PASSED], ["1.1"], new Inconclusive("no control"))).toEqual({
      verdict: "inconclusive",
      reason: "no control",
    });
    expect(judge([], ["1.1"], new NotObservable("no plain address"))).toEqual({
      verdict: "not-applicable",
      reason: "no plain address",
      declared: true,
    });
  });

  it.each<[string, readonly Check[]]>([
    ["no check", []],
    ["an observation only", [{ level: "observe", text: "alert 40", outcome: "observed" }]],
    ["a should only", [labelCheck("1.1", "passed", "should")]],
  ])("is an error with %s", (_, checks) => {
    expect(judge(checks, [], undefined)).toEqual({
      verdict: "error",
      reason: "the case ended without a must check",
    });
  });

  it("is an error, naming the labels, when one that binds was not judged", () => {
    const should = labelCheck("5.1", "passed", "should");
    expect(judge([PASSED, should], ["1.1", "5.1", "1.4"], undefined)).toEqual({
      verdict: "error",
      reason: "the case ended without having judged 5.1, 1.4",
    });
  });

  it("does not take a passed clause for the label", () => {
    expect(judge([{ ...BINDING, outcome: "passed" }], ["1.1"], undefined).verdict).toBe("error");
  });

  const level = fc.constantFrom("must", "should", "observe");
  const anyCheck = level.chain((one) =>
    fc.record({
      level: fc.constant(one),
      outcome: one === "observe" ? fc.constant("observed") : fc.constantFrom("passed", "failed"),
      requirement: fc.constantFrom("1.1", "5.1"),
      text: fc.constant("text"),
    }),
  );
  const checks: fc.Arbitrary<Check[]> = fc.array(anyCheck, { maxLength: 6 });
  const thrown = fc.constantFrom(undefined, new Inconclusive("i"), new NotObservable("n"), new Error("e"), 0);

  it("fails exactly when a must check failed", () => {
    fc.assert(
      fc.property(checks, thrown, (some, error) => {
        const failed = some.some((check) => check.level === "must" && check.outcome === "failed");
        expect(judge(some, ["1.1", "5.1"], error).verdict === "fail").toBe(failed);
      }),
    );
  });

  it("is decided by must checks alone: with the others left out nothing changes", () => {
    fc.assert(
      fc.property(checks, thrown, (some, error) => {
        const musts = some.filter((check) => check.level === "must");
        expect(judge(some, ["1.1"], error)).toEqual(judge(musts, ["1.1"], error));
      }),
    );
  });
});
