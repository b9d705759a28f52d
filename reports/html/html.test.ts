import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LABELS } from "../../harness/conformance/vocabulary.ts";
import type { CaseReport } from "../report-model.ts";
import { HOSTILE, hostileText } from "../testing/hostile-text.ts";
import { sampleReport } from "../testing/sample-report.ts";
import { renderHtml } from "./index.ts";

const TRANSCRIPT = "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/transcript.txt";
const VOID = new Set(["meta", "br", "!doctype"]);

/** Each tag as its name and the names of its attributes. Data cannot hold a bare `>` or `"`, or this shows it. */
function tags(page: string): readonly string[] {
  return [...page.matchAll(/<(\/?[a-z!][^\s>]*)([^>]*)>/gi)].map(([, name = "", attributes = ""]) => {
    const names = attributes.replace(/="[^"]*"/g, "").match(/[^\s=]+/g) ?? [];
    return [name, ...names].join(" ");
  });
}

function withoutStyle(page: string): string {
  return page.replace(/<style>.*<\/style>/s, "");
}

function failedCase(): CaseReport {
  const found = sampleReport().cases.find((entry) => entry.verdict === "fail");
  if (found === undefined) throw new Error("the sample has no failed case");
  return found;
}

describe("report.html", () => {
  const page = renderHtml(sampleReport(), () => undefined);
  // Not a path inside the run directory, like the hostile text, so that both pages have the same links.
  const plainTags = tags(renderHtml(sampleReport({ data: "../plain" }), () => "../plain"));

  it("allows nothing but its own style", () => {
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    );
    expect(page).not.toMatch(
      /<(?:script|link|img|iframe|object|embed|svg|form|base)\b|\sstyle=|\son[a-z]+=|url\(|@import/i,
    );
  });

  it("refers to nothing outside the run directory", () => {
    const hostile = renderHtml(sampleReport({ data: HOSTILE }), () => HOSTILE);
    for (const shown of [page, hostile]) {
      const attributes = new Set(tags(shown).flatMap((tag) => tag.split(" ").slice(1)));
      for (const name of ["src", "srcset", "action", "data", "poster"])
        expect(attributes).not.toContain(name);
      for (const [, href] of shown.matchAll(/\shref="([^"]*)"/g)) expect(href).toMatch(/^(?:#|evidence\/)/);
    }
  });

  it("closes every element that it opens", () => {
    const open: string[] = [];
    for (const [name = ""] of tags(page).map((tag) => tag.split(" "))) {
      if (name.startsWith("/")) expect(open.pop()).toBe(name.slice(1));
      else if (!VOID.has(name.toLowerCase())) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it("has unique anchors, and every link within the page has its target", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
    for (const label of LABELS) expect(ids).toContain(`label-${label}`);
  });

  it("gives cases whose keys differ only in punctuation different anchors", () => {
    const cases = ["K[a]", "K(a)", "K_5b_a_5d_"].map((key) => ({ ...failedCase(), key }));
    const anchors = [
      ...renderHtml({ ...sampleReport(), cases }, () => undefined).matchAll(/id="(case-[^"]*)"/g),
    ];
    expect(new Set(anchors.map(([, id]) => id)).size).toBe(3);
  });

  it("says verdict, meaning, system, hashes, run data and the gap of the suite", () => {
    for (const text of [
      "Not conformant",
      "2 cases failed, and label 1.1 is not met",
      "For 10 of the 19 labels",
      "Presence Gateway",
      "1c".repeat(32),
      "d7".repeat(32),
      "9b".repeat(32),
      "20260302",
      "The last sanity check failed",
    ]) {
      expect(page).toContain(text);
    }
  });

  it("shows failed cases first and open, then inconclusive, error, pass and not applicable", () => {
    const groups = [...page.matchAll(/<h3 id="cases-([a-z-]+)"/g)].map(([, verdict]) => verdict);
    expect(groups).toEqual(["fail", "inconclusive", "error", "pass", "not-applicable"]);
    expect(page.match(/<details class="case" open>/g)).toHaveLength(2);
  });

  it("links an inconclusive case to its root cause", () => {
    expect(page).toContain('Root cause: <a href="#case-UC1-DIG-AI-02">');
  });

  it("embeds a transcript, bounded to 64 Ki, and only links what it was not given", () => {
    const shown = renderHtml(sampleReport(), (path) =>
      path === TRANSCRIPT ? "y".repeat(70_000) : undefined,
    );
    const [, transcript = ""] = shown.split(/<pre tabindex="0">\n|<\/pre>/);
    expect(transcript === `${"y".repeat(65_536)}… [cut after 65536 characters]`).toBe(true);
    expect(shown).toContain('href="evidence/UC1-PSK-BI-03%5Bsuite%3D00a8%2Ctls%3D1.2%5D/capture.pcapng"');
  });

  it("does not grow without bound with the number of transcripts", () => {
    const evidence = Array.from({ length: 400 }, (_, index) => `evidence/${index}.txt`);
    const cases = [{ ...failedCase(), evidence }];
    const shown = renderHtml({ ...sampleReport(), cases }, () => "y".repeat(65_536));
    expect(shown.match(/<pre/g)).toHaveLength(256);
    expect(shown).toContain('Evidence: <a href="evidence/399.txt">');
  });

  it("does not link a path that leaves the run directory", () => {
    const cases = [{ ...failedCase(), evidence: ["../../etc/passwd.txt", "javascript:alert(1)/x"] }];
    const shown = renderHtml({ ...sampleReport(), cases }, () => undefined);
    expect(shown).toContain("<code>../../etc/passwd.txt</code> (refused");
    expect(shown).toContain('href="javascript%3Aalert(1)/x"');
  });

  it("shows hostile data as data, in fields and transcripts", () => {
    const shown = withoutStyle(renderHtml(sampleReport({ data: HOSTILE }), () => HOSTILE));
    expect(shown).not.toContain("<script");
    expect(shown).not.toContain("<img");
    expect(shown).not.toMatch(/[^\n\t\P{Cc}]|\u202e|\u2066|\u200b/u);
    expect(shown).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(shown).toContain("\\x1b[2J");
    expect(tags(shown)).toEqual(plainTags.filter((tag) => tag !== "style" && tag !== "/style"));
  });

  it("has the same elements and attributes for any data", () => {
    fc.assert(
      fc.property(hostileText, (data) => {
        expect(tags(renderHtml(sampleReport({ data: `../${data}` }), () => data))).toEqual(plainTags);
      }),
      { numRuns: 40 },
    );
  });

  it("gives every symbol its word", () => {
    const symbols =
      page.match(/<span aria-hidden="true">[^<]*<\/span>\s*(?:<span class="heard">)?[A-Za-z0-9]/g) ?? [];
    expect(symbols).toHaveLength((page.match(/<span aria-hidden="true">/g) ?? []).length);
  });
});
