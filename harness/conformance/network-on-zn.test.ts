/** How a case puts a network between enabler and key manager. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSystem } from "../system/test-system.ts";
import type { CaseContext } from "./case-context.ts";
import { carryOut } from "./testing/carry-out.ts";
import { referenceProfile } from "./testing/reference-profile.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.start(referenceProfile());
});

afterAll(() => system?.close());

const ALONE = { exclusive: true } as const;

/** A terminal whose key was never asked for, and whether it is served. */
async function isServed({ anotherTerminal, enabler }: CaseContext): Promise<boolean> {
  const terminal = anotherTerminal();
  const { credential } = await terminal.bootstrap();
  const entry = await terminal.enter(credential);
  if (!entry.entered) return false;
  const outcome = await entry.access.request(enabler.protectedResource);
  return outcome.ok && enabler.serves(outcome.response);
}

describe("a network between enabler and key manager", () => {
  it("carries every question at the key manager's own address, and is gone behind its story", async () => {
    const at = system.keyManager.zn;
    const { result, events } = await carryOut({ system, fields: ALONE }, async (context) => {
      const { check, networkOnZn } = context;
      const carried = await networkOnZn(async (network) => {
        const before = network.connections.flatMap((one) => one.records("towards-server")).length;
        check("1.1", "served over it", await isServed(context));
        return network.connections.flatMap((one) => one.records("towards-server")).length - before;
      });
      check("1.1", "it carried the question", carried > 0);
      check("1.1", "served behind it", await isServed(context));
    });
    expect(result).toMatchObject({ verdict: "pass" });
    expect(system.keyManager.zn).toEqual(at);
    const capture = Buffer.from(events.find((event) => event.type === "case-end")?.capture ?? []);
    // With the secrets of the key manager's end inside.
    expect(capture.includes("SERVER_TRAFFIC_SECRET_0 ")).toBe(true);
  });

  it("treats an answer between the question and it, and lets no other connection come about", async () => {
    const { result } = await carryOut({ system, fields: ALONE }, async (context) => {
      const { check, networkOnZn, keyManager, terminal } = context;
      await networkOnZn(async (network) => {
        const association = await terminal.bootstrap();
        const connection = network.connections.at(-1);
        const held = keyManager.holdAnswers([association], 1_000, async () => {
          await network.mark();
          network.allowNew(false);
          network.treat({
            direction: "towards-client",
            which: { nth: 1, of: "application" },
            action: { kind: "alter", region: "tag" },
          });
        });
        const entry = await terminal.enter(association.credential);
        check("1.1", "one was asked for", (await held) === 1);
        check("1.1", "it is refused", !entry.entered);
        check("1.1", "the enabler leaves", (await connection?.leftWithin(4_000)) !== undefined);
        check("1.1", "a new connection is not carried", !(await isServed(context)));
        network.allowNew(true);
        check("1.1", "but later it is", await isServed(context));
      });
    });
    expect(result).toMatchObject({ verdict: "pass" });
  });

  it("tells what went wrong between question and answer, and keeps nobody waiting", async () => {
    const { result } = await carryOut({ system, fields: ALONE }, async ({ terminal, keyManager, check }) => {
      const association = await terminal.bootstrap();
      const held = keyManager.holdAnswers([association], 1_000, async () => {
        throw new Error("it went wrong");
      });
      const seen = held.then(
        () => "nothing",
        (error: Error) => error.message,
      );
      check("1.1", "it is served", (await terminal.enter(association.credential)).entered);
      check("1.1", "it is told", (await seen) === "it went wrong");
    });
    expect(result).toMatchObject({ verdict: "pass" });
  });

  it("goes away when its story fails", async () => {
    const { result } = await carryOut({ system, fields: ALONE }, async ({ networkOnZn }) => {
      await networkOnZn(async () => {
        throw new Error("a mistake of the story");
      });
    });
    expect(result).toMatchObject({ verdict: "error" });
    expect(result.reason).toContain("a mistake of the story");
    const after = await carryOut({ system }, async (context) => {
      context.check("1.1", "served", await isServed(context));
    });
    expect(after.result).toMatchObject({ verdict: "pass" });
  });

  it("is for exclusive cases only", async () => {
    const { result } = await carryOut({ system }, ({ networkOnZn }) => networkOnZn(async () => undefined));
    expect(result).toMatchObject({ verdict: "error" });
    expect(result.reason).toContain("the case must be exclusive");
  });
});
