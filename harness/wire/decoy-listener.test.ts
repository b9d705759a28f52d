import { expect, onTestFinished, test } from "vitest";
import { DecoyListener } from "./decoy-listener.ts";
import { connectTcp } from "./tcp.ts";

test("whoever connects is dropped and counted", async () => {
  const decoy = await DecoyListener.start("127.0.0.1");
  onTestFinished(() => decoy.close());
  expect(decoy.connections).toBe(0);
  for (const count of [1, 2]) {
    const outcome = await connectTcp({ host: "127.0.0.1", port: decoy.port }, 5_000);
    expect(outcome.ok).toBe(true);
    await expect.poll(() => decoy.connections).toBe(count);
  }
});

test("nobody gets through once it is closed, and closing twice is no error", async () => {
  const decoy = await DecoyListener.start("127.0.0.1");
  const { port } = decoy;
  await decoy.close();
  await decoy.close();
  expect(await connectTcp({ host: "127.0.0.1", port }, 5_000)).toMatchObject({ ok: false });
});

test("a host of another machine is an error", async () => {
  await expect(DecoyListener.start("192.0.2.1")).rejects.toThrow(/EADDRNOTAVAIL/);
});
