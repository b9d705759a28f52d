import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { validateReport } from "../../reports/index.ts";
import schema from "./progress.schema.json" with { type: "json" };
import { ended, MAIN, newRunDirectory, seccf, userEnvironment, writeProfile } from "./testing/seccf.ts";

const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);
const INSTANCE = "UC1-PSK-BV-01[suite=00a8,tls=1.2]";

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Every line, each held against the schema. */
function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((text) => {
      // The schema is what is tested: a line that it does not allow throws just below.
      const line = JSON.parse(text) as Line;
      if (!validate(line)) throw new Error(`${text}: ${JSON.stringify(validate.errors)}`);
      return line;
    });
}

describe("seccf run --progress ndjson", () => {
  it("writes a line for each event and nothing else, the last with the reports", async () => {
    const out = newRunDirectory();
    const args = ["--only", INSTANCE, "--repeat", "2", "--out", out];
    const { code, stdout, stderr } = await seccf("run", "--progress", "ndjson", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = linesOf(stdout);
    expect(lines[0]).toMatchObject({ type: "run-start", schemaVersion: 1, directory: out, instances: 1 });
    const ofType = (type: string) => lines.filter((line) => line.type === type);
    expect(ofType("check").every(({ key }) => key === INSTANCE)).toBe(true);
    expect(new Set(ofType("check").map(({ attempt }) => attempt))).toEqual(new Set([1, 2]));
    expect(ofType("case-end")).toEqual([
      expect.objectContaining({
        key: INSTANCE,
        verdict: "pass",
        attempts: ["pass", "pass"],
        done: 1,
        total: 1,
      }),
    ]);
    const last = lines.at(-1);
    expect(last).toMatchObject({ type: "run-end", exitCode: 0, summary: { conformant: null } });
    expect(last?.["reports"]).toContain(join(out, "report.json"));
    const report = validateReport(JSON.parse(readFileSync(join(out, "report.json"), "utf8")));
    expect(report.ok && report.report.summary).toEqual(last?.["summary"]);
  });

  it("says in the last line why the system did not start", async () => {
    const profile = writeProfile(["-e", "process.exit(9)"]);
    const out = newRunDirectory();
    const { code, stdout } = await seccf("run", "--profile", profile, "--progress", "ndjson", "--out", out);
    expect(code).toBe(2);
    const last = linesOf(stdout).at(-1);
    expect(last).toMatchObject({ type: "run-end", exitCode: 2 });
    expect(last?.["startFailure"]).toContain("exit code 9");
  });

  it("goes on to its report when the reader is gone", async () => {
    const out = newRunDirectory();
    const pipe = `set -o pipefail; "${process.execPath}" "${MAIN}" run --progress ndjson --only "${INSTANCE}" --out "${out}" | head -1`;
    const { code, stdout, stderr } = await ended(spawn("bash", ["-c", pipe], { env: userEnvironment() }));
    expect({ code, stderr, types: linesOf(stdout).map(({ type }) => type) }).toEqual({
      code: 0,
      stderr: "",
      types: ["run-start"],
    });
    expect(existsSync(join(out, "report.json"))).toBe(true);
  });
});

describe("--progress", () => {
  it("none leaves standard output empty", async () => {
    const out = newRunDirectory();
    const ran = await seccf("run", "--progress", "none", "--only", INSTANCE, "--out", out);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(existsSync(join(out, "report.json"))).toBe(true);
  });

  it("another form is wrong usage", async () => {
    expect(await seccf("run", "--progress", "xml")).toMatchObject({ code: 3, stdout: "" });
  });
});
