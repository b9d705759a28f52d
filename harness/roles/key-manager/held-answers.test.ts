import { describe, expect, test } from "vitest";
import { BOOTSTRAPPING_INFO, decodeMessage, firstValue, readFields } from "../../protocols/diameter/index.ts";
import { enabler } from "../testing/bootstrapped.ts";
import { openDiameter } from "../testing/open-diameter.ts";
import { newTerminal, OVER_DIAMETER, startKeyManager } from "../testing/operator.ts";
import { ZnClient } from "../testing/zn-client.ts";
import type { KeyManager } from "./index.ts";

/** Asks for all keys at once, and says in which order the answers came. */
type Ask = (btids: readonly string[]) => Promise<readonly string[]>;

async function overNbspGba(keyManager: KeyManager): Promise<Ask> {
  const zn = new ZnClient(keyManager, enabler);
  return async (btids) => {
    const order: string[] = [];
    await Promise.all(btids.map((btid) => zn.ask({ btid }).then(() => order.push(btid))));
    return order;
  };
}

async function overDiameter(keyManager: KeyManager): Promise<Ask> {
  const zn = await openDiameter(keyManager, enabler);
  return async (btids) => {
    const asked = new Map(
      btids.map((btid) => {
        const question = zn.question({ btid });
        zn.send(question);
        return [question.hopByHop, btid];
      }),
    );
    const order: string[] = [];
    for (const _ of btids) order.push(asked.get(decodeMessage(await zn.next()).hopByHop) ?? "nobody's");
    return order;
  };
}

const BINDINGS = [
  ["Nbsp_GBA", { host: "127.0.0.1", port: 0 }, overNbspGba],
  ["Diameter", OVER_DIAMETER, overDiameter],
] as const;

describe.each(BINDINGS)("answers that are held, in %s", (_, zn, client) => {
  async function started(count: number) {
    const keyManager = await startKeyManager(zn);
    const associations = await Promise.all(
      Array.from({ length: count }, () => newTerminal(keyManager).bootstrap(keyManager)),
    );
    return { keyManager, ask: await client(keyManager), btids: associations.map(({ btid }) => String(btid)) };
  }

  test("go when all were asked for, the last one first", async () => {
    const { keyManager, ask, btids } = await started(20);
    const { released } = keyManager.holdAnswers(btids, { withinMs: 30_000 });
    expect(await ask(btids)).toEqual(btids.toReversed());
    expect(await released).toBe(20);
    // Afterwards everything is as ever.
    expect(await ask(btids.slice(0, 3))).toHaveLength(3);
  });

  test("go when as many as the case wants were asked for", async () => {
    const { keyManager, ask, btids } = await started(4);
    const { released } = keyManager.holdAnswers(btids, { withinMs: 30_000, count: 2 });
    const [first = "", second = ""] = btids;
    expect(await ask([first, second])).toEqual([second, first]);
    expect(await released).toBe(2);
  });

  test("are held in sets that do not wait for each other", async () => {
    const { keyManager, ask, btids } = await started(4);
    const [first = "", second = "", third = "", fourth = ""] = btids;
    const one = keyManager.holdAnswers([first, second], { withinMs: 30_000 });
    const other = keyManager.holdAnswers([third, fourth], { withinMs: 30_000 });
    const order = await ask([first, third, fourth, second]);
    expect(order.filter((btid) => btid === first || btid === second)).toEqual([second, first]);
    expect(order.filter((btid) => btid === third || btid === fourth)).toEqual([fourth, third]);
    expect([await one.released, await other.released]).toEqual([2, 2]);
  });

  test("go behind what is waited for first, whatever comes of that", async () => {
    const { keyManager, ask, btids } = await started(2);
    const seen: string[] = [];
    const first = async (asked: number) => void seen.push(`${asked} asked`);
    const { released } = keyManager.holdAnswers(btids, { withinMs: 30_000, first });
    await ask(btids).then((order) => seen.push(...order));
    expect(await released).toBe(2);
    expect(seen).toEqual(["2 asked", ...btids.toReversed()]);
    const failing = keyManager.holdAnswers(btids, {
      withinMs: 30_000,
      first: () => Promise.reject(new Error("it went wrong")),
    });
    const told = expect(failing.released).rejects.toThrow("it went wrong");
    expect(await ask(btids)).toHaveLength(2);
    await told;
  });

  test("do not hold others, and go when their time is over", async () => {
    const { keyManager, ask, btids } = await started(3);
    const [held = "", absent = "", other = ""] = btids;
    const { released } = keyManager.holdAnswers([held, absent], { withinMs: 100 });
    expect(await ask([held, other])).toEqual([other, held]);
    expect(await released).toBe(1);
    expect(await ask([absent])).toEqual([absent]);
  });
});

test("a held answer is that of its own request", async () => {
  const keyManager = await startKeyManager(OVER_DIAMETER);
  const [mine, theirs] = [newTerminal(keyManager), newTerminal(keyManager)];
  const btids = [(await mine.bootstrap(keyManager)).btid, (await theirs.bootstrap(keyManager)).btid];
  const zn = await openDiameter(keyManager, enabler);
  keyManager.holdAnswers(btids, { withinMs: 30_000 });
  const questions = btids.map((btid) => zn.question({ btid }));
  for (const question of questions) zn.send(question);
  for (const [index, terminal] of [theirs, mine].entries()) {
    const { hopByHop, avps } = decodeMessage(await zn.next());
    const question = questions[1 - index];
    expect(hopByHop).toBe(question?.hopByHop);
    const read = readFields(BOOTSTRAPPING_INFO.answer, avps);
    expect(read).toMatchObject({ fields: { "User-Name": terminal.impi } });
    expect(read).toMatchObject({
      fields: { "Session-Id": question && firstValue(question.avps, "Session-Id") },
    });
  }
});
