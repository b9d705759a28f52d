/**
 * Everything that a peer or a profile supplied is data. Each function here makes such text safe for
 * one kind of output; what a reader could not see (controls, bidirectional overrides, zero-width
 * characters, lone surrogates) becomes a visible `\x1b` or `\u{202e}` instead of vanishing, because
 * an auditor must not be shown less than the peer sent.
 */

const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

/** Everything outside the `Char` production of XML 1.0, section 2.2. */
const XML_FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Cells that a spreadsheet would compute, also after leading space or in full-width form. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * The first `max` UTF-16 code units of `text`, never half a surrogate pair, followed by a mark that
 * says so; shorter text is returned as it is. Bound first and escape afterwards: escaping makes
 * text longer.
 */
export function bounded(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max;
  return `${text.slice(0, end)}… [cut after ${end} characters]`;
}

/** For one line of a terminal: no control character, line break or override of direction is left. */
export function escapeTerminal(text: string): string {
  return text.replace(UNSEEN, visible);
}

/** For several lines of text: as {@link escapeTerminal}, but tab and line feed stay what they are. */
export function escapeLines(text: string): string {
  return text.replace(UNSEEN, (character) =>
    character === "\n" || character === "\t" ? character : visible(character),
  );
}

/** For HTML text and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return escapeLines(text).replace(/[&<>"']/g, entity);
}

/**
 * For XML 1.0 text and for attribute values in quotes. Characters that XML 1.0 cannot hold, not even
 * as a reference, are removed; pass the text through {@link escapeLines} first to keep them visible.
 */
export function escapeXml(text: string): string {
  return text
    .replace(XML_FORBIDDEN, "")
    .replace(/[&<>"]/g, entity)
    .replaceAll("'", "&apos;")
    .replaceAll("\r", "&#13;");
}

/**
 * For running text and table cells of Markdown (CommonMark, GitHub, GitLab). Beside the escapes of
 * CommonMark a zero-width space is put where those sites would make links or emoji of plain text after
 * rendering (addresses, mentions, references to issues): a backslash does not stop them there.
 */
export function escapeMarkdown(text: string): string {
  return escapeTerminal(text)
    .replace(/[\\`*_{}[\]<>#|~&$@]|^[+\-=]|(?<=^\d+)[.)](?=\s|$)/g, "\\$&")
    .replace(/\\[@#$~&](?=\S)|[!%](?=[\p{N}"])|:(?=[/\p{L}])|www(?=\.)|GH(?=-)/giu, "$&&#8203;");
}

/**
 * Data as a code span of Markdown, which no site turns into links; empty text gives no span. The two
 * characters that could end the span or the table cell around it take the visible form too: how a
 * backslash before them is read differs between renderers.
 */
export function codeSpan(text: string): string {
  const inside = escapeTerminal(text).replaceAll("`", "\\x60").replaceAll("|", "\\x7c");
  return inside.trim() === "" ? "" : `\`${inside}\``;
}

/**
 * One cell of CSV (RFC 4180), always in quotes. A cell that a spreadsheet would take for a formula
 * gets a leading apostrophe.
 */
export function escapeCsv(text: string): string {
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return `"${escapeLines(inert).replaceAll('"', '""')}"`;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex.padStart(4, "0")}}`;
}

function entity(character: string): string {
  return ENTITIES[character] ?? "";
}
