/** Milenage, AUTN and AUTS against Osmocom's authentication centre (libosmocore). */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challenge, IdentityModule, opcFromOp } from "../../harness/protocols/aka/index.ts";
import { decodeUbNonce, encodeUbNonce } from "../../harness/protocols/gba/index.ts";
import { hex, octets, osmoAucGen, refusedByOsmo } from "./osmo-auc-gen.ts";

/** Each run starts a process. */
const RUNS = { numRuns: 20, endOnFailure: true } as const;
const SQN_MAX = 2 ** 48 - 1;

const field = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const SUBSCRIBER = { k: field(16), opc: field(16), rand: field(16), amf: field(2) };

function sqnOctets(value: number): Uint8Array {
  const field = Buffer.alloc(6);
  field.writeUIntBE(value, 0, 6);
  return Uint8Array.from(field);
}

describe("one vector", () => {
  test("has AUTN, XRES, CK and IK of osmo-auc-gen, and the same nonce on Ub", async () => {
    const any = fc.record({ ...SUBSCRIBER, sqn: fc.maxSafeNat().map((n) => n % (SQN_MAX + 1)) });
    await fc.assert(
      fc.asyncProperty(any, async ({ opc, sqn, ...keys }) => {
        const theirs = await osmoAucGen({ ...keys, operator: { opc }, sqn });
        const ours = challenge({ ...keys, opc, sqn: sqnOctets(sqn) });
        expect({ autn: hex(ours.autn), res: hex(ours.xres), ck: hex(ours.ck), ik: hex(ours.ik) }).toEqual({
          autn: theirs.autn,
          res: theirs.res,
          ck: theirs.ck,
          ik: theirs.ik,
        });
        expect(encodeUbNonce(keys.rand, ours.autn)).toBe(theirs.imsNonce);
      }),
      RUNS,
    );
  });

  test.each([0, 1, SQN_MAX])("SQN %d", async (sqn) => {
    const keys = { k: octets("00".repeat(16)), rand: octets("ff".repeat(16)), amf: octets("8000") };
    const opc = octets("0123456789abcdeffedcba9876543210");
    const theirs = await osmoAucGen({ ...keys, operator: { opc }, sqn });
    expect(hex(challenge({ ...keys, opc, sqn: sqnOctets(sqn) }).autn)).toBe(theirs.autn);
  });

  test("OPc comes from K and OP as osmo-auc-gen makes it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...SUBSCRIBER, op: field(16) }), async ({ op, opc: _opc, ...keys }) => {
        const theirs = await osmoAucGen({ ...keys, operator: { op }, sqn: 33 });
        const ours = challenge({ ...keys, opc: opcFromOp(keys.k, op), sqn: sqnOctets(33) });
        expect(hex(ours.autn)).toBe(theirs.autn);
      }),
      RUNS,
    );
  });
});

describe("the identity module", () => {
  test("accepts a network that osmo-auc-gen is, by the nonce that it would send on Ub", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(SUBSCRIBER), async ({ opc, ...keys }) => {
        const theirs = await osmoAucGen({ ...keys, operator: { opc }, sqn: 33 });
        const { rand, autn } = decodeUbNonce(theirs.imsNonce);
        const answer = new IdentityModule({ k: keys.k, opc, sqn: sqnOctets(32) }).authenticate(rand, autn);
        expect(answer).toEqual({
          kind: "accepted",
          res: octets(theirs.res),
          ck: octets(theirs.ck),
          ik: octets(theirs.ik),
        });
      }),
      RUNS,
    );
  });

  test("resynchronises osmo-auc-gen: its AUTS is read, and the next vector is accepted", async () => {
    // The authentication centre goes on at most 32 above SQN_MS and must not wrap around.
    const any = fc.record({ ...SUBSCRIBER, sqnMs: fc.maxSafeNat().map((n) => n % (SQN_MAX - 64)) });
    await fc.assert(
      fc.asyncProperty(any, async ({ opc, sqnMs, ...keys }) => {
        const centre = { ...keys, operator: { opc } };
        const module = new IdentityModule({ k: keys.k, opc, sqn: sqnOctets(sqnMs) });
        const old = await osmoAucGen({ ...centre, sqn: 0 });
        const answer = module.authenticate(keys.rand, octets(old.autn));
        if (answer.kind !== "synchronisation-failure") throw new Error(`SQN 0 was ${answer.kind}`);
        const fresh = await osmoAucGen({ ...centre, sqn: 0, auts: answer.auts });
        expect(fresh.sqnMs).toBe(sqnMs);
        expect(module.authenticate(keys.rand, octets(fresh.autn)).kind).toBe("accepted");
      }),
      RUNS,
    );
  });

  test("osmo-auc-gen judges AUTS: with one bit changed it is refused", async () => {
    const keys = { k: octets("11".repeat(16)), rand: octets("22".repeat(16)), amf: octets("8000") };
    const opc = octets("33".repeat(16));
    const { autn } = challenge({ ...keys, opc, sqn: sqnOctets(5) });
    const answer = new IdentityModule({ k: keys.k, opc, sqn: sqnOctets(9) }).authenticate(keys.rand, autn);
    if (answer.kind !== "synchronisation-failure") throw new Error(`SQN 5 was ${answer.kind}`);
    const auts = answer.auts.map((octet, index) => (index === 13 ? octet ^ 1 : octet));
    const { code, stderr } = await refusedByOsmo({ ...keys, operator: { opc }, sqn: 5, auts });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("incorrect") });
  });
});
