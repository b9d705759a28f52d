import { describe, expect, test } from "vitest";
import { newSubscriber, startKeyManager, terminalOf } from "../testing/operator.ts";
import { BootstrappingError } from "./ub-client.ts";

const TMPI = /^[A-Za-z0-9+/]{32}@tmpi\.bsf\.3gppnetwork\.org$/;
const named = (steps: readonly { readonly named: string }[]) => steps.map((step) => step.named);

describe("temporary identities on Ub (TS 33.220 B.4)", () => {
  test("a terminal that knows them names its IMPI once, and then what both ends derived", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const { terminal } = terminalOf(subscriber);
    const first = await terminal.bootstrap(keyManager, { tmpi: true });
    expect(first.tmpi).toMatch(TMPI);
    const second = await terminal.bootstrap(keyManager, { tmpi: true });
    expect(second.tmpi).toMatch(TMPI);
    expect(second.tmpi).not.toBe(first.tmpi);
    const { impi } = subscriber;
    expect(named(keyManager.ubStepsOf(impi))).toEqual([impi, impi, first.tmpi, first.tmpi]);
    expect(second.btid).not.toBe(first.btid);
  });

  test("neither end speaks of them to one that does not", async () => {
    const keyManager = await startKeyManager();
    const { terminal, observer } = terminalOf(keyManager.addSubscriber(newSubscriber()));
    expect((await terminal.bootstrap(keyManager)).tmpi).toBeUndefined();
    expect(JSON.stringify(observer.events)).not.toContain("tmpi");
  });

  test("a terminal whose temporary identity is unknown names its IMPI the next time", async () => {
    const keyManager = await startKeyManager();
    const other = await startKeyManager();
    const subscriber = keyManager.addSubscriber(other.addSubscriber(newSubscriber()));
    const { terminal } = terminalOf(subscriber);
    await terminal.bootstrap(keyManager, { tmpi: true });
    await expect(terminal.bootstrap(other, { tmpi: true })).rejects.toThrow(BootstrappingError);
    await terminal.bootstrap(other, { tmpi: true });
    expect(new Set(named(other.ubStepsOf(subscriber.impi)))).toEqual(new Set([subscriber.impi]));
  });

  test("the two latest of a subscriber are known, so that a lost answer locks nobody out", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const late = terminalOf(subscriber).terminal;
    await late.bootstrap(keyManager, { tmpi: true });
    const { terminal } = terminalOf(subscriber, { sqn: Buffer.from("000000000001", "hex") });
    await terminal.bootstrap(keyManager);
    await expect(late.bootstrap(keyManager, { tmpi: true })).resolves.toMatchObject({});
    await terminal.bootstrap(keyManager);
    await terminal.bootstrap(keyManager);
    await expect(late.bootstrap(keyManager, { tmpi: true })).rejects.toThrow(BootstrappingError);
  });

  test("the key manager sees a resynchronisation as what it is", async () => {
    const keyManager = await startKeyManager();
    const subscriber = keyManager.addSubscriber(newSubscriber());
    const { terminal } = terminalOf(subscriber, { sqn: Buffer.from("0000000003e8", "hex") });
    await terminal.bootstrap(keyManager);
    expect(keyManager.ubStepsOf(subscriber.impi).map(({ kind, status }) => [kind, status])).toEqual([
      ["request", 401],
      ["resynchronisation", 401],
      ["answer", 200],
    ]);
  });
});
