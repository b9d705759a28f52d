import fc from "fast-check";
import { expect, it } from "vitest";
import { LABELS } from "../harness/conformance/vocabulary.ts";
import { renderTraceability } from "./csv.ts";
import { HOSTILE, hostileText } from "./testing/hostile-text.ts";
import { sampleReport } from "./testing/sample-report.ts";

/** RFC 4180 with every field in quotes. */
function parse(csv: string): readonly (readonly string[])[] {
  return csv
    .split(/"\r\n/)
    .slice(0, -1)
    .map((line) =>
      line
        .replace(/^"/, "")
        .split('","')
        .map((cell) => cell.replaceAll('""', '"')),
    );
}

it("has one row per label and instance that judges it", () => {
  const rows = parse(renderTraceability(sampleReport()));
  expect(rows[0]).toEqual([
    "label",
    "title",
    "level",
    "release",
    "status",
    "case id",
    "key",
    "way in",
    "polarity",
    "verdict",
    "checks passed",
    "checks failed",
    "proven by",
  ]);
  expect(rows.filter((row) => row[0] === "1.2").map((row) => row.slice(5))).toContainEqual([
    "UC1-DIG-AI-02",
    "UC1-DIG-AI-02",
    "uc1.https-digest",
    "valid",
    "fail",
    "1",
    "0",
    "accepts-any-psk skips-finished",
  ]);
  expect(rows).toContainEqual([
    "1.1",
    "The client is authenticated to the home server",
    "MUST",
    "1",
    "not-met",
    "UC1-PSK-BI-03",
    "UC1-PSK-BI-03[suite=00a8,tls=1.2]",
    "uc1.psk-tls",
    "invalid",
    "fail",
    "0",
    "1",
    "",
  ]);
});

it("has all 19 labels in order, those that no instance judges with empty case columns", () => {
  const rows = parse(renderTraceability(sampleReport())).slice(1);
  expect([...new Set(rows.map((row) => row[0]))]).toEqual([...LABELS]);
  expect(rows.find((row) => row[0] === "U1")?.slice(5)).toEqual(["", "", "", "", "", "", "", ""]);
});

it("counts only the must checks of the label itself", () => {
  const rows = parse(renderTraceability(sampleReport()));
  const qop = rows.find((row) => row[0] === "3.1" && row[5] === "UC1-DIG-QOP-01");
  expect(qop?.slice(10, 12)).toEqual(["1", "0"]);
});

it("computes nothing of what the system sent", () => {
  const rows = parse(renderTraceability(sampleReport({ data: HOSTILE.slice(HOSTILE.indexOf("=cmd")) })));
  expect(rows.flat().filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
  expect(rows.flat().some((cell) => cell.startsWith("'=cmd|"))).toBe(true);
});

it("keeps its shape for any data", () => {
  const rows = parse(renderTraceability(sampleReport({ data: "plain" }))).length;
  fc.assert(
    fc.property(hostileText, (data) => {
      const hostile = renderTraceability(sampleReport({ data }));
      const quotes = hostile.split('"').length - 1;
      expect(quotes % 2).toBe(0);
      // Outside quotes nothing but separators is left: every cell ends where it should.
      const skeleton = hostile
        .replace(/"(?:[^"]|"")*"/g, "q")
        .split("\r\n")
        .slice(0, -1);
      expect(skeleton).toHaveLength(rows);
      expect(new Set(skeleton)).toEqual(new Set([Array.from({ length: 13 }, () => "q").join(",")]));
    }),
    { numRuns: 50 },
  );
});
