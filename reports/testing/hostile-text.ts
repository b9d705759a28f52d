import fc from "fast-check";

/** What a malicious system would like to put into the report: one attack for each output. */
export const HOSTILE = [
  `</pre></td><script>alert("1")</script><img src=x onerror='alert(1)'>`,
  "]]>&amp;<!--",
  "=cmd|' /C calc'!A0",
  "\u001b[2J\u001b]0;owned\u0007\u009b31m\u0000\u000b\ud800\ufffe",
  "\u202eevil\u2066\u200b",
  "`code` | cell | [link](javascript:alert(1)) @everyone #1 https://evil.example/",
  "[[ATTACHMENT|/etc/passwd]]",
  "\r\n## heading\n| a | b |",
].join(" ");

/** Random text with pieces of markup of every output in it; never empty. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(
        "<script>",
        "</td>",
        '"',
        "'",
        '" onload="',
        "-->",
        "<!--",
        "]]>",
        "&lt;",
        "<a href=x>",
      ),
      fc.constantFrom(
        "`",
        "|",
        "\\",
        "\\|",
        "[a](b)",
        "# ",
        "*",
        "_",
        "<b>",
        "\r\n",
        "\n\n",
        '","',
        '"\r\n',
        "=1",
      ),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => `x${pieces.join("")}`);
