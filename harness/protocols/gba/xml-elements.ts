/** A tree of namespaced elements, read from a small document of a peer. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { GbaFormatError } from "./format-error.ts";

export interface XmlElement {
  /** Empty for an element in no namespace. */
  readonly namespace: string;
  readonly localName: string;
  /** Character data of the element itself, references replaced. */
  text(): string;
  readonly children: readonly XmlElement[];
}

const TEXT = "#text";
const CDATA = "#cdata";
const ATTRIBUTES = ":@";

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  ignoreDeclaration: true,
  ignorePiTags: true,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  trimValues: false,
  // References are replaced below, where an unknown one is an error.
  processEntities: false,
  maxNestedTags: 32,
});

/** The references that need no document type definition (XML 1.0 4.6). */
const PREDEFINED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function replaceReferences(text: string): string {
  return text.replace(/&([^;&]*);?/g, (reference, name: string) => {
    const character = PREDEFINED[name] ?? numericCharacter(name);
    if (character === undefined || !reference.endsWith(";")) {
      throw new GbaFormatError(`the reference ${JSON.stringify(reference.slice(0, 40))} is not allowed`);
    }
    return character;
  });
}

function numericCharacter(name: string): string | undefined {
  const digits = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

/** Namespace declarations: those of an element, then those around it. A chain, so that no hostile document is copied. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

function resolve(prefix: string, scope: Scope | undefined): string {
  for (let at = scope; at !== undefined; at = at.outer) {
    const namespace = at.declared.get(prefix);
    if (namespace !== undefined) return namespace;
  }
  return "";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nodesOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Namespaces in XML 6.1: a declaration holds for its element and everything inside. */
function scopeWithin(outer: Scope | undefined, attributes: unknown): Scope | undefined {
  if (!isRecord(attributes)) return outer;
  const declared = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "xmlns") declared.set("", String(value));
    else if (name.startsWith("xmlns:")) declared.set(name.slice(6), String(value));
  }
  return declared.size === 0 ? outer : { declared, outer };
}

function characterData(nodes: readonly Readonly<Record<string, unknown>>[]): string {
  const pieces = nodes.map((node) => {
    if (CDATA in node) return nodesOf(node[CDATA]).map((inner) => String(inner[TEXT] ?? ""));
    return TEXT in node ? [replaceReferences(String(node[TEXT]))] : [];
  });
  return pieces.flat().join("");
}

function elementsOf(
  nodes: readonly Readonly<Record<string, unknown>>[],
  outer: Scope | undefined,
): XmlElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT && key !== CDATA);
    if (name === undefined) return [];
    const scope = scopeWithin(outer, node[ATTRIBUTES]);
    const colon = name.indexOf(":");
    const content = nodesOf(node[name]);
    const element: XmlElement = {
      namespace: resolve(name.slice(0, Math.max(colon, 0)), scope),
      localName: name.slice(colon + 1),
      text: () => characterData(content),
      children: elementsOf(content, scope),
    };
    return [element];
  });
}

function parseNodes(xml: string): unknown {
  try {
    if (XMLValidator.validate(xml) === true) return parser.parse(xml);
  } catch {
    // The parser's own errors quote the document; what matters is that it is not well-formed.
  }
  return undefined;
}

/**
 * The root element of a document. Nothing is ever fetched or expanded: a document type declaration is refused, and
 * of references only the predefined and numeric ones are replaced.
 * @throws GbaFormatError when the text is not well-formed, nested deeper than 32 elements, has a document type
 *   declaration, or not exactly one root element. `text()` throws it for another kind of reference.
 */
export function parseXml(xml: string): XmlElement {
  if (/<!(?!--|\[CDATA\[)/.test(xml)) throw new GbaFormatError("a document type declaration is not allowed");
  const roots = elementsOf(nodesOf(parseNodes(xml)), undefined);
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new GbaFormatError("the document is not well-formed XML");
  return root;
}
