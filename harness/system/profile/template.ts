import { allowedIn, allowedNames, type FieldSchema, schemaOf } from "./field-schema.ts";
import icsSchema from "./ics.schema.json" with { type: "json" };
import ixitSchema from "./ixit.schema.json" with { type: "json" };
import { PLACEHOLDER } from "./placeholder.ts";

/** Values that a new file is written with; what is absent is a placeholder where it is needed, else left out. */
export interface Chosen {
  readonly [name: string]: string | readonly string[] | Chosen;
}

/** Characters of the longest line of an explanation. */
const WIDTH = 112;

const HOW_TO_READ = [
  "",
  `${PLACEHOLDER} stands where something has to be filled in; the profile is refused until it is.`,
  "A field behind a # without a space is left out: it has its default, or nothing is said. To use it, take the # " +
    "away, also from the blocks in which it stands.",
];

/** A commented `ics.yaml`: every field of its schema with what it is for, what may stand there and its default. */
export function icsTemplate(chosen: Chosen): string {
  return file(icsSchema, chosen);
}

/** A commented `ixit.yaml`. */
export function ixitTemplate(chosen: Chosen): string {
  return file(ixitSchema, chosen);
}

/** Ways in that an ICS can claim. */
export const CLAIMABLE_WAYS_IN: readonly string[] = Object.keys(icsSchema.properties.waysIn.properties);

interface TitledSchema extends BlockSchema {
  readonly title?: string;
}

function file(schema: TitledSchema, chosen: Chosen): string {
  const head = [`${schema.title}. ${schema.description}`, ...HOW_TO_READ].flatMap(wrapped);
  const said = new Set<string>();
  const sections = membersOf(schema, schema, chosen).map((member) =>
    field({ root: schema, said, indent: 0, ...member }).join("\n"),
  );
  return `${[comment(head, 0).join("\n"), ...sections].join("\n\n")}\n`;
}

/** `if` and `then` of the schemas: one field decides about its siblings. */
interface Rule {
  readonly if: { readonly properties: Readonly<Record<string, { readonly const?: unknown }>> };
  readonly then: {
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, FieldSchema | boolean>>;
  };
}

interface BlockSchema extends FieldSchema {
  readonly required?: readonly string[];
  readonly allOf?: readonly Rule[];
}

interface Member {
  readonly name: string;
  readonly schema: BlockSchema;
  readonly chosen: Chosen[string] | undefined;
  readonly required: boolean;
  /** It stands in the file, and not behind a #. */
  readonly active: boolean;
  /** It does not belong to what was chosen. */
  readonly barred?: boolean;
}

/** The fields of a block in the order of its schema; where it has free names, one of them as an example. */
function membersOf(root: FieldSchema, block: BlockSchema, chosen: Chosen): readonly Member[] {
  const then = (block.allOf ?? [])
    .filter((rule) => Object.entries(rule.if.properties).every(([name, one]) => chosen[name] === one.const))
    .map((rule) => rule.then);
  const required = [...(block.required ?? []), ...then.flatMap((one) => one.required ?? [])];
  return [...Object.keys(block.properties ?? {}), ...freeName(block)].map((name) => {
    const decided = then.map((one) => one.properties?.[name]).find((one) => one !== undefined);
    const schema = {
      ...(block.properties === undefined ? freeSchema(block) : schemaOf({ ...root, ...block }, [name])),
      ...(typeof decided === "object" ? decided : {}),
    };
    const needed = required.includes(name);
    return {
      name,
      schema,
      chosen: chosen[name],
      required: needed,
      active: needed || chosen[name] !== undefined,
      barred: decided === false,
    };
  });
}

function freeName(block: FieldSchema): readonly string[] {
  if (block.properties !== undefined || typeof block.additionalProperties !== "object") return [];
  return [allowedNames(block)[0] ?? "NAME"];
}

function freeSchema({ additionalProperties }: FieldSchema): FieldSchema {
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

interface Place extends Member {
  readonly root: FieldSchema;
  /** Explanations that stand in the file already: a field that is left out is explained once. */
  readonly said: Set<string>;
  readonly indent: number;
}

function field(place: Place): readonly string[] {
  const { root, said, indent, name, schema, chosen, active, barred } = place;
  if (barred === true) return comment([`${name} does not belong to a system of this kind.`], indent);
  const explanation = explanationOf(place);
  const key = `${" ".repeat(indent)}${active ? "" : "#"}${quoted(name)}:`;
  const entries = schema.items === undefined ? undefined : schemaOf({ ...root, ...schema }, ["0"]);
  const blocks = entries?.type === "object" ? entries : undefined;
  if (!isBlock(schema) && blocks === undefined) {
    return [
      ...explanation,
      `${key} ${written(chosen ?? (active ? placeholder(schema) : fallback(schema)), schema)}`,
    ];
  }
  const inner = membersOf(root, blocks ?? schema, isChosen(chosen) ? chosen : {}).map((member) => ({
    ...member,
    active: active && member.active,
  }));
  const step = blocks === undefined ? 2 : 4;
  const body = inner.flatMap((member) => field({ root, said, indent: indent + step, ...member }));
  return [...explanation, key, ...(blocks === undefined ? body : asEntry(body, indent + 2))];
}

function explanationOf({
  root,
  said,
  indent,
  name,
  schema,
  required,
  active,
  chosen,
}: Place): readonly string[] {
  const text = explained(root, schema, { required, active, chosen });
  const known = `${name}: ${text}`;
  if (!active && said.has(known)) return [];
  said.add(known);
  return comment(wrapped(text, indent), indent);
}

/** The fields of a block as the one entry of a list: the first field carries the dash. */
function asEntry(lines: readonly string[], indent: number): readonly string[] {
  const first = lines.findIndex((line) => !line.trimStart().startsWith("# "));
  const dashed = (line: string) => line.replace(/^ *(#?)/, `${" ".repeat(indent)}$1- `);
  return lines.map((line, index) => (index === first ? dashed(line) : line));
}

const isBlock = (schema: FieldSchema) => schema.type === "object";

function isChosen(chosen: Chosen[string] | undefined): chosen is Chosen {
  return typeof chosen === "object" && !Array.isArray(chosen);
}

function explained(
  root: FieldSchema,
  schema: BlockSchema,
  { required, active, chosen }: Pick<Member, "required" | "active" | "chosen">,
): string {
  const { description = "", maxProperties, propertyNames } = schema;
  const parts = [description];
  if (maxProperties === 1) parts.push(`Exactly one of ${allowedNames(schema).join(", ")}.`);
  if (propertyNames !== undefined) {
    parts.push(`Names: ${propertyNames["x-allowed"] ?? allowedNames(schema).join(", ")}.`);
  }
  if (!isBlock(schema)) parts.push(`Allowed: ${allowedWithUnit(root, schema)}.`);
  if (schema.default !== undefined && !isBlock(schema))
    parts.push(`Default: ${JSON.stringify(schema.default)}.`);
  else if (required || (active && chosen !== undefined)) parts.push("Required.");
  else if (schema.default === undefined) parts.push("Optional.");
  return parts.join(" ");
}

function allowedWithUnit(root: FieldSchema, schema: FieldSchema): string {
  const allowed = allowedIn(root, schema);
  const unit = schema["x-unit"];
  return unit === undefined || allowed.includes(unit) ? allowed : `${allowed} (${unit})`;
}

/** What stands in a field that has to be filled in; the only value that is allowed needs no choice. */
function placeholder(schema: FieldSchema): string | readonly string[] {
  const only = (schema.items ?? schema).enum;
  const value = only?.length === 1 ? String(only[0]) : PLACEHOLDER;
  return schema.type === "array" ? [value] : value;
}

function fallback(schema: FieldSchema): unknown {
  return schema.default ?? placeholder(schema);
}

function written(value: unknown, schema: FieldSchema): string {
  if (Array.isArray(value)) return `[${value.map((one) => quoted(String(one))).join(", ")}]`;
  const text = String(value);
  return schema.type === "string" ? quoted(text) : text;
}

/** Text that YAML, of any schema, reads as this text. */
function quoted(text: string): string {
  const plain = /^[A-Za-z_/][A-Za-z0-9_./-]*$/.test(text) || /^\d[\w.-]*[a-zA-Z][\w.-]*$/.test(text);
  return plain && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}

function comment(lines: readonly string[], indent: number): readonly string[] {
  return lines.map((line) => `${" ".repeat(indent)}# ${line}`.trimEnd());
}

function wrapped(text: string, indent = 0): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length + 3 > WIDTH - indent) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
