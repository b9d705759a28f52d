import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CASES } from "../../../suites/index.ts";
import { type PlanOptions, plan } from "../../conformance/plan.ts";
import type { Profile } from "../../system/profile/index.ts";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { seccf, writeProfile } from "../testing/seccf.ts";
import { dryRunLines } from "./dry-run-lines.ts";
import { type EarlierRun, earlierRun } from "./earlier-run.ts";
import { forecast } from "./forecast.ts";

const REFERENCE = openProfile(REFERENCE_PROFILE);

function foretold(
  profile: Profile,
  options: Partial<PlanOptions & { repeat: number; earlier: EarlierRun }> = {},
) {
  const { repeat = 1, earlier, ...rest } = options;
  const selection = { smoke: false, strength: 2, seed: 1, ...rest };
  const { seed, strength } = selection;
  const chosen = plan(CASES.values(), profile, selection);
  return forecast({ plan: chosen, profile, seed, strength, repeat, earlier });
}

const keysOf = ({ cases }: ReturnType<typeof forecast>) => cases.flatMap(({ instances }) => instances);

describe("seccf run --dry-run", () => {
  it("starts nothing, leaves nothing and is 0 also for a system that cannot be started", async () => {
    const profile = writeProfile(["-e", "process.exit(9)"]);
    const { code, stdout, stderr } = await seccf("run", "--dry-run", "--profile", profile);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("UC1-PSK-BV-01[suite=00a8,tls=1.2]");
    expect(stdout).toContain("ICS waysIn does not claim uc1.https-digest");
    expect(stdout).toContain("GET /protected");
    expect(stdout).toContain("Nothing was started");
  });

  it("--json is the same for programs", async () => {
    const args = ["run", "--dry-run", "--json", "--only", "UC1-PSK-BV-01*", "--repeat", "3"];
    const { code, stdout } = await seccf(...args);
    expect(code).toBe(0);
    const told: unknown = JSON.parse(stdout);
    expect(told).toMatchObject({ scope: "partial", repeat: 3, seed: 1, notApplicable: [] });
    expect(told).toHaveProperty("cases.0.id", "UC1-PSK-BV-01");
  });

  it("--json without --dry-run is wrong usage, and so is a selection of nothing", async () => {
    expect((await seccf("run", "--json")).code).toBe(3);
    expect((await seccf("run", "--dry-run", "--only", "UC9-*")).code).toBe(3);
  });
});

describe("forecast", () => {
  it("is the plan of the run: the same seed gives the same instances, another one others", () => {
    const keys = (seed: number) => keysOf(foretold(REFERENCE, { seed }));
    const chosen = plan(CASES.values(), REFERENCE, { smoke: false, strength: 2, seed: 7 });
    expect(keys(7)).toEqual(chosen.instances.map(({ key }) => key));
    expect(keys(7)).toEqual(keys(7));
    expect(new Set([1, 2, 3, 4].map((seed) => keys(seed).join())).size).toBeGreaterThan(1);
  });

  it("names the hooks of the selected cases only, and which of them change something", () => {
    const items = (only: string) => foretold(REFERENCE, { only }).hooks.map(({ item }) => item);
    expect(items("UC1-PSK-BV-01*")).not.toContain("resources.identity");
    expect(items("UC1-PSK-BV-02*")).toContain("resources.identity");
    const changing = foretold(REFERENCE).hooks.filter(({ changes }) => changes);
    expect(changing.map(({ item }) => item)).toEqual(["system.command", "resources.state.change"]);
  });

  it("estimates nothing that was not measured", () => {
    const { estimate, load } = foretold(REFERENCE);
    expect(estimate).not.toHaveProperty("seconds");
    expect(load).not.toHaveProperty("connections");
  });

  it("takes time and load of the earlier run, and less for a part of it", () => {
    const all = keysOf(foretold(REFERENCE));
    const earlier: EarlierRun = {
      id: "then",
      durationMs: 60_000,
      instances: new Map(all.map((key) => [key, { durationMs: 1_000, connections: 3, keyRequests: 2 }])),
    };
    const whole = foretold(REFERENCE, { earlier });
    expect(whole.estimate).toEqual({ seconds: 60, from: "measured by run then" });
    expect(whole.load).toMatchObject({ connections: 3 * all.length, keyRequestsAtMost: 2 * all.length });
    const part = foretold(REFERENCE, { earlier, only: "UC1-PSK-BV-01*" });
    expect(part.estimate.seconds).toBeLessThan(30);
    const twice = foretold(REFERENCE, { earlier, repeat: 2 });
    expect(twice.load).toMatchObject({ connections: 6 * all.length });
  });

  it("lets no control character of a profile reach the terminal", () => {
    const { ixit } = REFERENCE;
    const resources = { ...ixit.resources, protected: { path: "/\u001b[31m" } };
    const text = dryRunLines(foretold({ ...REFERENCE, ixit: { ...ixit, resources } })).join("\n");
    expect(text).toContain("/\\x1b[31m");
    expect(text).not.toContain("/\u001b");
  });
});

describe("earlierRun", () => {
  it("passes over what is no report of a whole run of this profile", () => {
    const directory = mkdtempSync(join(tmpdir(), "seccf-earlier-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    expect(earlierRun(join(directory, "missing"), REFERENCE)).toBeUndefined();
    for (const [name, text] of [
      ["a", "{}"],
      ["b", "no JSON"],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "report.json"), text);
    }
    writeFileSync(join(directory, "c"), "a file");
    expect(earlierRun(directory, REFERENCE)).toBeUndefined();
  });
});
