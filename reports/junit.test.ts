import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, it } from "vitest";
import { renderJunit } from "./junit.ts";
import { HOSTILE, hostileText } from "./testing/hostile-text.ts";
import { sampleReport } from "./testing/sample-report.ts";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  isArray: (name) => ["testsuite", "testcase"].includes(name),
});

interface ParsedCase {
  readonly classname: string;
  readonly name: string;
  readonly time: string;
  readonly failure?: { readonly message: string; readonly "#text": string };
  readonly error?: { readonly message: string; readonly type: string; readonly "#text": string };
  readonly skipped?: { readonly message: string };
  readonly "system-out"?: string;
}

interface ParsedSuite
  extends Readonly<Record<"name" | "tests" | "failures" | "errors" | "skipped" | "time", string>> {
  readonly timestamp: string;
  readonly testcase: readonly ParsedCase[];
}

function parse(xml: string): {
  readonly name: string;
  readonly tests: string;
  readonly testsuite: readonly ParsedSuite[];
} {
  return parser.parse(xml).testsuites;
}

function caseNamed(xml: string, id: string): ParsedCase {
  const found = parse(xml)
    .testsuite.flatMap((suite) => suite.testcase)
    .find((entry) => entry.classname === id);
  if (found === undefined) throw new Error(`no testcase of ${id}`);
  return found;
}

it("has one testsuite per flow and one testcase per instance, with counters that add up", () => {
  const report = sampleReport();
  const { tests, testsuite } = parse(renderJunit(report));
  expect(
    testsuite.map((suite) => [suite.name, suite.tests, suite.failures, suite.errors, suite.skipped]),
  ).toEqual([
    ["Use case 1: PSK-TLS", "8", "1", "1", "0"],
    ["Use case 1: HTTPS with HTTP Digest", "3", "1", "1", "0"],
    ["Use case 2: PSK-TLS through the proxy", "1", "0", "0", "1"],
  ]);
  expect(tests).toBe("12");
  const names = testsuite.flatMap((suite) => suite.testcase.map((entry) => entry.name));
  expect(names.toSorted()).toEqual(report.cases.map((entry) => entry.key).toSorted());
});

it("groups a case outside the use cases by its label", () => {
  const report = sampleReport();
  const [first] = report.cases;
  if (first === undefined) throw new Error("the sample has no case");
  const { useCase: _useCase, flow: _flow, ...outside } = first;
  const xml = renderJunit({ ...report, cases: [{ ...outside, requirements: ["4.1"] }] });
  expect(parse(xml).testsuite.map((suite) => suite.name)).toEqual(["Property suite: label 4.1"]);
});

it("gives times in seconds and the start in UTC", () => {
  const xml = renderJunit({
    ...sampleReport(),
    run: { ...sampleReport().run, startedAt: "2026-03-02T10:14:05+01:00" },
  });
  expect(parse(xml).testsuite[0]?.timestamp).toBe("2026-03-02T09:14:05");
  expect(caseNamed(xml, "UC1-PSK-BI-03").time).toBe("0.128");
});

it("lists the failed must checks of a failure, and no other", () => {
  const failure = caseNamed(renderJunit(sampleReport()), "UC1-PSK-BI-03").failure;
  expect(failure?.message).toBe("1.1: no protected resource is served");
  expect(failure?.["#text"]).toContain("HTTP 200 with 412 bytes");
  expect(failure?.["#text"]).not.toContain("the key manager was asked");
});

it("keeps inconclusive and error apart, and neither passes", () => {
  const xml = renderJunit(sampleReport());
  expect(caseNamed(xml, "UC1-DIG-RPL-01").error).toMatchObject({ type: "inconclusive" });
  expect(caseNamed(xml, "UC1-DIG-RPL-01").error?.["#text"]).toContain("Root cause: UC1-DIG-AI-02");
  expect(caseNamed(xml, "UC1-KM-SIL-01").error).toMatchObject({ type: "error" });
});

it("says why a case was skipped", () => {
  const { skipped } = caseNamed(renderJunit(sampleReport()), "UC2-PRX-EST-01");
  expect(skipped?.message).toBe("ICS item roles does not name authentication-proxy");
});

it("tells findings and flakiness of a passing case", () => {
  const output = caseNamed(renderJunit(sampleReport()), "UC1-DIG-QOP-01")["system-out"];
  expect(output).toContain("Finding: 3.1: the challenge offers auth-int");
  expect(output).toContain("Flaky: attempts gave inconclusive, pass");
});

it("tells what was observed, also of a failed case", () => {
  const xml = renderJunit(sampleReport());
  expect(caseNamed(xml, "UC1-PSK-BI-03")["system-out"]).toContain(
    "Observed: how it was refused: not at all: the handshake completed",
  );
});

it("says for how many labels the suite has no case", () => {
  expect(renderJunit(sampleReport())).toContain(
    '<property name="labels without a case in this version of the suite" value="10"/>',
  );
});

it("shows hostile data as data", () => {
  const xml = renderJunit(sampleReport({ data: HOSTILE }));
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).not.toContain("<script");
  expect(xml).not.toContain("[[ATTACHMENT");
  expect(xml).not.toContain("]]>");
  expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
  expect(caseNamed(xml, "UC1-PSK-BI-03").failure?.["#text"]).toContain('<script>alert("1")</script>');
});

it("stays well formed with the same elements for any data", () => {
  const elements = (xml: string) => xml.match(/<\/?[a-z-]+/g);
  const plain = elements(renderJunit(sampleReport({ data: "plain" })));
  fc.assert(
    fc.property(hostileText, (data) => {
      const xml = renderJunit(sampleReport({ data }));
      expect(XMLValidator.validate(xml)).toBe(true);
      expect(elements(xml)).toEqual(plain);
    }),
    { numRuns: 40 },
  );
});
