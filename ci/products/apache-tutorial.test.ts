/** docs/tutorial-apache.md, carried out: what it says that the report says has to be so. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Report, validateReport } from "../../reports/index.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TUTORIAL = readFileSync(join(ROOT, "docs/tutorial-apache.md"), "utf8");
const PROFILE = join(ROOT, "profiles/apache");
/** Milliseconds: a whole run takes less than a minute on two idle cores. */
const RUN_MS = 300_000;

/** The words of a command of the tutorial that begins so, after `seccf --`. */
function command(begin: string): readonly string[] {
  const line = TUTORIAL.split("\n").find((one) => one.includes(`seccf -- ${begin}`)) ?? "";
  const words = line.replace(/^.*? seccf -- /, "").split(" ");
  if (words.length < 2) throw new Error(`the tutorial has no command seccf ${begin}`);
  return words.map((word) => word.replaceAll("'", ""));
}

/** The text of a finding that the tutorial explains. */
function quoted(index: number): string {
  return [...TUTORIAL.matchAll(/^> (.*)$/gm)][index]?.[1] ?? "";
}

/** The commands that edit the copy of the profile. */
const EDITS = TUTORIAL.split("\n").filter((line) => line.startsWith("sed -i "));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seccf-tutorial-"));
  cpSync(PROFILE, join(folder, "my-apache"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function seccf(words: readonly string[]): Promise<number> {
  const args = words.map((word) => (word === "profiles/apache" ? PROFILE : word));
  const main = join(ROOT, "harness/cli/main.ts");
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: "ignore" });
  const [code] = await once(child, "close");
  return code;
}

function reportOf(words: readonly string[]): Report {
  const path = join(folder, words.at(-1) ?? "", "report.json");
  const validation = validateReport(JSON.parse(readFileSync(path, "utf8")));
  if (!validation.ok) throw new Error(validation.errors.join("\n"));
  return validation.report;
}

/** The text of each failed should check, with the ids of its cases. */
function findings({ cases }: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const found = cases.flatMap(({ id, checks }) =>
    checks
      .filter(({ level, outcome }) => level === "should" && outcome === "failed")
      .map(({ text }) => ({ id, text })),
  );
  const byText = Map.groupBy(found, ({ text }) => text);
  return new Map([...byText].map(([text, own]) => [text, new Set(own.map(({ id }) => id))]));
}

function edit(line: string | undefined): void {
  const target = join(folder, "my-apache");
  const before = contents(target);
  execFileSync("bash", ["-c", line ?? "false"], { cwd: folder });
  if (contents(target) === before) throw new Error(`this changes nothing any more: ${line}`);
}

const contents = (directory: string) =>
  readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("\0");

describe("the tutorial", () => {
  test(
    "certifies Apache, with the findings that it explains and no others",
    async () => {
      const words = command("run --profile profiles/apache --out");
      expect(await seccf(words)).toBe(0);
      const report = reportOf(words);
      expect(report.run.scope).toBe("full");
      const { conformant, verdicts, findings: count } = report.summary;
      expect(conformant).toBe(true);
      expect(verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
      expect(verdicts.pass).toBeGreaterThan(100);
      const explained = new Map([
        [quoted(0), ["UC1-DIG-BI-12", "UC1-DIG-BI-13", "UC1-DIG-BI-14", "UC1-DIG-BI-15"]],
        [quoted(1), ["UC1-DIG-BI-31"]],
      ]);
      const found = new Map([...findings(report)].map(([text, ids]) => [text, [...ids].sort()]));
      expect(found).toEqual(explained);
      expect(TUTORIAL).toContain(`not applicable; ${count} findings`);
    },
    RUN_MS,
  );

  test("plays a terminal that finds nothing wrong, and starts nothing for a dry run", async () => {
    expect(await seccf(command("play terminal"))).toBe(0);
    expect(await seccf(["run", "--profile", PROFILE, "--dry-run"])).toBe(0);
  });

  test(
    "repairs the findings, and shows the fault behind an untrue claim",
    async () => {
      const [repair, claim, ...more] = EDITS;
      expect(more).toEqual([]);
      edit(repair);
      const repaired = command("run --profile my-apache --only 'UC1-DIG-BI-1*");
      expect(await seccf(repaired)).toBe(0);
      expect(reportOf(repaired).summary).toMatchObject({ findings: 0, verdicts: { fail: 0 } });
      edit(claim);
      const claimed = command("run --profile my-apache --only 'UC1-DIG-BI-03");
      expect(await seccf(claimed)).toBe(1);
      const { cases, requirements } = reportOf(claimed);
      expect(new Set(cases.map(({ verdict }) => verdict))).toEqual(new Set(["fail"]));
      const notMet = requirements.filter(({ status }) => status === "not-met").map(({ label }) => label);
      expect(notMet).toEqual(["1.1", "1.4"]);
    },
    RUN_MS,
  );
});
