import { describe, expect, it } from "vitest";
import { requirement } from "../harness/conformance/catalogue/requirements.ts";
import { useCase } from "../harness/conformance/catalogue/use-cases.ts";
import { referenceProfile } from "../harness/conformance/testing/reference-profile.ts";
import { isLabel } from "../harness/conformance/vocabulary.ts";
import { CASES } from "./index.ts";
import { LABEL_11 } from "./label-1.1/index.ts";
import { LABEL_12 } from "./label-1.2/index.ts";
import { LABEL_13 } from "./label-1.3/index.ts";
import { LABEL_14 } from "./label-1.4/index.ts";
import { LABEL_31 } from "./label-3.1/index.ts";
import { LABEL_41 } from "./label-4.1/index.ts";
import { LABEL_51 } from "./label-5.1/index.ts";
import { suiteSources } from "./testing/sources.ts";
import { USE_CASE_1 } from "./use-case-1/index.ts";

const ALL = [...CASES.values()];
const SOURCES = suiteSources();

describe("the catalogue of cases", () => {
  it("has at least 30 cases of use case 1, each under its own id, in the order of the ids", () => {
    expect(USE_CASE_1.length).toBeGreaterThanOrEqual(30);
    const every = [
      ...USE_CASE_1,
      ...[LABEL_11, LABEL_12, LABEL_13, LABEL_14, LABEL_31, LABEL_41, LABEL_51].flat(),
    ];
    expect(CASES.size).toBe(every.length);
    expect([...CASES.keys()]).toEqual(every.map(({ id }) => id).sort());
  });

  it.each([
    ["1.3", LABEL_13, ["valid", "invalid"]],
    ["1.4", LABEL_14, ["replay"]],
    ["3.1", LABEL_31, ["valid", "invalid"]],
  ] as const)(
    "asks of label %s every polarity over each way in of this version",
    (label, suite, polarities) => {
      const ways = requirement(label).waysIn.filter((way) => way === "server-only" || way.startsWith("uc1."));
      for (const wayIn of ways) {
        const asked = suite.filter(({ needs }) => needs.wayIn === wayIn).map(({ polarity }) => polarity);
        expect(asked).toEqual(expect.arrayContaining([...polarities]));
      }
      expect(new Set(suite.map(({ requirements }) => requirements[0]))).toEqual(new Set([label]));
    },
  );

  it("has in --smoke valid and invalid cases of both flows", () => {
    const kinds = ALL.filter(({ smoke }) => smoke === true).map(
      ({ flow, polarity }) => `${flow} ${polarity}`,
    );
    for (const kind of ["normal valid", "normal invalid", "alternative valid", "alternative invalid"])
      expect(kinds).toContain(kind);
  });

  it("asks in both flows what is valid, what is not, and what has expired", () => {
    for (const wayIn of ["uc1.psk-tls", "uc1.https-digest"] as const) {
      const asked = new Set(ALL.filter(({ needs }) => needs.wayIn === wayIn).map(({ polarity }) => polarity));
      expect([...asked]).toEqual(expect.arrayContaining(["valid", "invalid", "expiry"]));
    }
  });
});

/** A case of a property suite belongs to its label and to no flow. */
function checkPropertyId(one: (typeof ALL)[number]): void {
  const [, major, minor, way, kind] = /^L(\d)(\d)-(PSK|DIG|SRV)-(BV|BI|BO)-\d{2}$/.exec(one.id) ?? [];
  expect(one.requirements[0]).toBe(`${major}.${minor}`);
  expect(one.flow).toBeUndefined();
  expect(one.needs.wayIn).toBe(
    { PSK: "uc1.psk-tls", DIG: "uc1.https-digest", SRV: "server-only" }[way ?? ""],
  );
  expect(kind === "BV").toBe(one.polarity === "valid");
}

describe.each(ALL)("$id", (one) => {
  it("has an id that says use case or label, way in and whether its question is valid behaviour", () => {
    if (one.useCase === undefined) return checkPropertyId(one);
    const [, number, flow, kind] = /^UC(\d)-(PSK|DIG|SRV)-(BV|BI|BO)-\d{2}$/.exec(one.id) ?? [];
    expect(Number(number)).toBe(one.useCase);
    // Server authentication only (section 4.2) is a way in of its own and no flow of a use case.
    expect(one.flow).toBe({ PSK: "normal", DIG: "alternative" }[flow ?? ""]);
    expect(one.needs.wayIn).toBe(
      flow === "SRV"
        ? "server-only"
        : useCase(one.useCase ?? 0).flows.find(({ name }) => name === one.flow)?.wayIn,
    );
    expect(kind === "BV").toBe(one.polarity === "valid");
  });

  it("has a purpose of one sentence, and steps, all in plain text", () => {
    for (const text of [one.purpose, ...one.steps]) {
      expect(text).toBe(text.trim());
      expect(text).not.toMatch(/[.!?](\s|$)|\s{2}|\n/);
      expect(text.length).toBeLessThan(200);
    }
    expect(one.purpose).toMatch(/^[A-Z]/);
    expect(one.steps.length).toBeGreaterThan(0);
  });

  it("cites clauses of the documents that the suite knows", () => {
    for (const clause of one.clauses) expect(clause).toMatch(/^(RD|RFC \d{4}|TS \d\d\.\d{3})( |$)/);
    expect(new Set(one.clauses).size).toBe(one.clauses.length);
  });

  it("names labels that can be judged over its way in", () => {
    for (const label of one.requirements) {
      expect(isLabel(label)).toBe(true);
      expect(requirement(label).waysIn).toContain(one.needs.wayIn);
    }
  });

  it("depends on a valid case of the same way in that depends on no other", () => {
    const root = CASES.get(one.dependsOn ?? "");
    expect(root).toMatchObject({ polarity: "valid", needs: { wayIn: one.needs.wayIn } });
    expect(root?.dependsOn).toBe(root?.id);
  });

  it("asks only for items that an ICS has, with values that one can take", () => {
    for (const [item, accepted] of Object.entries(one.needs.claims ?? {})) {
      const value = item
        .split(".")
        .reduce<unknown>((part, name) => Object.entries(Object(part)).find(([key]) => key === name)?.[1], {
          ...referenceProfile().ics,
        });
      expect(`${item} ${value === undefined}`).toBe(`${item} false`);
      expect(accepted.length).toBeGreaterThan(0);
      expect(new Set(accepted.map((each) => typeof each))).toContain(typeof [value].flat()[0]);
    }
  });

  it("has values for each variant, none twice", () => {
    for (const values of Object.values(one.variants ?? {})) {
      expect(values.length).toBeGreaterThan(0);
      expect(new Set(values).size).toBe(values.length);
      // They stand in keys, and keys in names of folders.
      for (const value of values) expect(value).toMatch(/^[\w.-]+$/);
    }
  });
});

describe("the sources of the suites", () => {
  it("are found, with their cases", () => {
    expect(SOURCES.length).toBeGreaterThan(5);
    expect(SOURCES.flatMap(({ declarations }) => declarations).length).toBeGreaterThanOrEqual(20);
  });

  it.each(SOURCES)("$path imports the harness only: neither vitest, sockets nor libraries", ({ imports }) => {
    for (const { name, typesOnly } of imports) {
      expect(name).toMatch(/^\.{1,2}\//);
      if (!typesOnly)
        expect(name).not.toMatch(/\/wire\/(tcp|node-|http-connection)|\/system\/(?!profile\/)|\/cli\//);
    }
  });

  it.each(SOURCES)("$path never sleeps and knows no product", ({ text }) => {
    expect(text).not.toMatch(/setTimeout|setInterval|sleep\(|node:|globalThis|process\./);
    expect(text).not.toMatch(/reference system|profiles\/reference/);
  });

  it.each(SOURCES)("$path judges exactly the labels that its cases declare", ({ declarations }) => {
    for (const { declared, judged } of declarations) {
      expect(declared.length).toBeGreaterThan(0);
      expect([...judged].sort()).toEqual([...new Set(declared)].sort());
    }
  });
});
