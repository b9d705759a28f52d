import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import {
  bounded,
  codeSpan,
  escapeCsv,
  escapeHtml,
  escapeLines,
  escapeMarkdown,
  escapeTerminal,
  escapeXml,
} from "./escape.ts";

/** Any UTF-16, also control characters and lone surrogates. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe("bounded", () => {
  it("keeps what fits and marks what it cut", () => {
    expect(bounded("abc", 3)).toBe("abc");
    expect(bounded("abcd", 3)).toBe("abc… [cut after 3 characters]");
  });

  it("does not split a surrogate pair", () => {
    expect(bounded("ab😀d", 3)).toBe("ab… [cut after 2 characters]");
    expect(bounded("ab😀d", 4)).toBe("ab😀… [cut after 4 characters]");
  });
});

describe("escapeTerminal", () => {
  it.each([
    ["\u001b[31mred", "\\x1b[31mred"],
    ["\u009b2J", "\\x9b2J"],
    ["a\r\nb\tc", "a\\x0d\\x0ab\\x09c"],
    ["\u202etxt.exe", "\\u{202e}txt.exe"],
    ["\u2066\u200b\ufeff", "\\u{2066}\\u{200b}\\u{feff}"],
    ["\ud800", "\\u{d800}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["grün 😀 Ελλ", "grün 😀 Ελλ"],
  ])("%j becomes %s", (text, shown) => {
    expect(escapeTerminal(text)).toBe(shown);
  });

  it("leaves no character that a terminal obeys, whatever the peer sends", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = escapeTerminal(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });
});

it("escapeLines keeps line feed and tab only", () => {
  expect(escapeLines("a\n\tb\r\u0000")).toBe("a\n\tb\\x0d\\x00");
});

describe("escapeHtml", () => {
  it("makes markup and attribute ends harmless", () => {
    expect(escapeHtml(`<a b="c" d='e'>&amp;`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
  });

  it("leaves no character that means something to HTML", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const rest = escapeHtml(text).replace(/&(?:amp|lt|gt|quot|#39);/g, "");
        expect(rest).not.toMatch(/[<>&"']/);
      }),
    );
  });
});

describe("escapeXml", () => {
  it("removes what XML 1.0 forbids", () => {
    expect(escapeXml("a\u0000\u001b\ud800\ufffeb\r\n]]>")).toBe("ab&#13;\n]]&gt;");
  });

  it("gives text that is well formed in element and attribute and reads back as it was", () => {
    const parser = new XMLParser({ ignoreAttributes: false, trimValues: false, parseTagValue: false });
    fc.assert(
      fc.property(anyText, (text) => {
        const xml = `<e a="${escapeXml(text)}">x${escapeXml(text)}</e>`;
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
      }),
    );
    expect(parser.parse(`<e>${escapeXml("<&>\"'")}</e>`)).toEqual({ e: "<&>\"'" });
  });
});

describe("escapeMarkdown", () => {
  it.each([
    ["NAF_Id *x* `y`", "NAF\\_Id \\*x\\* \\`y\\`"],
    ["[a](b)", "\\[a\\](b)"],
    ["a | b", "a \\| b"],
    ["\\|", "\\\\\\|"],
    ["<b>", "\\<b\\>"],
    ["# a", "\\# a"],
    ["- a", "\\- a"],
    ["1. a", "1\\. a"],
    ["1.1 stays", "1.1 stays"],
    ["a\n## b", "a\\\\x0a\\#&#8203;\\# b"],
    ["https://evil.example", "https:&#8203;//evil.example"],
    ["www.evil.example", "www&#8203;.evil.example"],
    ["user@ims.example #12 !3", "user\\@&#8203;ims.example \\#&#8203;12 !&#8203;3"],
  ])("%j becomes %s", (text, shown) => {
    expect(escapeMarkdown(text)).toBe(shown);
  });

  it("leaves no mark-up character without its backslash", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const rest = escapeMarkdown(text)
          .replaceAll("&#8203;", "")
          .replace(/\\[\x21-\x7e]/g, "");
        expect(rest).not.toMatch(/[\\`*_{}[\]<>#|~&$@\n]/);
      }),
    );
  });
});

describe("codeSpan", () => {
  it("cannot be left, and cannot break a table", () => {
    expect(codeSpan("a`b | c\\|\n")).toBe("`a\\x60b \\x7c c\\\\x7c\\x0a`");
    expect(codeSpan("")).toBe("");
  });
});

describe("escapeCsv", () => {
  it.each([
    ["plain", '"plain"'],
    ['a "b", c', '"a ""b"", c"'],
    ["=1+1", `"'=1+1"`],
    ["+1", `"'+1"`],
    ["-1", `"'-1"`],
    ["@SUM(A1)", `"'@SUM(A1)"`],
    ["\t=1", `"'\t=1"`],
    ["\r=1", `"'\\x0d=1"`],
    ["  =1", `"'  =1"`],
    ["＝1", `"'＝1"`],
    ["a=1", '"a=1"'],
  ])("%j becomes %s", (text, cell) => {
    expect(escapeCsv(text)).toBe(cell);
  });
});
