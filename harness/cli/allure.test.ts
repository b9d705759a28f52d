import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StepResult, TestResult } from "allure-js-commons";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Report, validateReport } from "../../reports/index.ts";
import { newRunDirectory, seccf, writeProfile } from "./testing/seccf.ts";

const STATUSES = {
  pass: "passed",
  fail: "failed",
  error: "broken",
  inconclusive: "broken",
  "not-applicable": "skipped",
} as const;

interface Run {
  readonly report: Report;
  readonly results: readonly TestResult[];
  readonly files: readonly string[];
  readonly read: (name: string) => string;
}

function runIn(directory: string): Run {
  const validation = validateReport(JSON.parse(readFileSync(join(directory, "report.json"), "utf8")));
  if (!validation.ok) throw new Error(validation.errors.join("\n"));
  const folder = join(directory, "allure-results");
  const files = readdirSync(folder);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const results = files
    .filter((name) => name.endsWith("-result.json"))
    // Written by allure-js-commons, whose type this is.
    .map((name) => JSON.parse(read(name)) as TestResult);
  return { report: validation.report, results, files, read };
}

/** Each instance with its status, as both sides say it. */
function statuses({ report, results }: Run) {
  const told = results.map(({ name = "", status }) => [name, status]).sort();
  const judged = report.cases.map(({ key, verdict }) => [key, STATUSES[verdict]]).sort();
  return { told, judged };
}

function labelsOf(result: TestResult, wanted: string): readonly string[] {
  return result.labels.filter(({ name }) => name === wanted).map(({ value }) => value);
}

const shape = ({ name, status, parameters }: StepResult) => ({ name, status, seen: parameters[0]?.value });

describe("results for Allure of a run in which cases pass, fail and stay inconclusive", () => {
  let run: Run;

  beforeAll(async () => {
    const directory = newRunDirectory(afterAll);
    const { code, stderr } = await seccf(
      ...["run", "--smoke", "--fault", "https-wrong-name", "--repeat", "2", "--out", directory],
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    run = runIn(directory);
  });

  it("has one result for each instance, with the status of its verdict", () => {
    const { told, judged } = statuses(run);
    expect(told).toEqual(judged);
    for (const verdict of ["pass", "fail", "inconclusive"])
      expect(run.report.cases.some((entry) => entry.verdict === verdict)).toBe(true);
  });

  it("says in the message what the report says", () => {
    for (const result of run.results) {
      const entry = run.report.cases.find(({ key }) => key === result.name);
      const said = entry?.reason === undefined ? undefined : `${entry.verdict}: ${entry.reason}`;
      expect(result.statusDetails).toEqual(said === undefined ? {} : { message: said });
    }
  });

  it("groups by use case, label, flow and way in, and carries the parameters", () => {
    for (const entry of run.report.cases) {
      const result = run.results.find(({ name }) => name === entry.key);
      if (result === undefined) throw new Error(`no result of ${entry.key}`);
      if (entry.verdict !== "inconclusive") {
        expect(labelsOf(result, "epic")).toEqual(["Use case 1: A secure connection from a shared key"]);
        expect(labelsOf(result, "feature").map((text) => text.split(" ")[0])).toEqual(entry.requirements);
        const story = entry.flow === undefined ? entry.wayIn : `${entry.flow} flow, ${entry.wayIn}`;
        expect(labelsOf(result, "story")).toEqual([story]);
        expect(labelsOf(result, "suite")).toEqual([story]);
        expect(labelsOf(result, "subSuite")).toEqual([entry.id]);
        expect(Object.fromEntries(result.parameters.map(({ name, value }) => [name, value]))).toEqual(
          entry.parameters ?? {},
        );
      }
      expect(result.fullName).toBe(`seccf:${entry.id}`);
      expect(labelsOf(result, "host").concat(labelsOf(result, "package"))).toEqual([]);
    }
  });

  it("has a step for each attempt, and in it one for each check", () => {
    const repeated = run.report.cases.filter(({ attempts }) => attempts !== undefined);
    expect(repeated.length).toBeGreaterThan(5);
    for (const { key, attempts = [], checks } of repeated) {
      const steps = run.results.find(({ name }) => name === key)?.steps ?? [];
      const tries = steps.filter(({ name }) => name?.startsWith("attempt "));
      expect(tries.map(({ name, status }) => [name, status])).toEqual(
        attempts.map((verdict, index) => [`attempt ${index + 1}: ${verdict}`, STATUSES[verdict]]),
      );
      const first = tries[0]?.steps.map(shape);
      const expected = checks.map(({ requirement, clause, level, text, outcome }) => ({
        name: outcome === "observed" ? `observed: ${text}` : `${level} ${requirement ?? clause}: ${text}`,
        status: outcome === "failed" ? "failed" : "passed",
      }));
      expect(first?.map(({ name, status }) => ({ name, status }))).toEqual(expected);
    }
  });

  it("attaches the transcript of an instance that was carried out", () => {
    const { attachments } =
      run.results
        .find(({ status }) => status === "failed")
        ?.steps.find(({ name }) => name === "transcript.txt") ?? {};
    expect(run.read(attachments?.[0]?.source ?? "")).toMatch(/ terminal -> /);
  });

  it("writes nothing but results, attachments, environment and categories", () => {
    const names = run.files.map((name) => name.replace(/^[0-9a-f-]{36}-/, "").replace(/\.[a-z]+$/, ""));
    expect(new Set(names)).toEqual(new Set(["result", "attachment", "environment", "categories"]));
    expect(run.read("environment.properties")).toContain("https-wrong-name");
  });
});

it("shows cases that do not apply as skipped, with the item that decided, and starts no system for them", async () => {
  const directory = newRunDirectory();
  const profile = writeProfile(["-e", "process.exit(1)"]);
  const { stdout } = await seccf(...["run", "--only", "UC1-DIG-*", "--profile", profile, "--out", directory]);
  expect(stdout).not.toContain("not started");
  const run = runIn(directory);
  const { told, judged } = statuses(run);
  expect(told).toEqual(judged);
  expect(new Set(run.results.map(({ status }) => status))).toEqual(new Set(["skipped"]));
  for (const { name, statusDetails } of run.results) {
    const entry = run.report.cases.find(({ key }) => key === name);
    expect(statusDetails).toEqual({ message: `not applicable: ${entry?.reason}` });
  }
});

it("takes nothing for harmless that was not run", async () => {
  const directory = newRunDirectory();
  const profile = writeProfile(["-e", "process.exit(1)"]);
  await seccf(...["run", "--only", "UC1-PSK-BI-03", "--profile", profile, "--out", directory]);
  const { results, files } = runIn(directory);
  expect(results.length).toBeGreaterThan(0);
  for (const { status, statusDetails } of results) {
    expect({ status, ...statusDetails }).toEqual({
      status: "broken",
      message: "not run: the run ended before this case was done",
    });
  }
  expect(files.some((name) => name.endsWith("globals.json"))).toBe(true);
});
