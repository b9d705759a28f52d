/** Packs the package, installs the file in an empty folder, and runs it there as a user would. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "seccf-package-"));

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT);
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (file === undefined) throw new Error("npm pack left no file");
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `./${file}`], folder);
  const said = run("npx", ["--no-install", "seccf", "run", "--smoke", "--out", "run"], folder);
  const report: unknown = JSON.parse(readFileSync(join(folder, "run/report.json"), "utf8"));
  const passed = JSON.stringify(report).match(/"verdict":"pass"/g)?.length ?? 0;
  if (passed === 0 || !said.includes("0 fail, 0 inconclusive, 0 error"))
    throw new Error(`the smoke run did not pass:\n${said}`);
  const results = readdirSync(join(folder, "run/allure-results")).filter((name) =>
    name.endsWith("-result.json"),
  );
  if (results.length !== passed)
    throw new Error(`${results.length} results for Allure of ${passed} instances`);
  process.stdout.write(`${file} installed in an empty folder: ${passed} instances passed\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
