import { statSync } from "node:fs";
import { join } from "node:path";
import { test as base, describe } from "vitest";
import { renderAgain, StartedRun, Workplace } from "./testing/certify.ts";

const test = base.concurrent;

const SELECTION = ["--only", "UC1-DIG-BI-02*"];

/** Without space on a device the same happens, with ENOSPC: a limit of file sizes needs no rights (setrlimit(2)). */
async function withFilesOf(workplace: Workplace, fileSize?: number) {
  const surroundings = fileSize === undefined ? {} : { fileSize };
  const started = new StartedRun(workplace, `run-${fileSize}`, SELECTION, surroundings);
  return { run: await started.ended, out: started.out };
}

/** `ulimit -f` counts in these. */
const inBlocks = (octets: number) => Math.ceil(octets / 512) * 512;

describe("a disk that becomes full", () => {
  test("before the run begins", async ({ expect }) => {
    using workplace = new Workplace();
    const { run, out } = await withFilesOf(workplace, 8 * 1024);
    expect(run.code).toBe(2);
    expect(run.output).toMatch(/journal\.ndjson: EFBIG/);
    expect(run.output).not.toMatch(/\n\s+at |sanity/);
    expect(run).toMatchObject({ report: undefined, processes: [], temporary: [] });
    const again = await renderAgain(out);
    expect(again.code).toBe(2);
    expect(again.output).toContain("does not begin with a run-start line");
  });

  test("in the middle of the journal, and while the reports are written", { timeout: 120_000 }, async ({
    expect,
  }) => {
    using workplace = new Workplace();
    const whole = await withFilesOf(workplace);
    expect(whole.run.code).toBe(0);
    const journal = whole.run.read("journal.ndjson");
    const header = journal.indexOf("\n") + 1;
    const page = statSync(join(whole.out, "report.html")).size;
    expect(page).toBeGreaterThan(2 * journal.length);

    const [cut, unreported] = await Promise.all([
      withFilesOf(workplace, inBlocks((header + journal.length) / 2)),
      withFilesOf(workplace, inBlocks(1.5 * journal.length)),
    ]);
    expect(cut.run.code).toBe(2);
    expect(cut.run.output).toMatch(/journal\.ndjson: EFBIG.*`seccf report` with this folder renders it/);
    expect(cut.run.output).not.toMatch(/\n\s+at /);
    expect(cut.run).toMatchObject({ report: undefined, processes: [], temporary: [] });
    expect(await renderAgain(cut.out)).toMatchObject({ code: 2 });
    const told = JSON.parse(cut.run.read("report.json"));
    expect(told.run.interrupted).toBe("the journal ends in the middle of the run");
    expect(told.summary.verdicts).toMatchObject({ fail: 0, error: 0 });

    expect(unreported.run.code).toBe(2);
    expect(unreported.run.output).toMatch(/reports in .* could not all be written: EFBIG.*`seccf report`/);
    expect(unreported.run.output).not.toMatch(/\n\s+at /);
    expect(unreported.run).toMatchObject({ processes: [], temporary: [] });
    expect(await renderAgain(unreported.out)).toMatchObject({ code: 0 });
    expect(JSON.parse(unreported.run.read("report.json")).summary.verdicts).toEqual(
      whole.run.report?.summary.verdicts,
    );
  });
});
