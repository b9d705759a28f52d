import { describe, expect, it } from "vitest";
import { type CaseDescriptor, testCase } from "./case.ts";
import { descriptor } from "./testing/reference-profile.ts";

const story = async () => undefined;

describe("testCase", () => {
  it("gives the descriptor back, frozen", () => {
    const one = testCase(descriptor(), story);
    expect(one).toMatchObject(descriptor());
    expect(Object.isFrozen(one)).toBe(true);
  });

  it.each<[string, Partial<CaseDescriptor>, string]>([
    ["a position as id", { id: "UC1-3" }, "id"],
    ["an id in lower case", { id: "uc1-psk-bv-01" }, "id"],
    ["an empty purpose", { purpose: " " }, "purpose"],
    ["no label", { requirements: [] }, "label"],
    ["a label twice", { requirements: ["1.1", "1.1"] }, "twice"],
    ["no clause", { clauses: [] }, "clause"],
    ["no steps", { steps: [] }, "steps"],
    ["a suite without its version", { parameters: ["suite"] }, "tls"],
  ])("refuses %s, naming the case", (_, fields, what) => {
    const wrong = descriptor(fields);
    expect(() => testCase(wrong, story)).toThrow(new RegExp(`^case ${wrong.id}: .*${what}`));
  });
});
