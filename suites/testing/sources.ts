import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { isLabel, type Label } from "../../harness/conformance/vocabulary.ts";

const SUITES = fileURLToPath(new URL("..", import.meta.url));

export interface SuiteSource {
  /** Relative to the folder of the suites. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly name: string; readonly typesOnly: boolean }[];
  /** One for each call of testCase. */
  readonly declarations: readonly Declaration[];
}

/** What the source of a case says: the labels of its descriptor, and those of the checks that its story can reach. */
export interface Declaration {
  readonly declared: readonly Label[];
  readonly judged: readonly Label[];
}

/** Every file of the suites but the tests of them. */
export function suiteSources(): readonly SuiteSource[] {
  const parsed = readdirSync(SUITES, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("testing"))
    .map((path) => {
      const text = readFileSync(join(SUITES, path), "utf8");
      const { module, program } = parseSync(path, text);
      return { path, text, module, program };
    });
  const everywhere = new Map(parsed.flatMap(({ program }) => [...functionsIn(program)]));
  return parsed.map(({ path, text, module, program }) => {
    const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
      name: moduleRequest.value,
      typesOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    }));
    return { path, text, imports, declarations: declarationsIn(program, everywhere) };
  });
}

/** A node of the syntax tree: only its type and its parts matter here. */
type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function* descendants(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* descendants(one);
  if (!isNode(value)) return;
  yield value;
  for (const part of Object.values(value)) yield* descendants(part);
}

/** `check` for `check(…)` and for `context.check(…)`. */
function calledName(node: Node): string | undefined {
  const callee = node["type"] === "CallExpression" ? node["callee"] : undefined;
  if (!isNode(callee)) return undefined;
  const name = callee["type"] === "MemberExpression" ? callee["property"] : callee;
  return isNode(name) ? String(name["name"]) : undefined;
}

function functionsIn(program: unknown): ReadonlyMap<string, Node> {
  const functions = new Map<string, Node>();
  for (const node of descendants(program)) {
    const id = node["id"];
    if (node["type"] === "FunctionDeclaration" && isNode(id)) functions.set(String(id["name"]), node);
  }
  return functions;
}

/** `everywhere`: functions of all files by name, of which those of the file itself come first. */
function declarationsIn(program: unknown, everywhere: ReadonlyMap<string, Node>): readonly Declaration[] {
  const functions = new Map([...everywhere, ...functionsIn(program)]);
  return [...descendants(program)]
    .filter((node) => calledName(node) === "testCase")
    .map((node) => {
      const [descriptor, story] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
      return { declared: labelsDeclared(descriptor), judged: [...labelsJudged(story, functions)] };
    });
}

function labelsDeclared(descriptor: unknown): readonly Label[] {
  const parts = isNode(descriptor) && Array.isArray(descriptor["properties"]) ? descriptor["properties"] : [];
  const requirements = parts.find((part: unknown) => {
    const key = isNode(part) ? part["key"] : undefined;
    return isNode(key) && key["name"] === "requirements";
  });
  return [...descendants(requirements)].flatMap(labelOf);
}

function labelOf(node: Node): readonly Label[] {
  const value = node["type"] === "Literal" ? node["value"] : undefined;
  return typeof value === "string" && isLabel(value) ? [value] : [];
}

/** Follows calls into functions of the suites. */
function labelsJudged(
  root: unknown,
  functions: ReadonlyMap<string, Node>,
  seen: Set<string> = new Set(),
): ReadonlySet<Label> {
  const labels = new Set<Label>();
  for (const node of descendants(root)) {
    const name = calledName(node);
    if (name === undefined) continue;
    const [subject] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
    if (name === "check" && isNode(subject)) for (const label of labelOf(subject)) labels.add(label);
    if (seen.has(name)) continue;
    seen.add(name);
    for (const label of labelsJudged(functions.get(name), functions, seen)) labels.add(label);
  }
  return labels;
}
