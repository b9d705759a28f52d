import { describe, expect, it } from "vitest";
import { LABELS, WAYS_IN } from "../vocabulary.ts";
import { REQUIREMENTS, requirement } from "./requirements.ts";
import { isDeeplyFrozen, useCaseOf } from "./test-support.ts";
import { USE_CASES, type UseCase, useCase } from "./use-cases.ts";

const flowsAndWaysIn = (entry: UseCase): [string, string | undefined][] =>
  entry.flows.map((flow) => [flow.name, flow.wayIn]);

describe("the use cases", () => {
  it("are the seven of section 5, in its order", () => {
    expect(USE_CASES.map((entry) => entry.number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(USE_CASES.map((entry) => entry.section)).toEqual([
      "5.1",
      "5.2",
      "5.3",
      "5.4",
      "5.5",
      "5.6",
      "5.7",
    ]);
  });

  it("are all mandatory except use case 3", () => {
    expect(USE_CASES.filter((entry) => entry.optional).map((entry) => entry.number)).toEqual([3]);
  });

  it.each<[number, [string, string | undefined][]]>([
    [
      1,
      [
        ["normal", "uc1.psk-tls"],
        ["alternative", "uc1.https-digest"],
      ],
    ],
    [
      2,
      [
        ["normal", "uc2.psk-tls"],
        ["alternative", "uc2.https-digest"],
      ],
    ],
    [3, [["normal", "uc3.certificate"]]],
    [4, [["normal", "uc4.psk-tls"]]],
    [5, [["normal", undefined]]],
    [
      6,
      [
        ["normal", undefined],
        ["alternative", undefined],
      ],
    ],
    [7, [["normal", undefined]]],
  ])("use case %i has the flows that the document fills", (number, flows) => {
    expect(flowsAndWaysIn(useCase(number))).toEqual(flows);
  });

  it("name each way in in exactly one flow, that of its own use case", () => {
    const named = USE_CASES.flatMap((entry) => entry.flows.flatMap((flow) => flow.wayIn ?? []));
    // Section 4.2 tells no story about server authentication only.
    expect(named).toEqual(WAYS_IN.filter((wayIn) => wayIn !== "server-only"));
    for (const entry of USE_CASES) {
      for (const { wayIn } of entry.flows) {
        if (wayIn !== undefined) expect(useCaseOf(wayIn)).toBe(entry.number);
      }
    }
  });

  it.each([0, 8, 1.5, Number.NaN])("include no use case %d", (number) => {
    expect(() => useCase(number)).toThrow(
      new RangeError(`there is no use case ${number}; OMA-RD-SEC_CF has 1 to 7`),
    );
  });

  it("cannot be changed by anybody who reads them", () => {
    expect(isDeeplyFrozen(USE_CASES)).toBe(true);
  });
});

describe("requirements and use cases", () => {
  it.each(USE_CASES)("agree about the labels of use case $number", (entry) => {
    for (const label of entry.labels) expect(requirement(label).useCases, label).toContain(entry.number);
    expect(entry.labels).toEqual(LABELS.filter((label) => entry.labels.includes(label)));
  });

  it.each(REQUIREMENTS)("agree about the use cases of label $label", (entry) => {
    for (const number of entry.useCases)
      expect(useCase(number).labels, `use case ${number}`).toContain(entry.label);
  });
});

describe.each(USE_CASES)("use case $number", (entry) => {
  it("tells everything that section 5 tells", () => {
    expect(entry.title).toMatch(/^[A-Z][^\n.]+$/);
    for (const sentence of [
      entry.description,
      entry.qualityOfExperience,
      ...entry.flows.map((flow) => flow.text),
    ]) {
      expect(sentence).toMatch(/^[A-Z].+\.$/);
    }
    for (const list of [
      entry.actors,
      entry.preconditions,
      entry.postconditions,
      ...entry.flows.map((flow) => flow.steps),
    ]) {
      expect(list.length).toBeGreaterThan(0);
      for (const item of list) expect(item).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  it("has the end-user as its first actor", () => {
    expect(entry.actors[0]).toBe("End-user, represented by the client in the terminal");
  });
});
