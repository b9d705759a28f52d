import { describe, expect, it } from "vitest";
import { requirement } from "./catalogue/requirements.ts";
import { type LabelStatus, labelStatuses } from "./label-status.ts";
import type { CaseResult, CatalogueEntry, RunHeader } from "./run-events.ts";
import { entry, header, labelCheck, proven, result } from "./testing/records.ts";
import { LABELS, type Label } from "./vocabulary.ts";

function statusOf(label: Label, head: RunHeader, results: readonly CaseResult[]): LabelStatus {
  const status = labelStatuses(head, results).find((one) => one.label === label);
  if (status === undefined) throw new Error(`no status for ${label}`);
  return status;
}

/** Everything that label 1.2 needs of a system with both ways in of use case 1: a case for each pair. */
const PAIRS: readonly CatalogueEntry[] = (["uc1.psk-tls", "uc1.https-digest"] as const).flatMap((wayIn) =>
  (["valid", "invalid"] as const).map((polarity) => entry(`${polarity} ${wayIn}`, { polarity, wayIn })),
);
const PROVEN = PAIRS.map(({ id }) => proven(id, "1.2", `fault of ${id}`));
const HEADER = header({ catalogue: PAIRS, proven: PROVEN });
const passing = (id: string) => result(id, "pass", { checks: [labelCheck("1.2", "passed")] });
const PASSES = PAIRS.map(({ id }) => passing(id));

const others = (id: string) => PASSES.filter((one) => one.id !== id);

describe("labelStatuses", () => {
  it("has all 19, in the order of the document", () => {
    expect(labelStatuses(header(), []).map(({ label }) => label)).toEqual(LABELS);
  });

  it("is met when each polarity passes, proven, over each claimed way in", () => {
    expect(statusOf("1.2", HEADER, PASSES)).toEqual({
      label: "1.2",
      status: "met",
      reason: "every required polarity has a passing, proven check over each claimed way in",
      cases: PAIRS.map(({ id }) => id),
      checks: 4,
      polarities: ["valid", "invalid"],
      provenBy: PAIRS.map(({ id }) => `fault of ${id}`).sort(),
    });
  });

  it("needs over a way in only the polarities that the catalogue has for it", () => {
    const catalogue = (["valid", "invalid"] as const).map((polarity) =>
      entry(polarity, { polarity, wayIn: "server-only", requirements: ["5.1"] }),
    );
    const head = header({
      waysIn: ["server-only"],
      catalogue,
      proven: catalogue.map(({ id }) => proven(id, "5.1", `fault of ${id}`)),
    });
    const results = catalogue.map(({ id }) => result(id, "pass", { checks: [labelCheck("5.1", "passed")] }));
    expect(statusOf("5.1", head, results)).toMatchObject({ status: "met" });
    expect(statusOf("5.1", head, results.slice(0, 1))).toMatchObject({
      status: "partial",
      reason: "no passing, proven check yet for invalid over server-only",
    });
  });

  it.each(PAIRS)("is partial when $id is not proven", ({ id, polarity, wayIn }) => {
    const head = header({ catalogue: PAIRS, proven: PROVEN.filter((one) => one.case !== id) });
    const { status, reason, polarities } = statusOf("1.2", head, PASSES);
    expect(status).toBe("partial");
    expect(reason).toBe(`no passing, proven check yet for ${polarity} over ${wayIn}`);
    expect(polarities).toEqual(["valid", "invalid"].filter((one) => one !== polarity));
  });

  it.each(PAIRS)("is partial when $id did not apply", ({ id }) => {
    const results = [...others(id), result(id, "not-applicable", { reason: "ICS psk.hint is none" })];
    expect(statusOf("1.2", HEADER, results).status).toBe("partial");
  });

  it.each(PAIRS)("is not-met when $id failed, whatever the others say", ({ id }) => {
    const failed = result(id, "fail", { checks: [labelCheck("1.2", "failed")] });
    const open = result("valid uc1.psk-tls", "error", { key: "another instance" });
    expect(statusOf("1.2", HEADER, [...others(id), failed, open])).toMatchObject({
      status: "not-met",
      reason: `failed in ${id}`,
    });
  });

  it.each(["inconclusive", "error"] as const)("is undetermined with one instance %s", (verdict) => {
    const open = result("invalid uc1.psk-tls", verdict, { key: "invalid uc1.psk-tls[tls=1.3]" });
    expect(statusOf("1.2", HEADER, [...PASSES, open])).toMatchObject({
      status: "undetermined",
      reason: "inconclusive or error in invalid uc1.psk-tls",
    });
  });

  it("is undetermined when its cases were not run", () => {
    expect(statusOf("1.2", HEADER, [])).toMatchObject({
      status: "undetermined",
      reason: "no case of it was run",
    });
  });

  it("asks only for ways in that the ICS claims", () => {
    const head = header({ ...HEADER, waysIn: ["uc1.psk-tls"] });
    const results = PASSES.map((one) =>
      one.id.endsWith("digest") ? result(one.id, "not-applicable", { reason: "not claimed" }) : one,
    );
    expect(statusOf("1.2", head, results).status).toBe("met");
  });

  it.each([
    ["a should", labelCheck("1.2", "passed", "should")],
    ["an observation", labelCheck("1.2", "observed", "observe")],
    ["a must check with another text than the proven one", labelCheck("1.2", "passed", "must", "other")],
    ["a must check of another label", labelCheck("1.1", "passed")],
  ])("does not become met by %s", (_, check) => {
    const results = PASSES.map((one) => (one.id === "valid uc1.psk-tls" ? { ...one, checks: [check] } : one));
    expect(statusOf("1.2", HEADER, results).status).toBe("partial");
  });

  it("does not become not-met by a failed should", () => {
    const results = PASSES.map((one) => ({
      ...one,
      checks: [...one.checks, labelCheck("1.2", "failed", "should")],
    }));
    expect(statusOf("1.2", HEADER, results).status).toBe("met");
  });

  it("does not count a check that only the same words of another case prove", () => {
    const head = header({ catalogue: PAIRS, proven: PAIRS.map(() => proven("valid uc1.psk-tls", "1.2")) });
    expect(statusOf("1.2", head, PASSES)).toMatchObject({ status: "partial", polarities: [] });
  });

  it("is declared when the IXIT lacks an observation, in part or wholly", () => {
    const reason = "IXIT resources.identity is missing";
    const skipped = result("half", "not-applicable", { declared: true, reason });
    const half = entry("half", { polarity: "valid" });
    const head = header({ catalogue: [...PAIRS, half], proven: PROVEN });
    expect(statusOf("1.2", head, [...PASSES, skipped])).toMatchObject({ status: "declared", reason });
    const alone = header({ catalogue: [half] });
    expect(statusOf("1.2", alone, [skipped])).toMatchObject({ status: "declared", reason });
  });

  it("is declared by the word of the ICS where no case judges, and not where one does", () => {
    const declarations = { S1: "keys stand in an HSM", "1.2": "trust us" };
    expect(statusOf("S1", header({ declarations }), [])).toMatchObject({
      status: "declared",
      reason: "the vendor declares: keys stand in an HSM",
      cases: [],
    });
    const failed = result("valid uc1.psk-tls", "fail", { checks: [labelCheck("1.2", "failed")] });
    expect(statusOf("1.2", header({ ...HEADER, declarations }), [failed]).status).toBe("not-met");
    expect(statusOf("1.2", header({ ...HEADER, declarations }), PASSES).status).toBe("met");
    const skipped = PAIRS.map(({ id }) => result(id, "not-applicable", { reason: "not claimed" }));
    expect(statusOf("1.2", header({ ...HEADER, declarations }), skipped)).toMatchObject({
      status: "declared",
      reason: "the vendor declares: trust us",
    });
  });

  it("is not-covered without case and declaration", () => {
    expect(statusOf("S1", header(), [])).toMatchObject({ status: "not-covered", checks: 0, polarities: [] });
  });

  it("is not-applicable, with what decided, when no case of it applies", () => {
    const skipped = PAIRS.map(({ id }) =>
      result(id, "not-applicable", { reason: "ICS waysIn does not claim uc1.psk-tls" }),
    );
    expect(statusOf("1.2", HEADER, skipped)).toMatchObject({
      status: "not-applicable",
      reason: "ICS waysIn does not claim uc1.psk-tls",
    });
  });

  it("is not-applicable for labels of release 2 when the ICS claims release 1, even with a failed check", () => {
    const catalogue = [entry("replay", { requirements: ["1.1", "1.4"], polarity: "replay" })];
    const failed = [result("replay", "fail", { checks: [labelCheck("1.4", "failed")] })];
    const profile = { ...header().profile, release: 1 as const };
    const first = labelStatuses(header({ catalogue, profile }), failed);
    for (const { label, status } of first) {
      expect(`${label} ${status === "not-applicable"}`).toBe(`${label} ${requirement(label).release === 2}`);
    }
    expect(statusOf("1.4", header({ catalogue }), failed).status).toBe("not-met");
  });

  it("is undetermined when its case failed in another label before it judged this one", () => {
    const catalogue = [entry("early", { requirements: ["1.1", "1.2"] })];
    const early = result("early", "fail", { checks: [labelCheck("1.2", "failed")] });
    expect(statusOf("1.1", header({ catalogue }), [early])).toMatchObject({
      status: "undetermined",
      reason: "early ended before this label was judged",
    });
  });

  it("is never met for a label for which the catalogue names nothing that would make it met", () => {
    const catalogue = [entry("storage", { requirements: ["S1", "1.2b"] })];
    const checks = [labelCheck("S1", "passed"), labelCheck("1.2b", "passed")];
    const head = header({ catalogue, proven: [proven("storage", "S1"), proven("storage", "1.2b")] });
    const results = [result("storage", "pass", { checks })];
    // S1 is not judged on the wire; 1.2b is, but over no way in that is claimed here.
    expect(statusOf("S1", head, results)).toMatchObject({ status: "partial", polarities: [] });
    expect(statusOf("1.2b", head, results)).toMatchObject({ status: "partial", polarities: [] });
  });

  it("asks for each polarity once where a label is bound to no way in", () => {
    const catalogue = (["valid", "invalid"] as const).map((polarity) =>
      entry(polarity, { requirements: ["S3"], polarity }),
    );
    const head = header({ catalogue, proven: catalogue.map(({ id }) => proven(id, "S3")) });
    const pass = (id: string) => result(id, "pass", { checks: [labelCheck("S3", "passed")] });
    expect(statusOf("S3", head, [pass("valid"), pass("invalid")]).status).toBe("met");
    expect(statusOf("S3", head, [pass("valid")])).toMatchObject({
      status: "partial",
      reason: "no passing, proven check yet for invalid",
      polarities: ["valid"],
    });
  });
});
