import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Written by the build, since compiled files are not those that the proof was made with. */
export const HASHES_FILE = "source-hashes.json";

export interface SourceHashes {
  /** SHA-256 (hex) of the cases and the requirement catalogue. */
  readonly catalogue: string;
  /** SHA-256 (hex) of the reference system. */
  readonly reference: string;
}

/** Hashes of what `suites/proof.json` is bound to. */
export function sourceHashes(): SourceHashes {
  const built = join(ROOT, HASHES_FILE);
  if (existsSync(built)) {
    // Our own file, written by the build with just this shape.
    return JSON.parse(readFileSync(built, "utf8")) as SourceHashes;
  }
  return {
    catalogue: hashOfTrees(["suites", "harness/conformance/catalogue"]),
    reference: hashOfTrees([
      "profiles/reference",
      "profiles/reference-diameter",
      "profiles/reference-digest",
    ]),
  };
}

/** Tests and the proof itself do not change what is proven. */
function counts(path: string): boolean {
  const isTest = /\.test\.ts$|\/(testing|smoke)\//.test(path);
  return /\.(ts|yaml|json)$/.test(path) && !isTest && !path.endsWith("proof.json");
}

function hashOfTrees(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .filter(counts)
      .sort();
    for (const file of files)
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(ROOT, file)))
        .update("\0");
  }
  return hash.digest("hex");
}
