import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, describe } from "vitest";
import { type Run, renderAgain, StartedRun, type Surroundings, Workplace } from "./testing/certify.ts";
import { listening, wrapReference, writeProfile } from "./testing/profiles.ts";

const test = base.concurrent;

/** A system and a process of its own that take no notice of anything: not of SIGTERM, not of their input. */
const STUBBORN = `
  import { spawn } from "node:child_process";
  import { writeFileSync } from "node:fs";
  const ignore = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
  spawn(process.execPath, ["--eval", ignore], { stdio: "ignore" });
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1000);
  writeFileSync("started", "");`;

const journalOf = ({ out }: StartedRun) => {
  const path = join(out, "journal.ndjson");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
};

describe("kill -9 of seccf leaves no process and no folder, and a journal that can be read,", () => {
  test("in the middle", async ({ expect }) => {
    using workplace = new Workplace();
    const profile = wrapReference(workplace, STUBBORN);
    const started = new StartedRun(workplace, "run", ["--profile", profile, "--only", "UC1-PSK-B?-0*"]);
    await expect.poll(() => started.endedInstances, { timeout: 50_000 }).toBeGreaterThanOrEqual(3);
    started.interrupt("SIGKILL");
    const run = await started.ended;
    expect(run).toMatchObject({ code: null, processes: [], temporary: [] });
    const again = await renderAgain(started.out);
    expect(again.code).toBe(2);
    const { run: told, summary, cases } = JSON.parse(run.read("report.json"));
    expect(told.interrupted).toBe("the journal ends in the middle of the run");
    expect(summary.conformant).toBe(null);
    expect(summary.verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
    expect(summary.verdicts.pass).toBeGreaterThanOrEqual(3);
    expect(cases.length).toBeLessThan(run.journal?.header.selected.length ?? 0);
  });

  test("while the reports are written", async ({ expect }) => {
    using workplace = new Workplace();
    const started = new StartedRun(workplace, "run", ["--only", "UC1-PSK-BV-01*"]);
    await expect.poll(() => journalOf(started), { timeout: 50_000, interval: 2 }).toContain('"run-end"');
    started.interrupt("SIGKILL");
    const run = await started.ended;
    expect(run).toMatchObject({ processes: [], temporary: [] });
    // The run is whole, whatever came of its reports.
    expect((await renderAgain(started.out)).output).toContain("report.html");
    const { run: told, summary } = JSON.parse(run.read("report.json"));
    expect(told.interrupted).toBeUndefined();
    expect(summary.verdicts).toMatchObject({ fail: 0, error: 0 });
  });
});

describe("a signal to a run against a system that is silent", () => {
  const SILENT = `
    import { writeFileSync } from "node:fs";
    process.on("SIGTERM", () => {});
    ${listening('socket.resume(); writeFileSync("asked", "");')}`;

  test.for<NodeJS.Signals>(["SIGINT", "SIGTERM", "SIGHUP"])(
    "%s does not wait for sanity",
    async (signal, { expect }) => {
      using workplace = new Workplace();
      const profile = writeProfile(workplace, SILENT, { bounds: { responseMs: 60_000 } });
      const started = new StartedRun(workplace, "run", ["--profile", profile, "--only", "UC1-PSK-*"]);
      await expect.poll(() => existsSync(join(profile, "asked")), { timeout: 50_000 }).toBe(true);
      const sent = performance.now();
      started.interrupt(signal);
      const run = await started.ended;
      // Three sanity checks of one minute each would follow, twice: any bound in between shows that none did.
      expect(performance.now() - sent).toBeLessThan(40_000);
      expect(run.code).toBe(2);
      expect(run.output).toContain("stopping: ");
      expect(run.report?.run.interrupted).toContain(signal);
      expect(run.report?.run.interrupted).toContain("there was no last sanity check");
      expect(run.report?.run.sanity).toEqual([]);
      expect(run.report?.summary).toMatchObject({
        conformant: null,
        verdicts: { pass: 0, fail: 0, error: 0 },
      });
      expect(run).toMatchObject({ processes: [], temporary: [] });
    },
  );
});

test("Ctrl-C before the engine has begun leaves a report too", async ({ expect }) => {
  using workplace = new Workplace();
  const started = new StartedRun(workplace, "run", ["--only", "UC1-PSK-BV-0*"]);
  await expect.poll(() => journalOf(started), { timeout: 50_000, interval: 2 }).toContain('"run-start"');
  started.interrupt();
  const run = await started.ended;
  expect(run.code).toBe(2);
  expect(run.report?.run.interrupted).toContain("SIGINT");
  expect(run.report?.summary.verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
  expect(run).toMatchObject({ processes: [], temporary: [] });
});

describe("whoever reads the output", () => {
  const SELECTION = ["--only", "UC1-PSK-BV-01*"];
  const carryOut = (workplace: Workplace, surroundings: Surroundings): Promise<Run> =>
    new StartedRun(workplace, "run", SELECTION, surroundings).ended;

  test("may be gone: the run goes on and its reports are written", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await carryOut(workplace, { stdout: "nobody reads" });
    expect(run).toMatchObject({ code: 0, output: "", processes: [], temporary: [] });
    expect(run.report?.summary.verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
  });

  test("cannot rely on a file on a full disk: the exit code says so", async ({ expect }) => {
    using workplace = new Workplace();
    const run = await carryOut(workplace, { stdout: "/dev/full" });
    expect(run).toMatchObject({ code: 2, processes: [], temporary: [] });
    expect(run.output).toContain("the output could not all be written (ENOSPC)");
    expect(run.report?.summary.verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
  });
});
