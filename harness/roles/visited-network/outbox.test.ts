import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

/** Both ends of an outbox, and what was done to them. */
function ends() {
  const did: string[] = [];
  let drain = () => {};
  const from = { pause: () => void did.push("pause"), resume: () => void did.push("resume") };
  const to = {
    slow: false,
    send(octets: Buffer): boolean {
      did.push(`send ${octets.length}`);
      return !to.slow;
    },
    drained: () => new Promise<void>((resolve) => (drain = resolve)),
  };
  return { did, to, drain: () => drain(), outbox: new Outbox(from, to) };
}

test("an outbox sends at once, in order, and behind what it waits for", async () => {
  const { did, outbox } = ends();
  const wait = Promise.withResolvers<void>();
  outbox.send(Buffer.alloc(1));
  outbox.send(Buffer.alloc(0));
  expect(did).toEqual(["send 1"]);
  outbox.wait(() => wait.promise);
  outbox.send(Buffer.alloc(2));
  const last = new Promise<void>((resolve) => outbox.do(resolve));
  expect(did).toEqual(["send 1"]);
  wait.resolve();
  await last;
  expect(did).toEqual(["send 1", "send 2"]);
});

test("an outbox holds its sender up when more than a mebibyte waits", async () => {
  const { did, to, outbox, drain } = ends();
  to.slow = true;
  outbox.send(Buffer.alloc(3));
  outbox.send(Buffer.alloc(2 ** 20));
  expect(did).toEqual(["send 3"]);
  outbox.send(Buffer.alloc(1));
  expect(did).toEqual(["send 3", "pause"]);
  to.slow = false;
  const last = new Promise<void>((resolve) => outbox.do(resolve));
  drain();
  await last;
  expect(did).toEqual(["send 3", "pause", "send 1048576", "send 1", "resume"]);
});

test("a closed outbox forgets what waited, and takes nothing more", async () => {
  const { did, outbox } = ends();
  const wait = Promise.withResolvers<void>();
  outbox.wait(() => wait.promise);
  outbox.send(Buffer.alloc(1));
  outbox.close();
  outbox.send(Buffer.alloc(2));
  wait.resolve();
  await wait.promise;
  await Promise.resolve();
  expect(did).toEqual([]);
});
