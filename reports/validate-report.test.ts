import { describe, expect, it } from "vitest";
import { LABELS, POLARITIES, WAYS_IN } from "../harness/conformance/vocabulary.ts";
import schema from "./report.schema.json" with { type: "json" };
import { HOSTILE } from "./testing/hostile-text.ts";
import { sampleReport } from "./testing/sample-report.ts";
import { validateReport } from "./validate-report.ts";

type Json = { [field: string]: Json } | Json[] | string | number | boolean | null;

/** A copy of the sample with the value at a JSON pointer replaced, or removed when none is given. */
function mutated(pointer: string, value?: Json): Json {
  const copy: Json = JSON.parse(JSON.stringify(sampleReport()));
  const path = pointer.split("/").slice(1);
  const last = path.pop() ?? "";
  let parent: Json = copy;
  for (const step of path) parent = child(parent, step);
  if (parent === null || typeof parent !== "object") throw new Error(`${pointer} is not in the sample`);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
  return copy;
}

function child(parent: Json, step: string): Json {
  const value: unknown =
    parent !== null && typeof parent === "object" ? Reflect.get(parent, step) : undefined;
  if (value === undefined) throw new Error(`${step} is not in the sample`);
  // The parent is JSON, so what it holds is JSON.
  return value as Json;
}

function errorsOf(json: unknown): readonly string[] {
  const result = validateReport(json);
  return result.ok ? [] : result.errors;
}

describe("validateReport", () => {
  it.each([
    ["plain", sampleReport()],
    ["hostile", sampleReport({ data: HOSTILE })],
    ["partial", sampleReport({ scope: "partial", conformant: null })],
  ])("accepts the %s sample, also as read back from JSON", (_name, report) => {
    expect(validateReport(JSON.parse(JSON.stringify(report)))).toEqual({
      ok: true,
      report: expect.anything(),
    });
  });

  it.each<[string, Json | undefined, string]>([
    ["/schemaVersion", 2, "/schemaVersion"],
    ["/surplus", 1, "surplus"],
    ["/suite/catalogue", "ABC", "/suite/catalogue"],
    ["/suite/proof", undefined, "proof"],
    ["/run/startedAt", "yesterday", "/run/startedAt"],
    ["/run/scope", "most", "full, partial"],
    ["/run/durationMs", -1, "/run/durationMs"],
    ["/run/sanity/0/wayIn", "uc9.magic", "/run/sanity/0/wayIn"],
    ["/profile/release", 3, "/profile/release"],
    ["/summary/conformant", "yes", "/summary/conformant"],
    ["/summary/verdicts/pass", 1.5, "/summary/verdicts/pass"],
    ["/summary/verdicts/notApplicable", undefined, "notApplicable"],
    ["/requirements/0/label", "1.2", "/requirements/0/label"],
    ["/requirements/18", undefined, "/requirements"],
    ["/requirements/3/status", "ok", "not-covered"],
    ["/useCases/6/number", 8, "/useCases/6/number"],
    ["/useCases/0/flows/0/extra", true, "extra"],
    ["/bindings/0/outcome", "observed", "/bindings/0/outcome"],
    ["/cases/0/verdict", "passed", "/cases/0/verdict"],
    ["/cases/0/useCase", 8, "/cases/0/useCase"],
    ["/cases/0/parameters/tls", 1.2, "/cases/0/parameters/tls"],
    ["/cases/0/requirements/0", "9.9", "/cases/0/requirements/0"],
    ["/cases/0/checks/0/level", "may", "/cases/0/checks/0/level"],
    ["/cases/0/checks/0/outcome", "observed", "/cases/0/checks/0/outcome"],
    ["/cases/0/checks/0/clause", "RFC 4279 2", "/cases/0/checks/0"],
    ["/cases/0/checks/0/requirement", undefined, "/cases/0/checks/0"],
    ["/cases/1/key", "UC1-PSK-EST-01[tls=1.2,suite=00a8]", "/cases/1/key: must be unique"],
  ])("refuses %s = %j and names the field", (pointer, value, named) => {
    expect(errorsOf(mutated(pointer, value)).join("\n")).toContain(named);
  });

  it("refuses a partial run that claims conformity", () => {
    expect(errorsOf(sampleReport({ scope: "partial", conformant: true }))).toEqual([
      "/summary/conformant: must be equal to constant: null",
    ]);
  });

  it.each([[undefined], [null], ["text"], [[]]])("refuses %j without throwing", (json) => {
    expect(errorsOf(json)).not.toHaveLength(0);
  });

  it("keeps errors few, short and safe to print", () => {
    const cases = Array.from({ length: 500 }, () => ({ [`\u001b[2J${"x".repeat(5000)}`]: 1 }));
    const errors = errorsOf({ ...sampleReport(), cases });
    expect(errors.length).toBeLessThanOrEqual(50);
    expect(Math.max(...errors.map((line) => line.length))).toBeLessThan(400);
    expect(errors.join("")).not.toContain("\u001b");
  });
});

it("has the same words in the schema as in the vocabulary", () => {
  expect(schema.$defs.label.enum).toEqual([...LABELS]);
  expect(schema.$defs.wayIn.enum).toEqual([...WAYS_IN]);
  expect(schema.$defs.polarity.enum).toEqual([...POLARITIES]);
});
