import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challenge, IdentityModule, openAuts } from "./index.ts";

const k = Uint8Array.from(Buffer.from("465b5ce8b199b49faa5f0a2ee238a6bc", "hex"));
const opc = Uint8Array.from(Buffer.from("cd63cb71954a9f4e48a5994e37a02baf", "hex"));
const rand = Uint8Array.from(Buffer.from("23553cbe9637a89d218ae64dae47bf35", "hex"));
const amf = Uint8Array.of(0x80, 0);

function sqn(value: number): Uint8Array {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(value, 0, 6);
  return Uint8Array.from(octets);
}

const network = (value: number) => challenge({ k, opc, rand, sqn: sqn(value), amf });
const moduleAt = (value: number) => new IdentityModule({ k, opc, sqn: sqn(value) });

/** SQN_MS as the module itself tells it when it is offered its own SQN 0 again. */
function told(module: IdentityModule): Uint8Array | undefined {
  const answer = module.authenticate(rand, network(0).autn);
  return answer.kind === "synchronisation-failure"
    ? openAuts({ k, opc, rand, auts: answer.auts })
    : undefined;
}

describe("a challenge of the subscriber's own network", () => {
  test("is answered with RES, CK and IK of the network", () => {
    const { autn, xres, ck, ik } = network(33);
    expect(moduleAt(32).authenticate(rand, autn)).toEqual({ kind: "accepted", res: xres, ck, ik });
  });

  test.each([
    [32, 33, "accepted"],
    [32, 32, "synchronisation-failure"],
    [32, 31, "synchronisation-failure"],
    [32, 32 + 2 ** 28, "accepted"],
    [32, 33 + 2 ** 28, "synchronisation-failure"],
    [2 ** 48 - 2, 2 ** 48 - 1, "accepted"],
    [2 ** 48 - 1, 0, "synchronisation-failure"],
  ])("SQN_MS %d, SQN %d: %s", (highest, offered, kind) => {
    expect(moduleAt(highest).authenticate(rand, network(offered).autn).kind).toBe(kind);
  });

  test("is accepted once", () => {
    const module = moduleAt(0);
    expect(module.authenticate(rand, network(5).autn).kind).toBe("accepted");
    expect(module.authenticate(rand, network(5).autn).kind).toBe("synchronisation-failure");
    expect(module.authenticate(rand, network(4).autn).kind).toBe("synchronisation-failure");
    expect(module.authenticate(rand, network(6).autn).kind).toBe("accepted");
  });

  test("resynchronisation: AUTS tells SQN_MS, and the next SQN after it is accepted", () => {
    const module = moduleAt(1000);
    expect(told(module)).toEqual(sqn(1000));
    expect(module.authenticate(rand, network(1001).autn).kind).toBe("accepted");
    expect(told(module)).toEqual(sqn(1001));
  });
});

describe("only an accepted challenge moves SQN_MS", () => {
  test("not one whose MAC-A is wrong", () => {
    const module = moduleAt(7);
    for (let bit = 0; bit < 16 * 8; bit++) {
      const autn = network(8).autn.map((octet, i) => (i === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      expect(module.authenticate(rand, autn)).toEqual({ kind: "mac-failure" });
    }
    expect(told(module)).toEqual(sqn(7));
  });

  test("not one that is too far ahead", () => {
    const module = moduleAt(7);
    module.authenticate(rand, network(2 ** 40).autn);
    expect(told(module)).toEqual(sqn(7));
  });

  test("not the caller's own array", () => {
    const own = sqn(7);
    const module = new IdentityModule({ k, opc, sqn: own });
    own.fill(0xff);
    expect(told(module)).toEqual(sqn(7));
  });
});

test("any 16 octets that the network did not make are a MAC failure, without AUTS", () => {
  const field = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(field, field, (anyRand, autn) => {
      expect(moduleAt(0).authenticate(anyRand, autn)).toEqual({ kind: "mac-failure" });
    }),
  );
});

test("wrong lengths are named", () => {
  expect(() => new IdentityModule({ k: new Uint8Array(3), opc, sqn: sqn(0) })).toThrow(/^K must/);
  expect(() => new IdentityModule({ k, opc: new Uint8Array(3), sqn: sqn(0) })).toThrow(/^OPc must/);
  expect(() => new IdentityModule({ k, opc, sqn: new Uint8Array(3) })).toThrow(/^SQN must/);
  expect(() => moduleAt(0).authenticate(new Uint8Array(3), network(1).autn)).toThrow(/^RAND must/);
  expect(() => moduleAt(0).authenticate(rand, new Uint8Array(3))).toThrow(/^AUTN must/);
});
