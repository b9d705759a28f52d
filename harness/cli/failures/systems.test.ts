import { readdirSync } from "node:fs";
import { test as base, describe } from "vitest";
import { certify, type Run, StartedRun, Workplace } from "./testing/certify.ts";
import { listening, wrapReference, writeProfile } from "./testing/profiles.ts";

// Each run is a process of its own that mostly waits: two of them share the cores.
const test = base.concurrent;

/** A fatal handshake_failure (RFC 5246 7.2.2). */
const REFUSES = listening('socket.once("data", () => socket.end(Buffer.from("15030300020228", "hex")));');
const SILENT = listening("socket.resume();");

/** Cases by their verdict. */
function ids(run: Run, verdict: string): readonly string[] {
  return [...new Set(run.report?.cases.filter((one) => one.verdict === verdict).map(({ id }) => id))].sort();
}

describe("a system that", () => {
  test("never becomes ready", async ({ expect }) => {
    using workplace = new Workplace();
    const script = 'console.log("waiting for \\u001b[31ma licence"); setInterval(() => {}, 1000);';
    const profile = writeProfile(workplace, script, { bounds: { startMs: 600 } });
    const run = await certify(workplace, "--profile", profile);
    expect(run.code).toBe(2);
    expect(run.output).toContain("did not announce itself on stdout within 600 ms (IXIT bounds.startMs)");
    // What the system writes is data, on the terminal too.
    expect(run.output).toMatch(/waiting for .*a licence/);
    expect(run.output).not.toContain("\u001b");
    expect(run.output).toContain("report.json");
    expect(run.report?.run.interrupted).toContain("bounds.startMs");
    expect(run.report?.summary).toMatchObject({ conformant: null, verdicts: { pass: 0, fail: 0 } });
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  test("refuses everybody passes nothing", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await certify(workplace, "--profile", writeProfile(workplace, REFUSES));
    expect([1, 2]).toContain(run.code);
    expect(run.report?.run.sanity.filter(({ ok }) => ok)).toEqual([]);
    expect(run.report?.summary.conformant).not.toBe(true);
    expect(ids(run, "pass")).toEqual([]);
    expect(ids(run, "error")).toEqual([]);
    expect(run.report?.requirements.map(({ status }) => status)).not.toContain("met");
    expect(run.output).toContain("no valid terminal gets in over uc1.psk-tls");
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  test("accepts TCP and sends nothing is given up, case by case", async ({ expect }) => {
    using workplace = new Workplace();
    const profile = writeProfile(workplace, SILENT, { way: "uc1.https-digest" });
    const run = await certify(workplace, "--profile", profile, "--smoke");
    expect([1, 2]).toContain(run.code);
    expect(ids(run, "pass")).toEqual([]);
    expect(ids(run, "error")).toEqual([]);
    expect(JSON.stringify(run.report?.run.sanity)).toMatch(/no answer within \d+ ms/);
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });
});

describe("a conforming system that dies half way", () => {
  test("fails nothing and keeps what was done", async ({ expect }) => {
    using workplace = new Workplace();
    const tellsItsPid = `
      import { writeFileSync } from "node:fs";
      writeFileSync(process.pid + ".pid", "");`;
    const profile = wrapReference(workplace, tellsItsPid);
    const started = new StartedRun(workplace, "run", ["--profile", profile, "--only", "UC1-PSK-*"]);
    await expect.poll(() => started.endedInstances, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
    for (const name of readdirSync(profile).filter((one) => one.endsWith(".pid"))) {
      process.kill(Number.parseInt(name, 10), "SIGKILL");
    }
    const run = await started.ended;
    expect(run.code).toBe(2);
    expect(ids(run, "fail")).toEqual([]);
    expect(ids(run, "error")).toEqual([]);
    expect(ids(run, "pass")).not.toEqual([]);
    const { report, journal } = run;
    // The journal and the report hold every instance that was selected.
    expect(report?.cases.length).toBe(new Set(report?.cases.map(({ key }) => key)).size);
    expect(journal?.results.map(({ key }) => key).sort()).toEqual(report?.cases.map(({ key }) => key).sort());
    const died = report?.cases.filter(({ reason }) => reason?.includes("ended with SIGKILL"));
    expect(died?.length).toBeGreaterThan(0);
    expect(run.report?.run.sanity.some(({ when, ok }) => when === "last" && !ok)).toBe(true);
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });
});
