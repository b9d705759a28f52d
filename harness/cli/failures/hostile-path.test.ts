import { join } from "node:path";
import { test as base } from "vitest";
import { REFERENCE_PROFILE } from "../open-profile.ts";
import { certify, Workplace } from "./testing/certify.ts";
import { profileOfProgram } from "./testing/profiles.ts";

const test = base.concurrent;

test.for([
  ["uc1.psk-tls", "UC1-PSK-BI-02*"],
  ["uc1.https-digest", "UC1-DIG-BI-02*"],
] as const)(
  "a path that breaks connections of %s at every step makes no error and leaves nothing out",
  async ([way, only], { expect }) => {
    using workplace = new Workplace();
    // Behind the first sanity check. The right system under it needs time to ask the key manager.
    const program = { program: "hostile-relay.mjs", args: ["2", join(REFERENCE_PROFILE, "main.ts")] };
    const profile = profileOfProgram(workplace, { ...program, way, bounds: { keyManagerMs: 2_000 } });
    const run = await certify(workplace, "--profile", profile, "--only", only, "--repeat", "3");
    expect([1, 2]).toContain(run.code);
    const { verdicts } = run.report?.summary ?? {};
    expect(verdicts?.error).toBe(0);
    expect(verdicts?.inconclusive).toBeGreaterThan(0);
    // What can be refused by a broken path is a refusal only between two controls: none of them fails the system.
    expect(
      run.report?.cases.filter(({ verdict, polarity }) => verdict === "fail" && polarity !== "valid"),
    ).toEqual([]);
    expect(run.journal?.interrupted).toBeUndefined();
    expect(run.report?.run.sanity[0]).toMatchObject({ when: "first", ok: true });
    expect(run).toMatchObject({ processes: [], temporary: [] });
  },
);
