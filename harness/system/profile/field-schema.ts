import { oneOf } from "./problem.ts";

/** The part of JSON Schema that the two schemas use, and that messages are made of. */
export interface FieldSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, FieldSchema>>;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly propertyNames?: FieldSchema;
  readonly additionalProperties?: boolean | FieldSchema;
  readonly maxProperties?: number;
  readonly items?: FieldSchema;
  /** What may stand here, in words, where the keywords of JSON Schema do not read well. */
  readonly "x-allowed"?: string;
  readonly "x-unit"?: string;
}

/** The schema of a field, with what `$ref` stands for; undefined for a field that the schema does not have. */
export function schemaOf(root: FieldSchema, path: readonly string[]): FieldSchema | undefined {
  let schema: FieldSchema | undefined = dereference(root, root);
  for (const step of path) {
    const child = childSchema(schema, step);
    if (child === undefined) return undefined;
    schema = dereference(root, child);
  }
  return schema;
}

function childSchema(schema: FieldSchema, step: string): FieldSchema | undefined {
  const { properties, additionalProperties, items } = schema;
  if (properties !== undefined && Object.hasOwn(properties, step)) return properties[step];
  return typeof additionalProperties === "object" ? additionalProperties : items;
}

/** What stands beside a `$ref` wins: a description belongs to the field, not to its kind. */
function dereference(root: FieldSchema, schema: FieldSchema): FieldSchema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return name === undefined ? schema : { ...root.$defs?.[name], ...schema };
}

/** Names that may stand in a block, where they are a closed set. */
export function allowedNames(schema: FieldSchema): readonly string[] {
  return schema.properties === undefined
    ? (schema.propertyNames?.enum ?? []).map(String)
    : Object.keys(schema.properties);
}

/** What may stand in a field, as a part of a sentence: `an integer between 50 and 600000 (milliseconds)`. */
export function allowedIn(root: FieldSchema, schema: FieldSchema): string {
  const words = schema["x-allowed"];
  if (words !== undefined) return words;
  if (schema.enum !== undefined) return oneOf(schema.enum);
  switch (schema.type) {
    case "integer": {
      const unit = schema["x-unit"] === undefined ? "" : ` (${schema["x-unit"]})`;
      return `an integer between ${schema.minimum} and ${schema.maximum}${unit}`;
    }
    case "boolean":
      return "true or false";
    case "array": {
      const items = schema.items === undefined ? undefined : dereference(root, schema.items);
      return items === undefined || items.type === "object"
        ? "a list"
        : `a list of ${allowedIn(root, items)}`;
    }
    default: {
      const names = allowedNames(schema);
      return names.length === 0 ? "a block of fields" : `a block with the fields ${names.join(", ")}`;
    }
  }
}
