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

  it("has all labels: those of which something was found with status and reason, the others by name", () => {
    const requirements = section(page, "Requirements");
    expect(requirements.match(/^\| (?:[1-5ASU])/gm)).toHaveLength(7);
    expect(page).toContain("MUST, release 2 | ? undetermined | UC1-DIG-RPL-01 stayed inconclusive. |");
    expect(requirements).toContain("○ not covered: 1.2b, 1.3, 1.5, 1.6, 1.7, S2, S3, A1, A2, U1");
    expect(requirements).toContain("– not applicable: 1.1a, 1.2a");
  });

  it("has all use cases, those with cases with their flows", () => {
    expect(section(page, "Use cases").match(/^\| [1-7] \|/gm)).toHaveLength(1);
    expect(section(page, "Use cases")).toContain(
      "Without a case of this version, or not claimed: 2, 3, 4, 5, 6, 7",
    );
  });

  it("tells what needs a reader before the tables", () => {
    const titles = [...page.matchAll(/^## (\w+)/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      ...["Failed", "Errors", "Inconclusive", "Findings", "Flaky"],
      ...["Requirements", "Use", "Bindings", "Run"],
    ]);
  });

  it("lists failed cases with their failed checks only", () => {
    const failed = section(page, "Failed (2 cases)");
    expect(failed).toContain(
      "✕ 1.1: no protected resource is served: `HTTP 200 with 412 bytes of /protected`",
    );
    expect(failed).not.toContain("the key manager was asked");
    expect(failed).toContain("observed: how it was refused: `not at all: the handshake completed`");
  });

  it("lists findings, and inconclusive cases with their root cause", () => {
    expect(section(page, "Findings (1)")).toContain("the challenge offers auth-int");
    expect(section(page, "Inconclusive (1 case)")).toContain("(root cause: `UC1-DIG-AI-02`)");
    expect(section(page, "Flaky (1 instance)")).toContain("inconclusive, pass");
  });

  it("tells cases that one cause left open together", () => {
    const report = sampleReport();
    const open = report.cases.find((entry) => entry.verdict === "inconclusive");
    if (open === undefined) throw new Error("the sample has no inconclusive case");
    const cases = ["A", "B", "C"].map((id) => ({ ...open, id, key: id }));
    const shown = section(renderMarkdown({ ...report, cases }), "Inconclusive (3 cases)");
    expect(shown.match(/^- .*/gm)).toEqual(["- `A`, `B`, `C`"]);
    expect(shown.match(/root cause/g)).toHaveLength(1);
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
    const many = (member: "id" | "key") =>
      renderMarkdown({
        ...report,
        cases: Array.from({ length: 400 }, (_, n) => ({ ...broken, key: `K[n=${n}]`, [member]: `K${n}` })),
      });
    expect(many("id")).toContain("- and 350 more, see report.html");
    expect(section(many("key"), "Failed").match(/^- /gm)).toHaveLength(1);
    expect(many("key")).toContain("- `UC1-PSK-BI-03`, 400 of 400 instances: ");
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
