import fc from "fast-check";
import { expect, it } from "vitest";
import { LABELS } from "../harness/conformance/vocabulary.ts";
import { renderTraceability } from "./csv.ts";
import type { Report } from "./report-model.ts";
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

function rowsOf(report: Report): readonly Readonly<Record<string, string>>[] {
  const [header = [], ...rows] = parse(renderTraceability(report));
  return rows.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""])));
}

it("has one row per label, instance and check, with all that an auditor asks of it", () => {
  const rows = rowsOf(sampleReport());
  expect(rows.filter((row) => row["label"] === "1.1" && row["case id"] === "UC1-PSK-BI-03")).toEqual([
    {
      label: "1.1",
      title: "The client is authenticated to the home server",
      level: "MUST",
      release: "1",
      status: "not-met",
      why: "A must check of UC1-PSK-BI-03 failed.",
      clause: "RFC 4279 2; TS 33.222 5.4",
      "use case": "1",
      flow: "PSK-TLS",
      "way in": "uc1.psk-tls",
      polarity: "invalid",
      "case id": "UC1-PSK-BI-03",
      key: "UC1-PSK-BI-03[suite=00a8,tls=1.2]",
      purpose: "The enabler serves nothing to a terminal that names a valid B-TID but proves another Ks_NAF",
      verdict: "fail",
      reason: "The protected resource was served to a terminal that did not hold the key.",
      "check level": "must",
      check: "no protected resource is served",
      outcome: "failed",
      seen: "HTTP 200 with 412 bytes of /protected",
      "proven by": "",
      evidence:
        "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/transcript.txt evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/capture.pcapng",
    },
  ]);
});

it("names the fault that proves the check of the row, and no other's", () => {
  const rows = rowsOf(sampleReport()).filter((row) => row["case id"] === "UC1-PSK-EST-01");
  const proven = (label: string) =>
    new Set(rows.filter((row) => row["label"] === label).map((row) => row["proven by"]));
  expect(proven("1.2")).toEqual(new Set(["skips-finished"]));
  expect(proven("4.1")).toEqual(new Set([""]));
});

it("lists findings beside must checks, and no observation", () => {
  const rows = rowsOf(sampleReport());
  const qop = rows.filter((row) => row["label"] === "3.1" && row["case id"] === "UC1-DIG-QOP-01");
  expect(qop.map((row) => [row["check level"], row["outcome"]])).toEqual([
    ["must", "passed"],
    ["should", "failed"],
  ]);
  expect(new Set(rows.map((row) => row["check level"]))).toEqual(new Set(["must", "should", ""]));
});

it("has the checks of clauses, with the clause and without a label", () => {
  const rows = rowsOf(sampleReport()).filter((row) => row["label"] === "");
  expect(rows.map((row) => [row["clause"], row["case id"], row["outcome"]])).toEqual([
    ["RFC 7616 3.5", "UC1-DIG-AI-02", "failed"],
  ]);
});

it("has a row for an instance that came to no check, and for what is demanded and not judged", () => {
  const rows = rowsOf(sampleReport());
  expect(rows.filter((row) => row["label"] === "1.4")).toEqual([
    expect.objectContaining({ "case id": "UC1-DIG-RPL-01", verdict: "inconclusive", check: "", outcome: "" }),
    expect.objectContaining({
      "case id": "",
      polarity: "replay",
      "way in": "uc1.psk-tls",
      outcome: "not judged",
    }),
  ]);
});

it("has all 19 labels in order, those that no instance judges with empty case columns", () => {
  const rows = rowsOf(sampleReport());
  expect([...new Set(rows.map((row) => row["label"]))]).toEqual([...LABELS, ""]);
  const { label, title, level, release, status, why, ...rest } =
    rows.find((row) => row["label"] === "U1") ?? {};
  expect([label, title, level, release, status, why].every((cell) => cell !== "")).toBe(true);
  expect(new Set(Object.values(rest))).toEqual(new Set([""]));
});

it("computes nothing of what the system sent", () => {
  const rows = parse(renderTraceability(sampleReport({ data: HOSTILE.slice(HOSTILE.indexOf("=cmd")) })));
  expect(rows.flat().filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
  expect(rows.flat().some((cell) => cell.startsWith("'=cmd|"))).toBe(true);
});

it("keeps its shape for any data", () => {
  const [header = [], ...rows] = parse(renderTraceability(sampleReport({ data: "plain" })));
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
      expect(skeleton).toHaveLength(rows.length + 1);
      expect(new Set(skeleton)).toEqual(new Set([header.map(() => "q").join(",")]));
    }),
    { numRuns: 50 },
  );
});
