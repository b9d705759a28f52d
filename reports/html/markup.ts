import { bounded, escapeHtml } from "../escape.ts";

/** UTF-16 code units of one detail or reason. */
const EXCERPT_LIMIT = 4000;

/**
 * Markup that came from a template of this folder. Only {@link html} makes it, and `html` escapes
 * every value that is not markup itself: data cannot reach the page any other way.
 */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type { Markup };

type Value = Markup | string | number | undefined | readonly (Markup | string)[];

/** A piece of HTML; `undefined` is nothing, a list is joined. Attribute values stand in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...values.map(textOf)));
}

/** Pieces with a separator between them. */
export function joined(pieces: readonly Markup[], separator: string): Markup {
  return html`${pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]))}`;
}

/** What a peer or a case said, cut where it would swamp the page. */
export function excerpt(text: string | undefined): string {
  return bounded(text ?? "", EXCERPT_LIMIT);
}

function textOf(value: Value): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value instanceof Markup ? value.toString() : value.map(textOf).join("");
}
