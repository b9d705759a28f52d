import { describe, expect, it } from "vitest";
import { LABELS, type Label, POLARITIES, WAYS_IN, type WayIn } from "../vocabulary.ts";
import { REQUIREMENTS, type Requirement, requirement } from "./requirements.ts";
import { isDeeplyFrozen, useCaseOf } from "./test-support.ts";

const labelsWhere = (holds: (entry: Requirement) => boolean): Label[] =>
  REQUIREMENTS.filter(holds).map((entry) => entry.label);

describe("the requirement catalogue", () => {
  it("has the 19 labels of the document, in its order", () => {
    expect(REQUIREMENTS.map((entry) => entry.label)).toEqual(LABELS);
    expect(REQUIREMENTS).toHaveLength(19);
  });

  it("puts exactly the labels of section 6 into release 2", () => {
    expect(labelsWhere((entry) => entry.release === 2)).toEqual(["1.1a", "1.4", "1.5", "1.6", "1.7"]);
  });

  it("marks 1.2a, and only it, as a release that the document does not state", () => {
    expect(labelsWhere((entry) => entry.releaseNote !== undefined)).toEqual(["1.2a"]);
    expect(requirement("1.2a").releaseNote).toMatch(/no release for 1\.2a.*ours.*use case 2.*nothing defers/);
  });

  it("knows two labels that the document only allows", () => {
    expect(labelsWhere((entry) => entry.level === "MAY")).toEqual(["1.1a", "1.7"]);
  });

  it.each([
    ["6, table 1", /^[1-5]\./],
    ["6.1.1, table 2", /^S/],
    ["6.1.3, table 4", /^A/],
    ["6.1.4, table 5", /^U/],
  ])("places the labels of section %s there", (section, pattern) => {
    expect(labelsWhere((entry) => entry.section === section)).toEqual(
      LABELS.filter((label) => pattern.test(label)),
    );
  });

  it("finds an entry by its label and names the labels when there is none", () => {
    for (const label of LABELS) expect(requirement(label).label).toBe(label);
    // A cast because the type forbids what is tried here: a label from outside the type system.
    expect(() => requirement("9.9" as Label)).toThrow(
      /"9\.9" is no requirement label; use one of 1\.1, .*U1/,
    );
  });

  it("cannot be changed by anybody who reads it", () => {
    expect(isDeeplyFrozen(REQUIREMENTS)).toBe(true);
  });
});

describe.each(REQUIREMENTS)("requirement $label", (entry) => {
  const onTheWire = entry.judgedBy.includes("wire");

  it("has a title of one line and a text of one to three sentences", () => {
    expect(entry.title).toMatch(/^[A-Z][^\n.]+$/);
    expect(entry.title.length).toBeLessThanOrEqual(80);
    expect(entry.text).toMatch(/^[A-Z][^\n]+\.$/);
    expect(entry.text.split(/\.(?= |$)/).length - 1).toBeLessThanOrEqual(3);
  });

  it("says how it is judged, and lists nothing twice", () => {
    expect(entry.judgedBy.length).toBeGreaterThan(0);
    for (const list of [entry.judgedBy, entry.useCases, entry.waysIn, entry.polarities]) {
      expect(new Set<unknown>(list).size).toBe(list.length);
    }
  });

  it("lists use cases, ways in and polarities in their usual order", () => {
    expect(entry.useCases).toEqual([1, 2, 3, 4, 5, 6, 7].filter((number) => entry.useCases.includes(number)));
    expect(entry.waysIn).toEqual(WAYS_IN.filter((wayIn) => entry.waysIn.includes(wayIn)));
    expect(entry.polarities).toEqual(POLARITIES.filter((polarity) => entry.polarities.includes(polarity)));
  });

  it("demands polarities exactly when the wire can show something", () => {
    expect(entry.polarities.length > 0).toBe(onTheWire);
  });

  it("is judged over all ways in of its use cases, or over none", () => {
    const ofItsUseCases: WayIn[] = WAYS_IN.filter((wayIn) => entry.useCases.includes(useCaseOf(wayIn) ?? 0));
    const judgedOver = entry.waysIn.filter((wayIn) => wayIn !== "server-only");
    expect(judgedOver).toEqual(onTheWire ? ofItsUseCases : []);
  });
});

describe("what an auditor demands before a label is met", () => {
  it.each<[Label, Requirement["polarities"]]>([
    ["1.1", ["valid", "invalid", "replay", "expiry"]],
    ["1.2", ["valid", "invalid"]],
    ["1.2a", ["valid", "invalid"]],
    ["1.2b", ["valid", "invalid"]],
    ["1.3", ["valid", "invalid"]],
    ["1.4", ["replay"]],
    ["3.1", ["valid", "invalid"]],
    ["4.1", ["valid", "invalid"]],
    ["5.1", ["valid", "invalid", "expiry"]],
    ["S2", ["valid", "invalid"]],
  ])("%s needs %j", (label, polarities) => {
    expect(requirement(label).polarities).toEqual(polarities);
  });

  it("judges 1.2a only where there is an authentication proxy", () => {
    expect(requirement("1.2a").waysIn).toEqual(["uc2.psk-tls", "uc2.https-digest"]);
  });

  it("judges the way in without a user by what concerns the server and the data (section 4.2)", () => {
    expect(labelsWhere(({ waysIn }) => waysIn.includes("server-only"))).toEqual(["1.2", "3.1", "4.1", "5.1"]);
    expect(requirement("5.1").polaritiesOver).toEqual({ "server-only": ["valid", "invalid"] });
  });

  it("leaves no way in of a use case without a label for either direction of authentication", () => {
    for (const wayIn of WAYS_IN.filter((each) => useCaseOf(each) !== undefined)) {
      expect(requirement("1.1").waysIn).toContain(wayIn);
      expect([...requirement("1.2").waysIn, ...requirement("1.2b").waysIn]).toContain(wayIn);
    }
  });
});
