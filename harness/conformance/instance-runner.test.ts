import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Access } from "../roles/terminal/index.ts";
import { TestSystem } from "../system/test-system.ts";
import type { CaseDescriptor, CaseStory } from "./case.ts";
import type { CaseContext } from "./case-context.ts";
import { sanity } from "./sanity.ts";
import { carryOut } from "./testing/carry-out.ts";
import { referenceProfile } from "./testing/reference-profile.ts";
import type { Verdict } from "./vocabulary.ts";

let system: TestSystem;
/** The same enabler as an ICS of release 1 and an IXIT with a wrong separator describe it. */
let misdescribed: TestSystem;

beforeAll(async () => {
  [system, misdescribed] = await Promise.all([
    TestSystem.start(referenceProfile()),
    TestSystem.start(referenceProfile({ ics: { release: 1 }, ixit: { psk: { separator: "." } } })),
  ]);
});

afterAll(() => Promise.all([system?.close(), misdescribed?.close()]));

const LINK = { tls: "1.2", suite: "00a8" };
const DIGEST: Partial<CaseDescriptor> = {
  id: "UC1-DIG-BV-90",
  needs: { role: "enabler", wayIn: "uc1.https-digest" },
};

async function verdictOf(story: CaseStory): Promise<{ verdict: Verdict; reason: string }> {
  const { result } = await carryOut({ system }, story);
  return { verdict: result.verdict, reason: result.reason ?? "" };
}

describe("a case that passes", () => {
  const story: CaseStory = async ({ terminal, preamble, enterServed, check, observe }) => {
    const { credential } = await preamble("the terminal bootstraps", () => terminal.bootstrap());
    const access = await preamble("it is served", () => enterServed(terminal, credential));
    check("1.1", "the resource is served", true);
    observe("suite", access.session.suite.name);
  };

  it("is carried out with the parameters of its instance", async () => {
    const { result } = await carryOut({ system, parameters: { tls: "1.3", suite: "1303" } }, story);
    expect(result).toMatchObject({
      id: "UC1-PSK-BV-90",
      key: "UC1-PSK-BV-90[suite=1303,tls=1.3]",
      verdict: "pass",
      checks: [
        { requirement: "1.1", level: "must", outcome: "passed" },
        { level: "observe", outcome: "observed", detail: "TLS_CHACHA20_POLY1305_SHA256" },
        // The reference system tells its view of a connection.
        { clause: "RD 3.2", level: "must", outcome: "passed" },
      ],
      evidence: [],
    });
    expect(result).not.toHaveProperty("reason");
    expect(result).not.toHaveProperty("attempts");
  });

  it("posts what happens, check by check, and its transcript at the end", async () => {
    const { events, result, transcript } = await carryOut({ system, parameters: LINK }, story);
    expect(events.map(({ type }) => type)).toEqual(["case-start", "check", "check", "check", "case-end"]);
    expect(events.filter((event) => event.type === "check").map(({ check }) => check)).toEqual(result.checks);
    expect(transcript).toContain("preamble: the terminal bootstraps");
    expect(transcript).toContain("TLS_PSK_WITH_AES_128_GCM_SHA256");
    expect(transcript).toContain("check 1.1 (must): the resource is served: passed");
  });

  it("goes over the way in that it names", async () => {
    const { result } = await carryOut({ system, fields: DIGEST }, async (context) => {
      const { credential } = await context.terminal.bootstrap();
      const access = await context.enterServedWithDigest(context.terminal, credential);
      context.check("1.1", "the enabler shows a certificate", access.session.certificate !== undefined);
    });
    expect(result.verdict).toBe("pass");
  });

  it("compares both ends' views at its end only when its question was a valid one", async () => {
    const clauses = async (fields: Partial<CaseDescriptor>) =>
      (await carryOut({ system, fields }, story)).result.checks.flatMap(({ clause }) => clause ?? []);
    expect(await clauses({})).toEqual(["RD 3.2"]);
    expect(await clauses({ polarity: "invalid" })).toEqual([]);
  });

  it("leaves no connection behind", async () => {
    const opened: Access[] = [];
    await carryOut({ system }, async (context) => {
      const { credential } = await context.terminal.bootstrap();
      opened.push(await context.enterServed(context.terminal, credential));
      throw new Error("in the middle");
    });
    expect(opened.map(({ session }) => session.alive)).toEqual([false]);
  });
});

describe("a case that fails", () => {
  it("says what was not so", async () => {
    const verdict = await verdictOf(async ({ check }) => {
      check("1.1", "first", true);
      check("1.1", "nothing is served", false, "status 200");
    });
    expect(verdict).toEqual({ verdict: "fail", reason: "1.1: not so: nothing is served (status 200)" });
  });

  it("fails though the story throws afterwards", async () => {
    const verdict = await verdictOf(async ({ check }) => {
      check("1.1", "nothing is served", false);
      throw new TypeError("x is not a function");
    });
    expect(verdict.verdict).toBe("fail");
  });

  it("fails by a clause, and is not failed by a should", async () => {
    const clause = await verdictOf(async ({ check }) => {
      check("1.1", "served", true);
      check("TS 24.109 F.3", "a hint is sent", false);
    });
    expect(clause).toEqual({ verdict: "fail", reason: "TS 24.109 F.3: not so: a hint is sent" });
    const should = await verdictOf(async ({ check, should }) => {
      check("1.1", "served", true);
      should("TS 24.109 F.3", "a hint is sent", false);
    });
    expect(should.verdict).toBe("pass");
  });
});

describe("a case that cannot be judged", () => {
  const failingPreamble: CaseStory = async ({ preamble }) => {
    await preamble("the terminal is served", async () => {
      throw new Error("it was not");
    });
  };

  it("is inconclusive by its preamble, and names the instance that is the root cause", async () => {
    const { result } = await carryOut({ system, parameters: { ...LINK, answer: "busy" } }, failingPreamble);
    expect(result).toMatchObject({
      verdict: "inconclusive",
      reason: 'preamble "the terminal is served": it was not',
      rootCause: "UC1-PSK-BV-01[suite=00a8,tls=1.2]",
    });
  });

  it("is not its own root cause", async () => {
    const { result } = await carryOut({ system, fields: { id: "UC1-PSK-BV-01" } }, failingPreamble);
    expect(result).not.toHaveProperty("rootCause");
  });

  it("is inconclusive when the terminal is not served where it must be", async () => {
    const verdict = await verdictOf(async ({ terminal, enterServed }) => {
      const { credential } = await terminal.bootstrap();
      await enterServed(terminal, credential.withKey(new Uint8Array(32), "zeros"));
    });
    expect(verdict.verdict).toBe("inconclusive");
    expect(verdict.reason).toContain("the terminal did not get in");
  });

  it("says that the separator of the IXIT is wrong, and which one is right", async () => {
    const { result } = await carryOut(
      { system: misdescribed },
      async ({ terminal, preamble, enterServed }) => {
        const { credential } = await terminal.bootstrap();
        await preamble("it is served", () => enterServed(terminal, credential));
      },
    );
    expect(result.verdict).toBe("inconclusive");
    expect(result.reason).toMatch(/^separator: .*"3GPP-bootstrapping;".*set it to ";"$/);
  });
});

describe("a case that is wrong itself", () => {
  it.each<[string, CaseStory, string]>([
    [
      "throws",
      async () => {
        throw new TypeError("x is not a function");
      },
      "x is not a function",
    ],
    [
      "throws in a preamble",
      async ({ preamble }) => {
        await preamble("a step", () => Promise.reject(new TypeError("x is not a function")));
      },
      "x is not a function",
    ],
    ["throws nothing", () => Promise.reject(undefined), "the story threw nothing"],
    ["throws what cannot become text", () => Promise.reject(Object.create(null)), "an object"],
    ["judges a label that it does not declare", async ({ check }) => check("5.1", "t", true), "5.1"],
    [
      "judges one in a preamble",
      async ({ check, preamble }) => preamble("a step", async () => check("5.1", "t", true)),
      "the case judges 5.1 but does not declare it",
    ],
    ["judges nothing", async () => undefined, "without a must check"],
    ["only observes", async ({ observe }) => observe("a", "b"), "without a must check"],
    ["judges a clause only", async ({ check }) => check("RFC 4279 2", "t", true), "judged 1.1"],
  ])("is an error and no fault of the system when it %s", async (_, story, reason) => {
    const verdict = await verdictOf(story);
    expect(verdict.verdict).toBe("error");
    expect(verdict.reason).toContain(reason);
  });

  it("is an error, and not lost, when its instance cannot be set up", async () => {
    const { result, events } = await carryOut({ system, parameters: { tls: "1.1" } }, async () => undefined);
    expect(result.verdict).toBe("error");
    expect(result.reason).toContain("UC1-PSK-BV-90[tls=1.1]");
    expect(events.at(-1)?.type).toBe("case-end");
  });

  it("changes nothing by a check that comes after its end", async () => {
    const kept: CaseContext[] = [];
    const { result, events } = await carryOut({ system }, async (context) => {
      kept.push(context);
      context.check("1.1", "served", true);
    });
    const before = events.length;
    for (const { check } of kept) check("1.1", "too late", false);
    expect([result.checks.length, events.length]).toEqual([1, before]);
  });
});

describe("a case that is repeated", () => {
  const alternating = (first: boolean): CaseStory => {
    let holds = !first;
    return async ({ check }) => {
      holds = !holds;
      check("1.1", "served", holds);
    };
  };

  it.each<[boolean, readonly Verdict[]]>([
    [true, ["pass", "fail"]],
    [false, ["fail", "pass"]],
  ])("records every attempt, and the worst decides (%s first)", async (first, attempts) => {
    const { result, events, transcript } = await carryOut({ system, repeat: 2 }, alternating(first));
    expect(result).toMatchObject({ verdict: "fail", attempts, checks: [{ outcome: "failed" }] });
    const seen = events.filter((event) => event.type === "check").map(({ attempt }) => attempt);
    expect(seen).toEqual([1, 2]);
    expect(transcript.match(/check 1\.1/g)).toHaveLength(2);
  });
});

describe("refusals against a real enabler", () => {
  it("are refusals with controls on both sides", async () => {
    const { result, transcript } = await carryOut({ system, parameters: LINK }, async (context) => {
      const { credential } = await context.terminal.bootstrap();
      const wrong = await context.terminal.attempt(credential.withKey(new Uint8Array(32), "zeros"));
      context.check("1.1", "refused", wrong.refused, wrong.how);
      const right = await context.terminal.attempt(credential);
      context.check("1.1", "a right key is served", right.served && !right.refused, right.how);
    });
    expect(result).toMatchObject({ verdict: "pass" });
    expect(transcript).toContain("control before: served");
    expect(transcript).toContain("control after: served");
  });

  it("see a state that changed behind them", async () => {
    const { result } = await carryOut({ system, fields: DIGEST }, async (context) => {
      const { terminal, state, check, enterServedWithDigest } = context;
      const { credential } = await terminal.bootstrap();
      const access = await enterServedWithDigest(terminal, credential);
      const probe = state();
      const before = await probe.read();
      await access.request(probe.change);
      const after = await probe.read();
      check("1.1", "the state changed", before !== after && after === "1", `${before} to ${after}`);
    });
    expect(result).toMatchObject({ verdict: "pass" });
  });
});

describe("labels that the claimed release does not bind", () => {
  it("are recorded and decide nothing", async () => {
    const story: CaseStory = async ({ check }) => {
      check("1.1", "served", true);
      check("1.4", "a replay is detected", false, "state 2");
    };
    const fields = { requirements: ["1.1", "1.4"] } as const;
    const first = await carryOut({ system: misdescribed, fields }, story);
    expect(first.result).toMatchObject({
      verdict: "pass",
      checks: [
        { requirement: "1.1" },
        {
          level: "observe",
          outcome: "observed",
          text: "a replay is detected",
          detail: "not so; release 1 does not bind label 1.4 (state 2)",
        },
      ],
    });
    const second = await carryOut({ system, fields }, story);
    expect(second.result.verdict).toBe("fail");
  });

  it("need not be judged", async () => {
    const fields = { requirements: ["1.1", "1.4"] } as const;
    const one: CaseStory = async ({ check }) => check("1.1", "served", true);
    expect((await carryOut({ system: misdescribed, fields }, one)).result.verdict).toBe("pass");
    expect((await carryOut({ system, fields }, one)).result.verdict).toBe("error");
  });
});

describe("sanity", () => {
  it("finds a living system over each way in", async () => {
    for (const wayIn of ["uc1.psk-tls", "uc1.https-digest"] as const)
      expect(await sanity(system, wayIn, "first")).toEqual({ when: "first", wayIn, ok: true });
  });

  it("says what is wrong, and never throws", async () => {
    const wrong = await sanity(misdescribed, "uc1.psk-tls", "last");
    expect(wrong).toMatchObject({ when: "last", ok: false, detail: expect.stringContaining("separator") });
    // A way in that nothing is claimed for cannot even be set up.
    const unknown = await sanity(system, "uc4.psk-tls", "first");
    expect(unknown).toMatchObject({ wayIn: "uc4.psk-tls", ok: false, detail: expect.any(String) });
  });
});
