import { createHash } from "node:crypto";
import { Script } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LABELS } from "../../harness/conformance/vocabulary.ts";
import type { CaseReport } from "../report-model.ts";
import { HOSTILE, hostileText } from "../testing/hostile-text.ts";
import { sampleReport } from "../testing/sample-report.ts";
import { renderHtml } from "./index.ts";

const TRANSCRIPT = "evidence/UC1-PSK-BI-03[suite=00a8,tls=1.2]/transcript.txt";
const VOID = new Set(["meta", "br", "input", "!doctype"]);

/** Each tag as its name and the names of its attributes. Data cannot hold a bare `>` or `"`, or this shows it. */
function tags(page: string): readonly string[] {
  return [...page.matchAll(/<(\/?[a-z!][^\s>]*)([^>]*)>/gi)].map(([, name = "", attributes = ""]) => {
    const names = attributes.replace(/="[^"]*"/g, "").match(/[^\s=]+/g) ?? [];
    return [name, ...names].join(" ");
  });
}

/** Neither style nor script, which hold no data. */
function withoutStyle(page: string): string {
  return page.replace(/<style>.*<\/style>/s, "").replace(/<script>.*<\/script>/s, "");
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

  it("allows nothing but its own style and the one script of its own", () => {
    const [, script = ""] = /<script>(.*)<\/script>/s.exec(page) ?? [];
    const hash = createHash("sha256").update(script).digest("base64");
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; script-src &#39;sha256-${hash}&#39;; base-uri 'none'; form-action 'none'">`,
    );
    expect(withoutStyle(page)).not.toMatch(
      /<(?:script|link|img|iframe|object|embed|svg|base)\b|\sstyle=|\son[a-z]+=|url\(|@import/i,
    );
    expect(page).not.toMatch(/url\(|@import/i);
  });

  it("has a script that is a program, makes no markup and calls nobody", () => {
    const [, script = ""] = /<script>(.*)<\/script>/s.exec(page) ?? [];
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(
      /<|\\|innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|fetch|XMLHttp|import|https?:/,
    );
    for (const [, id = ""] of script.matchAll(/getElementById\("([^"]+)"\)/g))
      expect(page).toContain(` id="${id}"`);
    // A control named like a member of its form takes that member's place.
    for (const name of ["reset", "submit", "elements"])
      expect(page).not.toMatch(new RegExp(`(?:id|name)="${name}"`));
  });

  it("says the same with another system: the script holds no data", () => {
    const script = (text: string) => /<script>.*<\/script>/s.exec(text)?.[0];
    expect(script(renderHtml(sampleReport({ data: HOSTILE }), () => HOSTILE))).toBe(script(page));
  });

  it("can be read without the script: only the filter is hidden", () => {
    expect(page.match(/<[^>]*\shidden[\s>][^>]*/g)).toEqual([
      expect.stringContaining('<form id="filter"'),
      expect.stringContaining('id="show-all"'),
    ]);
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
    for (const [name = ""] of tags(withoutStyle(page)).map((tag) => tag.split(" "))) {
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
    // One more for the case itself.
    expect(new Set(anchors.map(([, id]) => id)).size).toBe(4);
  });

  it("says verdict, meaning, system, hashes, run data and the gap of the suite", () => {
    for (const text of [
      "Not conformant",
      "2 instances failed, and label 1.1 is not met",
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
    expect(page.match(/<details class="case" id="[^"]*" open>/g)).toHaveLength(2);
  });

  it("links an inconclusive case to its root cause", () => {
    expect(page).toMatch(/Root cause:(?:<\/small>)? <a href="#case-UC1-DIG-AI-02">/);
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
    expect(shown.match(/<pre/g)).toHaveLength(96);
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
    expect(tags(shown)).toEqual(plainTags.filter((tag) => !/^\/?(?:style|script)$/.test(tag)));
  });

  it("has the same elements and attributes for any data", () => {
    fc.assert(
      fc.property(hostileText, (data) => {
        expect(tags(renderHtml(sampleReport({ data: `../${data}` }), () => data))).toEqual(plainTags);
      }),
      { numRuns: 40 },
    );
  });

  it("begins with what failed or stayed open, each case once, with what was seen", () => {
    const [, attention = ""] = page.split(/<h2 id="attention">|<h2 id="matrix">/);
    const cases = [...attention.matchAll(/<td class="which"><a href="#case-([^"]*)">/g)].map(([, id]) => id);
    expect(cases).toEqual(["UC1-PSK-BI-03", "UC1-DIG-AI-02", "UC1-DIG-RPL-01", "UC1-KM-SIL-01"]);
    expect(attention).toContain("HTTP 200 with 412 bytes of /protected");
    const passing = { ...sampleReport(), cases: sampleReport().cases.slice(0, 6) };
    expect(renderHtml(passing, () => undefined)).not.toContain('id="attention"');
  });

  it("leads from a label to its polarities and ways in, what is missing there, and the cases", () => {
    const [, label = ""] = page.split('id="label-1.1"');
    const own = label.split("</details>")[0] ?? "";
    expect(own).toMatch(/valid<\/th><td><span class="mark bad">.*failed.*href="#case-UC1-PSK-BI-03"/s);
    expect(own).toMatch(/replay<\/th><td><span class="mark half">.*missing<\/span> <small>no case yet/s);
    expect(own).toMatch(/boundary<\/th>.*beyond what is demanded/s);
    expect(own).toContain('data-filter="label=1.1"');
  });

  it("sums up a case: each check once, how often what was seen, and the fault that proves it", () => {
    const [, own = ""] = page.split('id="case-UC1-PSK-EST-01"');
    const [, judged = ""] = own.split(/<table class="checks judged">|<\/table>/);
    expect(judged.match(/the server proves the key in its Finished/g)).toHaveLength(1);
    expect(judged).toContain("<small>6×</small> close_notify");
    expect(judged).toContain('<td class="faults"><code>skips-finished</code> </td>');
    expect(judged).toContain("<small>no fault yet</small>");
  });

  it("tells the filter of each instance what it is", () => {
    const [, attributes = ""] =
      /<details class="instance" (data-verdict="inconclusive"[^>]*)>/.exec(page) ?? [];
    expect(attributes).toBe(
      'data-verdict="inconclusive" data-way="uc1.https-digest" data-polarity="replay" data-labels="1.1 1.4" data-marks="" open',
    );
    expect(page).toMatch(/data-verdict="pass"[^>]* data-marks="finding flaky"/);
  });

  it("embeds the transcripts of what did not pass, and one of each case, before the others", () => {
    const cases = Array.from({ length: 200 }, (_, n) => ({
      ...failedCase(),
      verdict: n === 199 ? ("fail" as const) : ("pass" as const),
      id: `UC1-X-BI-${n % 2}`,
      key: `UC1-X-BI-${n % 2}[n=${n}]`,
      evidence: [`evidence/${n}/transcript.txt`],
    }));
    const shown = renderHtml({ ...sampleReport(), cases }, () => "y".repeat(65_536));
    const linked = [...shown.matchAll(/Evidence: <a href="evidence\/(\d+)\//g)].map(([, n]) => Number(n));
    expect(linked).toHaveLength(104);
    expect(linked).not.toContain(199);
    expect(linked).not.toContain(0);
    expect(linked).not.toContain(1);
  });

  it("gives every symbol its word", () => {
    const symbols =
      page.match(/<span aria-hidden="true">[^<]*<\/span>\s*(?:<span class="heard">)?[A-Za-z0-9]/g) ?? [];
    expect(symbols).toHaveLength((page.match(/<span aria-hidden="true">/g) ?? []).length);
  });
});
