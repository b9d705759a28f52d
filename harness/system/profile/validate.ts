import { isIP } from "node:net";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { allowedIn, allowedNames, type FieldSchema, schemaOf } from "./field-schema.ts";
import { nearest } from "./nearest.ts";
import { PLACEHOLDER } from "./placeholder.ts";
import { fieldName, type Outcome, type ProfileProblem, shown } from "./problem.ts";
import { problemAt, type YamlFile } from "./yaml-file.ts";

const HOST_NAME = /^(?=.{1,253}$)([0-9a-z_]([0-9a-z_-]{0,61}[0-9a-z_])?\.)*[a-z]([0-9a-z-]{0,61}[0-9a-z])?$/i;

const ajv = new Ajv2020({
  allErrors: true,
  useDefaults: true,
  // Scalars arrive as text; where the schema asks for an integer or a boolean, it is made here.
  coerceTypes: true,
  strictSchema: true,
  strictTypes: true,
  verbose: true,
  formats: { host: (text: string) => isIP(text) !== 0 || HOST_NAME.test(text) },
});
ajv.addVocabulary(["x-allowed", "x-unit"]);

/** Holds a file against its schema; `T` is the type that the schema describes. Defaults are filled in. */
export function validate<T>(schema: FieldSchema, file: YamlFile): Outcome<T> {
  const conforms = ajv.compile<T>(schema);
  // A copy: ajv writes defaults, numbers and booleans into what it is given.
  const data = structuredClone(file.value);
  // Looked for first: ajv would take null for empty text, and a placeholder for a name.
  const empty = emptyFields(data, []);
  if (conforms(data) && empty.length === 0) return { ok: true, value: data };
  const translation: Translation = { schema, file };
  const blank = new Set(empty.map(fieldName));
  const problems = [
    ...empty.map((path) => emptyProblem(translation, path, valueAt(data, path))),
    ...withoutConsequences(schema, conforms.errors ?? [])
      .flatMap((error) => translate(translation, error))
      .filter(({ field }) => !blank.has(field)),
  ];
  return { ok: false, problems: distinct(problems) };
}

/** Text where a number belongs breaks two rules of the schema, and is one mistake. */
const distinct = (problems: readonly ProfileProblem[]): readonly ProfileProblem[] => [
  ...new Map(problems.map((one) => [JSON.stringify([one.field, one.message]), one])).values(),
];

interface Translation {
  readonly schema: FieldSchema;
  readonly file: YamlFile;
}

function emptyFields(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (value === null || value === PLACEHOLDER) return [path];
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, child]) => emptyFields(child, [...path, name]));
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined,
    data,
  );
}

function emptyProblem(translation: Translation, path: readonly string[], value: unknown): ProfileProblem {
  if (path.length === 0) return problem(translation, path, "name", "the file is empty");
  if (value === PLACEHOLDER) {
    const at = problem(translation, path, "value", "");
    return { ...at, message: `is still to be filled in; it takes ${at.allowed}` };
  }
  return problem(translation, path, "name", "has no value");
}

/** One problem at `path`; allowed values, and the sentence that says what the field is for, from the schema. */
function problem(
  { schema, file }: Translation,
  path: readonly string[],
  part: "name" | "value",
  message: string,
): ProfileProblem {
  const field = schemaOf(schema, path);
  const allowed = field === undefined ? "" : allowedIn(schema, field);
  const fix = field === undefined ? "Take it out." : purposeOf(field);
  return problemAt(file, path, part, { message, allowed, fix });
}

function purposeOf(field: FieldSchema): string {
  const fallback =
    field.default === undefined || (typeof field.default === "object" && !Array.isArray(field.default))
      ? ""
      : ` Left out, it is ${JSON.stringify(field.default)}.`;
  return `${field.description ?? ""}${fallback}`;
}

/** JSON pointer (RFC 6901) to the names of which it consists. */
function pathOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A misspelt mandatory field is one mistake: its name is unknown, and the right one is missing. */
function withoutConsequences(root: FieldSchema, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const meant = new Set(
    errors
      .filter(({ keyword }) => keyword === "additionalProperties")
      .map(({ instancePath, params }) => {
        const names = allowedNames(schemaOf(root, pathOf(instancePath)) ?? {});
        return `${instancePath}/${nearest(String(params["additionalProperty"]), names)}`;
      }),
  );
  return errors.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== "required" || !meant.has(`${instancePath}/${params["missingProperty"]}`),
  );
}

/** ajv's error as a problem; none for errors that only repeat another one. */
function translate(translation: Translation, error: ErrorObject): readonly ProfileProblem[] {
  const path = pathOf(error.instancePath);
  const { params } = error;
  // The errors inside propertyNames: the error of propertyNames itself says it all.
  if (error.propertyName !== undefined && error.keyword !== "propertyNames") return [];
  switch (error.keyword) {
    case "if":
      return [];
    case "additionalProperties":
      return [unknownField(translation, path, String(params["additionalProperty"]))];
    case "propertyNames":
      return [unknownField(translation, path, String(params["propertyName"]))];
    case "required":
      return [missingField(translation, [...path, String(params["missingProperty"])])];
    case "false schema":
      return [problem(translation, path, "name", 'does not belong to a system of kind "external"')];
    case "minProperties":
    case "maxProperties":
      return [wrongCount(translation, path)];
    case "minItems":
      return [problem(translation, path, "value", "must not be empty")];
    case "maxItems":
      return [problem(translation, path, "value", `must not have more than ${params["limit"]} entries`)];
    case "uniqueItems": {
      const second = [...path, String(Math.max(Number(params["i"]), Number(params["j"])))];
      return [problem(translation, second, "value", "stands in the list a second time")];
    }
    default:
      return [wrongValue(translation, path, error.data)];
  }
}

function wrongValue(translation: Translation, path: readonly string[], value: unknown): ProfileProblem {
  const at = problem(translation, path, "value", "");
  return { ...at, message: `must be ${at.allowed}, got ${shown(value)}` };
}

function missingField(translation: Translation, path: readonly string[]): ProfileProblem {
  const at = problem(translation, path, "name", "");
  return { ...at, message: `is missing; it takes ${at.allowed}` };
}

function wrongCount(translation: Translation, path: readonly string[]): ProfileProblem {
  const block = schemaOf(translation.schema, path) ?? {};
  const names = allowedNames(block).join(", ");
  const count = block.maxProperties === 1 ? "exactly" : "at least";
  const at = problem(translation, path, "name", `needs ${count} one of ${names}`);
  return { ...at, allowed: names };
}

function unknownField(translation: Translation, path: readonly string[], name: string): ProfileProblem {
  const parent = schemaOf(translation.schema, path) ?? {};
  const names = allowedNames(parent);
  const allowed = names.length > 0 ? names.join(", ") : (parent.propertyNames?.["x-allowed"] ?? "nothing");
  const meant = nearest(name, names);
  const question = meant === undefined ? "" : `; did you mean ${shown(meant)}?`;
  return problemAt(translation.file, [...path, name], "name", {
    message: `is not a field of ${path.length === 0 ? "this file" : fieldName(path)}${question}`,
    allowed,
    fix: `Allowed here: ${allowed}.`,
  });
}
