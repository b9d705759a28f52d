import { test as base } from "vitest";
import { certify, Workplace } from "./testing/certify.ts";
import { profileOfProgram } from "./testing/profiles.ts";

const test = base.concurrent;
const SELECTION = ["--smoke", "--only", "UC1-DIG-*"];
const FLOODS = [
  ["endless body", "many streams", "many long questions", "many wrong paths", "answers that nobody reads"],
  ["endless headers", "empty frames", "rapid reset", "resets", "pings", "settings", "garbage"],
];

async function flooded(...floods: readonly string[]) {
  using workplace = new Workplace();
  const program = { program: "flooding-zn.mjs", args: floods };
  const profile = profileOfProgram(workplace, {
    ...program,
    way: "uc1.https-digest",
    bounds: { responseMs: 2_000 },
  });
  return await certify(workplace, "--profile", profile, ...SELECTION);
}

test("a system that floods the key manager ends no run and fills no memory", { timeout: 120_000 }, async ({
  expect,
}) => {
  const quiet = await flooded();
  expect(quiet.peakMemory).toBeGreaterThan(0);
  for (const floods of FLOODS) {
    const run = await flooded(...floods);
    expect([1, 2]).toContain(run.code);
    expect(run.report?.summary.verdicts).toMatchObject({ pass: 0, error: 0 });
    expect(run.journal?.interrupted).toBeUndefined();
    expect({ floods, ratio: (run.peakMemory ?? Number.NaN) / (quiet.peakMemory ?? 1) }).toEqual({
      floods,
      ratio: expect.toSatisfy((ratio: number) => ratio < 2),
    });
    expect(run).toMatchObject({ processes: [], temporary: [] });
  }
});
