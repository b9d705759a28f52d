import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { readBounded } from "./bounded-file.ts";
import { nearest } from "./nearest.ts";
import { fieldName, type Outcome, type Position, type ProfileProblem } from "./problem.ts";

/** A YAML file of a profile, with the place of everything in it. */
export interface YamlFile {
  readonly name: string;
  /** Maps, lists, and text: every scalar as it is written, so that 1.2 and 0100000002 keep their digits. */
  readonly value: unknown;
  /** SHA-256 (hex) of the octets. */
  readonly sha256: string;
  /** Place of a field, of its name or its value; of its nearest parent when it does not stand in the file. */
  locate(path: readonly string[], part: "name" | "value"): Position;
}

/** A problem of one field of a file. */
export function problemAt(
  file: YamlFile,
  path: readonly string[],
  part: "name" | "value",
  words: Pick<ProfileProblem, "message" | "allowed" | "fix">,
): ProfileProblem {
  return { file: file.name, ...file.locate(path, part), field: fieldName(path), ...words };
}

const MOST_ALIASES = 100;
const TOO_MANY_ALIASES = "its aliases are too many, or hold themselves";
const MOST_SYNTAX_PROBLEMS = 3;
const A_YAML_FILE = "fields as in profiles/reference, indented with spaces";

/** Reads a file of a profile; never throws for what stands in it. */
export function readYamlFile(directory: string, name: string): Outcome<YamlFile> {
  const path = join(directory, name);
  const whole = (message: string, fix: string): Outcome<YamlFile> => ({
    ok: false,
    problems: [{ file: path, line: 0, column: 0, field: "", message, allowed: A_YAML_FILE, fix }],
  });
  const read = readBounded(path);
  if ("reason" in read) {
    return whole(read.reason, read.missing ? howAProfileLooks(directory, name) : "Put a YAML file there.");
  }
  const text = decodeUtf8(read.bytes);
  if (text === undefined) return whole("is not UTF-8", "Save it as UTF-8.");
  const sha256 = createHash("sha256").update(read.bytes).digest("hex");
  return parse(name, text, sha256);
}

function howAProfileLooks(directory: string, name: string): string {
  const entries = attempt(() => readdirSync(directory)) ?? [];
  const others = entries.filter((entry) => !["ics.yaml", "ixit.yaml"].includes(entry));
  const meant = nearest(name, others);
  const rename = meant === undefined ? "" : `Is it ${meant}? Then rename it. `;
  return (
    `${rename}A profile is a folder with ics.yaml (what the system claims) and ixit.yaml ` +
    "(how to reach it); seccf profile new DIR writes one."
  );
}

function decodeUtf8(bytes: Buffer): string | undefined {
  return attempt(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

function parse(name: string, text: string, sha256: string): Outcome<YamlFile> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Only text and null: the schema of the file says what is a number, not the look of a value.
    schema: "failsafe",
    customTags: ["null"],
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    // One mistake often makes several errors, all at one place.
    const first = new Map(syntax.toReversed().map((error) => [error.pos[0], error]));
    const problems = [...first.values()]
      .toSorted((a, b) => a.pos[0] - b.pos[0])
      .slice(0, MOST_SYNTAX_PROBLEMS)
      .map((error) => syntaxProblem(name, text, error, position(error.pos[0])));
    return { ok: false, problems };
  }
  const alias = wrongAlias(document);
  const value = alias === undefined ? toValue(document) : undefined;
  if (value === undefined) {
    const at = position(alias?.offset ?? 0);
    const message = alias?.message ?? TOO_MANY_ALIASES;
    const fix = "Write the value out instead of using an alias; text that begins with * needs quotes.";
    return { ok: false, problems: [{ file: name, ...at, field: "", message, allowed: A_YAML_FILE, fix }] };
  }
  const locate: YamlFile["locate"] = (path, part) => position(offsetOf(document, path, part));
  return { ok: true, value: { name, value, sha256, locate } };
}

/** The first alias without an anchor, or one too many. */
function wrongAlias(
  document: Document.Parsed,
): { readonly offset: number; readonly message: string } | undefined {
  let found: { readonly offset: number; readonly message: string } | undefined;
  let count = 0;
  visit(document, {
    Alias(_, alias) {
      count += 1;
      const { source, range } = alias;
      const few = count <= MOST_ALIASES;
      // Each look-up walks through the document, so they are bounded as well.
      if (few && alias.resolve(document) !== undefined) return undefined;
      const message = few ? `the alias *${source} has no anchor &${source} before it` : TOO_MANY_ALIASES;
      found = { offset: range?.[0] ?? 0, message };
      return visit.BREAK;
    },
  });
  return found;
}

/** Undefined when aliases stand for too much (a few lines can mean gigabytes), or go in circles. */
function toValue(document: Document.Parsed): unknown {
  const value: unknown = attempt(() => document.toJS({ maxAliasCount: MOST_ALIASES }));
  // Through JSON, which refuses circles, and makes a copy of each value that an alias repeats.
  return attempt(() => JSON.parse(JSON.stringify(value)));
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** Errors that the parser words for programmers. */
const SYNTAX: Partial<Record<YAMLError["code"], readonly [message: string, fix: string]>> = {
  DUPLICATE_KEY: ["stands here a second time", "Keep one of the two."],
  TAB_AS_INDENT: ["a tab indents this line", "Indent with spaces."],
  MULTIPLE_DOCS: [
    "a second document begins here",
    "Keep one document in the file, without --- in its middle.",
  ],
  NON_STRING_KEY: ["a list or a block stands where a field has its name", "Write the name of a field."],
  TAG_RESOLVE_FAILED: [
    "a tag stands here",
    "Write the value without a tag; text that begins with ! needs quotes.",
  ],
  RESOURCE_EXHAUSTION: ["is nested too deeply", "Write the profile with the few levels that it has."],
};

function syntaxProblem(name: string, text: string, error: YAMLError, at: Position): ProfileProblem {
  const field = error.code === "DUPLICATE_KEY" ? wordAt(text, error.pos[0]) : "";
  const [message, fix] = SYNTAX[error.code] ?? [
    `cannot be read as YAML: ${error.message.replace(/\.$/, "")}`,
    "Mend this place; text with : # [ ] { } or a leading *, & or ! needs quotes.",
  ];
  return { file: name, ...at, field, message, allowed: A_YAML_FILE, fix };
}

function wordAt(text: string, offset: number): string {
  return /^["']?([^\s:,[\]{}"']{1,80})/.exec(text.slice(offset, offset + 100))?.[1] ?? "";
}

/** Offset of a field, or of its nearest parent that stands in the file. */
function offsetOf(document: Document.Parsed, path: readonly string[], part: "name" | "value"): number {
  let node: Node | null = document.contents;
  let name = 0;
  for (const step of path) {
    const child = childOf(resolved(document, node), step);
    if (child === undefined) return name;
    ({ name, node } = child);
  }
  return part === "name" ? name : (node?.range?.[0] ?? name);
}

function resolved(document: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function childOf(
  node: Node | null,
  step: string,
): { readonly name: number; readonly node: Node | null } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    if (pair === undefined || !isScalar(pair.key)) return undefined;
    return { name: pair.key.range?.[0] ?? 0, node: isNode(pair.value) ? pair.value : null };
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { name: item.range?.[0] ?? 0, node: item } : undefined;
  }
  return undefined;
}
