/** Builds the published form: JavaScript, data beside it, and the hashes that the proof is bound to. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HASHES_FILE, sourceHashes } from "../harness/cli/source-hashes.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const DATA = ["{harness,suites,reports,profiles}/**/*.{json,yaml}", "profiles/**/*.{conf,sh,c,h}"];

rmSync(DIST, { recursive: true, force: true });
execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], {
  cwd: ROOT,
  stdio: "inherit",
});
for (const file of globSync(DATA, { cwd: ROOT, exclude: ["**/vectors/**"] })) {
  mkdirSync(dirname(join(DIST, file)), { recursive: true });
  copyFileSync(join(ROOT, file), join(DIST, file));
}
writeFileSync(join(DIST, HASHES_FILE), `${JSON.stringify(sourceHashes(), null, 2)}\n`);
chmodSync(join(DIST, "harness/cli/main.js"), 0o755);
