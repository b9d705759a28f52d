import { expect, test } from "vitest";
import { type FieldSchema, schemaOf } from "./field-schema.ts";
import icsSchema from "./ics.schema.json" with { type: "json" };
import ixitSchema from "./ixit.schema.json" with { type: "json" };

/** Paths of all fields; `*` stands for the entries of a list and the free names of a block. */
function fieldsOf(root: FieldSchema, path: readonly string[] = []): readonly (readonly string[])[] {
  const schema = schemaOf(root, path) ?? {};
  const free = schema.items !== undefined || typeof schema.additionalProperties === "object" ? ["*"] : [];
  const names = [...Object.keys(schema.properties ?? {}), ...free];
  return names.flatMap((name) => [[...path, name], ...fieldsOf(root, [...path, name])]);
}

test.each([
  ["ICS", icsSchema, 20],
  ["IXIT", ixitSchema, 50],
] as const)(
  "every field of the %s is described, and no block takes unknown fields",
  (_, root: FieldSchema, least) => {
    const fields = fieldsOf(root);
    expect(fields.length).toBeGreaterThan(least);
    for (const path of [[], ...fields]) {
      const schema = schemaOf(root, path);
      expect(schema?.description, path.join(".")).toMatch(/^.+\.$/);
      const closed = schema?.additionalProperties === false || schema?.propertyNames !== undefined;
      expect(schema?.type !== "object" || closed, path.join(".")).toBe(true);
    }
  },
);
