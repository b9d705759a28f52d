import { expect, test } from "vitest";
import { IssuedNonces } from "./nonces.ts";

const NOW = 1_000_000;

test("counts of a nonce only go up, each nonce by itself", () => {
  const nonces = new IssuedNonces();
  const [a, b] = [nonces.issue(NOW), nonces.issue(NOW)];
  expect(a).not.toBe(b);
  expect(nonces.use(a, 1, "c", NOW)).toBe(true);
  expect(nonces.use(a, 1, "other", NOW)).toBe(false);
  expect(nonces.use(a, 7, "c", NOW)).toBe(true);
  expect(nonces.use(a, 6, "c", NOW)).toBe(false);
  expect(nonces.use(b, 1, "c", NOW)).toBe(true);
});

test("a nonce gets stale after minutes, and cannot be used then", () => {
  const nonces = new IssuedNonces();
  const nonce = nonces.issue(NOW);
  expect(nonces.look(nonce, NOW + 60_000)).toBe("current");
  expect(nonces.look(nonce, NOW + 300_000)).toBe("stale");
  expect(nonces.use(nonce, 1, "c", NOW + 300_000)).toBe(false);
});

test("a nonce that was not issued is unknown", () => {
  const nonces = new IssuedNonces();
  expect(nonces.look("bWFkZSB1cA==", NOW)).toBe("unknown");
  expect(nonces.use("bWFkZSB1cA==", 1, "c", NOW)).toBe(false);
});

test("the oldest nonce makes room", () => {
  const nonces = new IssuedNonces(300_000, 2);
  const [first, second] = [nonces.issue(NOW), nonces.issue(NOW)];
  nonces.issue(NOW);
  expect(nonces.look(first, NOW)).toBe("unknown");
  expect(nonces.look(second, NOW)).toBe("current");
});

test("a nonce that was used often gets a successor, which is counted anew", () => {
  const nonces = new IssuedNonces();
  const nonce = nonces.issue(NOW);
  const named = Array.from({ length: 8 }, () => nonces.next(nonce, NOW));
  expect(named.slice(0, 7).every((one) => one === undefined)).toBe(true);
  const successor = named[7] ?? "";
  expect(successor).not.toBe(nonce);
  expect(nonces.use(successor, 1, "c", NOW)).toBe(true);
  expect(nonces.use(nonce, 9, "c", NOW)).toBe(true);
  expect(nonces.next("bWFkZSB1cA==", NOW)).toBeUndefined();
});

test("a nonce lasts as long as it is told", () => {
  const nonces = new IssuedNonces(2_000);
  const nonce = nonces.issue(NOW);
  expect(nonces.look(nonce, NOW + 1_999)).toBe("current");
  expect(nonces.look(nonce, NOW + 2_000)).toBe("stale");
});
