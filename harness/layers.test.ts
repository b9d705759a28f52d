import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Top first: a folder imports what stands below it, and itself. */
const LAYERS = [
  "ci",
  "harness/cli",
  "reports",
  "suites",
  "profiles",
  "harness/conformance",
  "harness/system",
  "harness/roles",
  "harness/wire",
  "harness/protocols",
] as const;

interface Source {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly string[];
}

function sources(): readonly Source[] {
  return LAYERS.flatMap((layer) =>
    readdirSync(join(ROOT, layer), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .map((path) => ({ path, imports: importsOf(path) })),
  );
}

function importsOf(path: string): readonly string[] {
  const { module } = parseSync(path, readFileSync(join(ROOT, path), "utf8"));
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    readFileSync(join(ROOT, path), "utf8").slice(moduleRequest.start + 1, moduleRequest.end - 1),
  );
  const reexports = module.staticExports.flatMap(({ entries }) =>
    entries.map(({ moduleRequest }) => moduleRequest?.value ?? ""),
  );
  const statics = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return [...statics, ...reexports, ...dynamic].filter((name) => name !== "");
}

const layerOf = (path: string) => LAYERS.findIndex((layer) => path.startsWith(`${layer}/`));
const target = (from: string, name: string) => normalize(join(dirname(from), name));
const isTest = (path: string) =>
  /\.test\.ts$|\/testing\/|\/smoke\/|-fixture\.ts$|test-support\.ts$/.test(path);

/** All sources but tests, which may also look at what stands beside them. */
const SOURCES = sources();
const CODE = SOURCES.filter(({ path }) => !isTest(path));

function violations(
  code: readonly Source[],
  breaks: (from: string, name: string) => boolean,
): readonly string[] {
  return code.flatMap(({ path, imports }) =>
    imports.filter((name) => breaks(path, name)).map((name) => `${path} imports ${name}`),
  );
}

describe("layers", () => {
  it("finds the sources", () => {
    expect(SOURCES.length).toBeGreaterThan(100);
    expect(violations(CODE, (_, name) => name.startsWith("."))).not.toEqual([]);
  });

  it("imports go down only", () => {
    const upward = (from: string, name: string) => {
      if (!name.startsWith(".")) return false;
      const to = layerOf(target(from, name));
      return to !== -1 && to < layerOf(from);
    };
    expect(violations(CODE, upward)).toEqual([]);
  });

  it("a protocol folder is entered through its index, and folders have no cycle", () => {
    const folderOf = (path: string) => /^harness\/protocols\/([^/]+)\//.exec(path)?.[1];
    const edges = new Map<string, Set<string>>();
    const sideways = (from: string, name: string) => {
      if (!name.startsWith(".")) return false;
      const [mine, theirs] = [folderOf(from), folderOf(target(from, name))];
      if (theirs === undefined || mine === theirs) return false;
      if (mine !== undefined) edges.set(mine, (edges.get(mine) ?? new Set()).add(theirs));
      return !target(from, name).endsWith(`/${theirs}/index.ts`);
    };
    expect(violations(CODE, sideways)).toEqual([]);
    for (const [from, tos] of edges)
      for (const to of tos) expect(edges.get(to)?.has(from) ?? false).toBe(false);
  });

  it("protocols are pure: no sockets, files, clock or libraries that have them", () => {
    const allowed = /^(node:(crypto|url|fs|buffer)|ajv.*|yaml|fast-xml-parser|\..*)$/;
    const impure = CODE.filter(({ path }) => path.startsWith("harness/protocols/"));
    expect(violations(impure, (_, name) => !allowed.test(name))).toEqual([]);
    for (const { path } of impure) {
      const text = readFileSync(join(ROOT, path), "utf8");
      expect(
        `${path} ${/Date\.now|new Date\(\)|Math\.random|randomBytes|setTimeout/.exec(text)?.[0] ?? ""}`,
      ).toBe(`${path} `);
    }
  });

  it("nothing of node:tls shows above the wire, but for the key manager's servers", () => {
    const above = CODE.filter(({ path }) =>
      /^(suites|reports|harness\/(cli|conformance|system|roles))\//.test(path),
    );
    const socket = (from: string, name: string) =>
      /^node:(tls|dgram)$/.test(name) && !from.startsWith("harness/roles/key-manager/");
    expect(violations(above, socket)).toEqual([]);
  });

  it("suites import neither vitest nor sockets", () => {
    const suites = CODE.filter(({ path }) => path.startsWith("suites/"));
    expect(suites.length).toBeGreaterThan(5);
    expect(
      violations(suites, (_, name) => !name.startsWith(".") || /\/wire\/(tcp|node-)/.test(name)),
    ).toEqual([]);
  });

  it("the reference system shares no code with the harness, but for a TLS with defects that outside programs check", () => {
    const reference = CODE.filter(
      ({ path }) => path.startsWith("profiles/reference/") && !/\/ways-in\/(psk-)?own-tls\.ts$/.test(path),
    );
    expect(
      violations(
        reference,
        (from, name) => name.startsWith(".") && !target(from, name).startsWith("profiles/reference/"),
      ),
    ).toEqual([]);
  });
});
