import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./markdown.ts";
import { HOSTILE, hostileText } from "./testing/hostile-text.ts";
import { sampleReport } from "./testing/sample-report.ts";

/** What a Markdown renderer would still take for markup: code spans, escapes and references are out. */
function markupOf(page: string): string {
  return page
    .replaceAll("&#8203;", "\u200b")
    .replace(/\\[!-~]|`[^`\n]*`/g, (part) => (part[0] === "`" ? "c" : "e"));
}

function section(page: string, title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(title)) ?? "";
}

describe("summary.md", () => {
  const page = renderMarkdown(sampleReport());

  it.each([
    [{ conformant: true }, "# Conformant"],
    [{ conformant: false }, "# Not conformant"],
    [{ conformant: null }, "# Undetermined"],
    [{ conformant: null, scope: "partial" }, "# Partial run"],
  ] as const)("begins with the headline of %j", (variation, title) => {
    expect(renderMarkdown(sampleReport(variation)).split("\n")[0]).toBe(title);
  });

  it("names system, counts and the gap of the suite", () => {
    expect(page).toContain("**Presence Gateway 7.4.1** (Example Networks), as enabler");
    expect(page).toContain("| 7 | 2 | 1 | 1 | 1 | 1 | 1 | 10 |");
    expect(page).toContain("For 10 of the 19 labels this version of the suite has no case");
  });

  it("has all labels with status and reason, and all use cases with their flows", () => {
    expect(section(page, "Requirements").match(/^\| (?:[1-5ASU])/gm)).toHaveLength(19);
    expect(page).toContain("MUST, release 2 | ? undetermined | UC1-DIG-RPL-01 stayed inconclusive. |");
    expect(section(page, "Use cases").match(/^\| [1-7] \|/gm)).toHaveLength(7);
  });

  it("lists failed cases with their failed checks only", () => {
    const failed = section(page, "Failed cases (2)");
    expect(failed).toContain(
      "✕ 1.1: no protected resource is served: `HTTP 200 with 412 bytes of /protected`",
    );
    expect(failed).not.toContain("the key manager was asked");
  });

  it("lists findings, and inconclusive cases with their root cause", () => {
    expect(section(page, "Findings (1)")).toContain("the challenge offers auth-int");
    expect(section(page, "Inconclusive cases (1)")).toContain("Root cause: `UC1-DIG-AI-02`");
    expect(section(page, "Flaky cases (1)")).toContain("inconclusive, pass");
  });

  it("says that a run was interrupted and what its sanity checks gave", () => {
    const run = { ...sampleReport().run, interrupted: "stopped by Ctrl-C" };
    const interrupted = renderMarkdown({ ...sampleReport(), run });
    expect(interrupted).toContain("**The run was interrupted:** stopped by Ctrl-C");
    expect(interrupted).toContain("**The last sanity check failed** on uc1.https-digest");
  });

  it("stays short when everything failed", () => {
    const report = sampleReport();
    const broken = report.cases.find((entry) => entry.verdict === "fail");
    if (broken === undefined) throw new Error("the sample has no failed case");
    const cases = Array.from({ length: 400 }, (_, index) => ({ ...broken, key: `${broken.id}[n=${index}]` }));
    expect(renderMarkdown({ ...report, cases })).toContain("- and 350 more, see report.html");
  });

  it("shows hostile data as data", () => {
    const rest = markupOf(renderMarkdown(sampleReport({ data: HOSTILE })));
    expect(rest).not.toMatch(/[<>[\]]|https:\/\/|@|javascript:a/);
    expect(rest).not.toContain("\u001b");
    expect(rest.match(/^## heading/m)).toBeNull();
  });

  it("keeps lines and table cells for any data", () => {
    const shape = (text: string) =>
      markupOf(text)
        .split("\n")
        .map((line) => line.split("|").length);
    const plain = shape(renderMarkdown(sampleReport({ data: "plain" })));
    fc.assert(
      fc.property(hostileText, (data) => {
        expect(shape(renderMarkdown(sampleReport({ data })))).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });
});
