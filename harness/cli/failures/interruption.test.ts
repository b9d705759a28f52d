import { existsSync } from "node:fs";
import { join } from "node:path";
import { test as base, describe } from "vitest";
import { StartedRun, Workplace } from "./testing/certify.ts";
import { listening, writeProfile } from "./testing/profiles.ts";

const test = base.concurrent;

describe("Ctrl-C", () => {
  test("in the middle finishes the report of what was run", async ({ expect }) => {
    using workplace = new Workplace();
    const started = new StartedRun(workplace, "run", ["--only", "UC1-*"]);
    await expect.poll(() => started.endedInstances, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    started.interrupt();
    const run = await started.ended;
    expect(run.code).toBe(2);
    expect(run.output).toContain("stopping: ");
    expect(run.report?.run.interrupted).toContain("SIGINT");
    expect(run.report?.summary).toMatchObject({
      conformant: null,
      verdicts: { fail: 0, inconclusive: 0, error: 0 },
    });
    const done = run.report?.summary.verdicts.pass ?? 0;
    expect(done).toBeGreaterThanOrEqual(3);
    expect(done).toBeLessThan(run.journal?.header.selected.length ?? 0);
    expect(run.journal?.interrupted).toBe(run.report?.run.interrupted);
    for (const name of ["report.html", "junit.xml", "summary.md", "traceability.csv"]) {
      expect(existsSync(join(started.out, name))).toBe(true);
    }
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });

  test("twice ends the run at once, with a system that takes no notice of anything", async ({ expect }) => {
    using workplace = new Workplace();
    const stubborn = `
      import { writeFileSync } from "node:fs";
      process.on("SIGTERM", () => {});
      ${listening('socket.resume(); writeFileSync("asked", "");')}`;
    const profile = writeProfile(workplace, stubborn, { bounds: { responseMs: 60_000, stopMs: 60_000 } });
    const started = new StartedRun(workplace, "run", ["--profile", profile]);
    await expect.poll(() => existsSync(join(profile, "asked")), { timeout: 30_000 }).toBe(true);
    started.interrupt();
    await started.says("again to stop at once");
    started.interrupt();
    const run = await started.ended;
    expect(run.code).toBe(2);
    expect(run.journal?.header.selected.length).toBeGreaterThan(0);
    expect(run).toMatchObject({ processes: [], temporary: [] });
  });
});

test("two runs at once do not disturb each other", async ({ expect }) => {
  using workplace = new Workplace();
  const runs = await Promise.all(
    ["one", "two"].map((name) => new StartedRun(workplace, name, ["--smoke", "--only", "UC1-PSK-*"]).ended),
  );
  for (const run of runs) {
    expect(run).toMatchObject({ code: 0, processes: [], temporary: [] });
    expect(run.report?.summary.verdicts).toMatchObject({ fail: 0, inconclusive: 0, error: 0 });
    expect(run.report?.summary.verdicts.pass).toBe(run.journal?.header.selected.length);
  }
});
