import { rmSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Profile } from "../system/profile/index.ts";
import { TestSystem } from "../system/test-system.ts";
import { connectTcp } from "../wire/tcp.ts";
import { type CaseStory, type TestCase, testCase } from "./case.ts";
import type { RunEvent } from "./run-events.ts";
import { sanity } from "./sanity.ts";
import { ShareRunner } from "./share-runner.ts";
import { carryOut } from "./testing/carry-out.ts";
import { dyingProfile } from "./testing/dying-system.ts";
import { descriptor } from "./testing/reference-profile.ts";

let profile: Profile;
let system: TestSystem;

beforeEach(async () => {
  profile = dyingProfile();
  system = await TestSystem.start(profile);
});

afterEach(async () => {
  await system?.close();
  rmSync(profile.directory, { recursive: true, force: true });
});

/** Connects, which ends the system, and waits until it is gone. */
async function kill(): Promise<void> {
  const address = system.endpoints["uc1.psk-tls"];
  if (address === undefined) throw new Error("the system announced no address");
  const tcp = await connectTcp(address, 1_000);
  if (tcp.ok) tcp.socket.destroy();
  while (system.systemGone === undefined) await nextTurn();
}

const VALID = testCase(descriptor({ dependsOn: "UC1-PSK-BV-01" }), async ({ check }) => {
  check("1.1", "served", true);
});
const INVALID = testCase(
  descriptor({ id: "UC1-PSK-BI-91", polarity: "invalid", dependsOn: "UC1-PSK-BV-90" }),
  async ({ check }) => check("1.1", "refused", true),
);

function runner(closedWays: ConstructorParameters<typeof ShareRunner>[0]["closedWays"] = new Map()) {
  const events: RunEvent[] = [];
  const cases = new Map([VALID, INVALID].map((one) => [one.id, one]));
  const share = new ShareRunner({
    cases,
    system,
    repeat: 1,
    sink: (event) => events.push(event),
    closedWays,
  });
  const run = (one: TestCase) => share.run({ case: one, parameters: {}, key: one.id });
  return { run, events };
}

describe("ShareRunner", () => {
  it("runs cases while the system lives, and none after its death, of which each result tells", async () => {
    const { run, events } = runner();
    expect((await run(VALID)).verdict).toBe("pass");
    await kill();
    expect(await run(INVALID)).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringMatching(/the system under test ended with exit code 7.*giving up/s),
      rootCause: "UC1-PSK-BV-90",
      checks: [],
    });
    expect(events.map(({ type }) => type)).toEqual(["case-start", "check", "case-end", "case-end"]);
  });

  it("runs only valid cases over a way in that sanity found closed", async () => {
    const { run } = runner(new Map([["uc1.psk-tls", "alert 40"]]));
    expect(await run(INVALID)).toMatchObject({
      verdict: "inconclusive",
      reason: "no valid terminal gets in over uc1.psk-tls: alert 40",
    });
    expect((await run(VALID)).verdict).toBe("pass");
  });

  it("throws for a case that the suite does not have", async () => {
    const { run } = runner();
    const unknown = testCase(descriptor({ id: "UC1-PSK-BV-99" }), async () => undefined);
    await expect(run(unknown)).rejects.toThrow("no case has the id UC1-PSK-BV-99");
  });
});

describe("the death of the system", () => {
  it("makes a check inconclusive, whichever way it would have gone", async () => {
    for (const holds of [true, false]) {
      const { result } = await carryOut({ system }, async ({ check }) => {
        if (system.systemGone === undefined) await kill();
        check("1.1", "refused", holds);
      });
      expect(result).toMatchObject({ verdict: "inconclusive", checks: [] });
      expect(result.reason).toContain("ended with exit code 7");
    }
  });

  const failsThenDies: CaseStory = async ({ check }) => {
    check("1.1", "served", false, "connection closed");
    await kill();
  };

  it("explains the failure of a valid case, which then stands as an observation only", async () => {
    const { result } = await carryOut({ system }, failsThenDies);
    expect(result).toMatchObject({
      verdict: "inconclusive",
      checks: [
        {
          level: "observe",
          outcome: "observed",
          detail: "not so, and the system under test was gone (connection closed)",
        },
      ],
    });
  });

  it("does not excuse what an invalid case saw before", async () => {
    const { result } = await carryOut({ system, fields: { polarity: "invalid" } }, failsThenDies);
    expect(result).toMatchObject({ verdict: "fail", checks: [{ requirement: "1.1", outcome: "failed" }] });
  });

  it("shows in sanity", async () => {
    await kill();
    expect(await sanity(system, "uc1.psk-tls", "last")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("ended with exit code 7"),
    });
  });
});
