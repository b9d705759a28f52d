import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Report, validateReport } from "../../reports/index.ts";
import { CASES } from "../../suites/index.ts";
import {
  type Ended,
  ended,
  MAIN,
  newRunDirectory,
  seccf,
  userEnvironment,
  writeProfile,
} from "./testing/seccf.ts";

const OUTPUTS = ["report.json", "report.html", "junit.xml", "traceability.csv", "summary.md"];

function reportOf(directory: string): Report {
  const validation = validateReport(JSON.parse(readFileSync(join(directory, "report.json"), "utf8")));
  if (!validation.ok) throw new Error(validation.errors.join("\n"));
  return validation.report;
}

/** Vitest is not started inside vitest: a process of its own asks for a share that no worker can carry out. */
const LOSES_A_WORKER = `
import { runShares } from ${JSON.stringify(new URL("engine/vitest-engine.ts", import.meta.url).href)};
const order = { share: 3, channel: "lost", profile: "/nonexistent", fault: null, seed: 1, strength: 1, repeat: 1, keys: ["A"] };
const events = [];
const lost = await runShares({
  orders: [order],
  channel: order.channel,
  signal: new AbortController().signal,
  onEvent: (event) => events.push(event),
  onStartFailed: (failure) => events.push(failure),
});
process.stdout.write(JSON.stringify({ lost, events, exitCode: process.exitCode ?? 0 }));
`;

const contents = (directory: string) =>
  OUTPUTS.map((name) => `${name}\n${readFileSync(join(directory, name), "utf8")}`);

describe("a run of the smoke cases", () => {
  let directory: string;
  let run: Ended;

  beforeAll(async () => {
    directory = newRunDirectory(afterAll);
    run = await seccf("run", "--smoke", "--out", directory);
  });

  it("passes on the reference system, says so and where the reports are", () => {
    expect(run).toMatchObject({ code: 0, stderr: "" });
    for (const name of OUTPUTS) expect(run.stdout).toContain(join(directory, name));
    expect(run.stdout).toContain("Partial run");
  });

  it("leaves a report that the schema allows, of a partial run, which is never conformant", () => {
    const { run: facts, summary, cases, requirements, useCases } = reportOf(directory);
    expect(facts).toMatchObject({ scope: "partial", seed: 1 });
    expect(facts).not.toHaveProperty("interrupted");
    expect(facts.sanity.map(({ when, wayIn, ok }) => `${when} ${wayIn} ${ok}`).sort()).toEqual([
      "first server-only true",
      "first uc1.https-digest true",
      "first uc1.psk-tls true",
      "last server-only true",
      "last uc1.https-digest true",
      "last uc1.psk-tls true",
    ]);
    expect(summary.conformant).toBeNull();
    expect(new Set(cases.map(({ verdict }) => verdict))).toEqual(new Set(["pass"]));
    const smoke = [...CASES.values()].filter((one) => one.smoke === true).map(({ id }) => id);
    expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(smoke));
    expect([requirements.length, useCases.length]).toEqual([19, 7]);
  });

  it("leaves the transcript of every case where its report says", () => {
    const { cases } = reportOf(directory);
    for (const { evidence, key } of cases) {
      expect(evidence).toEqual([`evidence/${key}/transcript.txt`]);
      expect(readFileSync(join(directory, evidence[0] ?? ""), "utf8")).toContain("check ");
    }
    expect(readdirSync(join(directory, "evidence"))).toHaveLength(cases.length);
  });

  it("is rendered again, octet by octet, from its journal", async () => {
    const before = contents(directory);
    expect(await seccf("report", directory)).toMatchObject({ code: 0, stderr: "" });
    expect(contents(directory)).toEqual(before);
  });

  it("is not overwritten by another run", async () => {
    const before = contents(directory);
    const { code, stderr } = await seccf("run", "--smoke", "--out", directory);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `${directory} holds a run already. Name another folder with --out, or remove it.\n`,
    });
    expect(contents(directory)).toEqual(before);
  });
});

describe.concurrent("seccf run", () => {
  it("exits with 1 when a binding fails, for which no label is not met", async ({
    expect,
    onTestFinished,
  }) => {
    const out = newRunDirectory(onTestFinished);
    const only = ["--only", "UC1-PSK-BV-01*", "--strength", "1", "--repeat", "2"];
    const { code } = await seccf("run", "--fault", "psk-no-hint", ...only, "--out", out);
    expect(code).toBe(1);
    const { run, summary, cases, bindings, requirements } = reportOf(out);
    expect(run).toMatchObject({ scope: "partial", fault: "psk-no-hint" });
    expect(summary).toMatchObject({ conformant: null, flaky: 0 });
    for (const { parameters, verdict, attempts } of cases) {
      // A hint exists up to TLS 1.2 only (TS 24.109 F.3).
      const expected = parameters?.["tls"] === "1.2" ? "fail" : "pass";
      expect({ verdict, attempts }).toEqual({ verdict: expected, attempts: [expected, expected] });
    }
    expect(bindings.find(({ clause }) => clause === "TS 24.109 F.3")?.outcome).toBe("failed");
    expect(requirements.filter(({ status }) => status === "not-met")).toEqual([]);
  });

  it("exits with 2 when nothing applies, and starts nothing", async ({ expect, onTestFinished }) => {
    const out = newRunDirectory(onTestFinished);
    const profile = writeProfile(["-e", "process.exit(9)"], onTestFinished);
    const { code } = await seccf("run", "--profile", profile, "--only", "UC1-DIG-*", "--out", out);
    expect(code).toBe(2);
    const { cases, summary, run } = reportOf(out);
    expect(run).not.toHaveProperty("interrupted");
    expect(summary.verdicts).toMatchObject({ pass: 0, notApplicable: cases.length });
    expect(new Set(cases.map(({ reason }) => reason))).toEqual(
      new Set(["ICS waysIn does not claim uc1.https-digest"]),
    );
  });

  it("goes on to its report when the reader of its output is gone", async ({ expect, onTestFinished }) => {
    const out = newRunDirectory(onTestFinished);
    const only = "UC1-PSK-BV-01[suite=00a8,tls=1.2]";
    const pipe = `set -o pipefail; "${process.execPath}" "${MAIN}" run --only "${only}" --out "${out}" | head -1`;
    const { code, stdout, stderr } = await ended(spawn("bash", ["-c", pipe], { env: userEnvironment() }));
    expect({ code, stderr, lines: stdout.split("\n").length }).toEqual({ code: 0, stderr: "", lines: 2 });
    expect(reportOf(out).cases.map(({ key, verdict }) => `${key} ${verdict}`)).toEqual([
      "UC1-PSK-BV-01[suite=00a8,tls=1.2] pass",
    ]);
    expect(OUTPUTS.every((name) => existsSync(join(out, name)))).toBe(true);
  });

  it("names the shares of workers that ended without a last word", async ({ expect }) => {
    const node = spawn(process.execPath, ["--input-type=module", "-e", LOSES_A_WORKER], {
      env: userEnvironment(),
    });
    const { code, stdout } = await ended(node);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ lost: [3], events: [], exitCode: 0 });
  });
});
