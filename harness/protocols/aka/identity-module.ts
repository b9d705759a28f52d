import { timingSafeEqual } from "node:crypto";
import { buildAuts, parseAutn } from "./authentication-token.ts";
import { f1, f2345 } from "./milenage.ts";
import { requireLength, xor } from "./octets.ts";

/** Largest step of SQN that is accepted: guards against wrapping it around (TS 33.102 C.2.1, C.3.1). */
const DELTA = 2 ** 28;

/** What the identity module answers to a challenge; lengths in octets. */
export type Authentication =
  | {
      readonly kind: "accepted";
      /** RES, 8. */
      readonly res: Uint8Array;
      /** CK, 16. */
      readonly ck: Uint8Array;
      /** IK, 16. */
      readonly ik: Uint8Array;
    }
  | {
      readonly kind: "synchronisation-failure";
      /** AUTS, 14. */
      readonly auts: Uint8Array;
    }
  | { readonly kind: "mac-failure" };

function sqnValue(sqn: Uint8Array): number {
  // 48 bits: exact in a number.
  return Buffer.from(sqn).readUIntBE(0, 6);
}

/**
 * The USIM or ISIM of one subscriber (TS 33.102 6.3.3): authenticates the network and answers with RES, CK and IK.
 *
 * Freshness is the plainest form that annex C allows: SQN has no index part, and it is fresh when it is greater than
 * SQN_MS, the highest one accepted so far, by at most 2^28. Only an accepted challenge moves SQN_MS.
 */
export class IdentityModule {
  readonly #k: Uint8Array;
  readonly #opc: Uint8Array;
  #sqnMs: Uint8Array;

  /**
   * @param secrets K and OPc (16 octets each) and `sqn`, the SQN_MS to begin with (6 octets).
   * @throws RangeError naming the field that has a wrong length.
   */
  constructor({ k, opc, sqn }: { k: Uint8Array; opc: Uint8Array; sqn: Uint8Array }) {
    requireLength("K", k, 16);
    requireLength("OPc", opc, 16);
    requireLength("SQN", sqn, 6);
    this.#k = Uint8Array.from(k);
    this.#opc = Uint8Array.from(opc);
    this.#sqnMs = Uint8Array.from(sqn);
  }

  /**
   * Answers one challenge. MAC-A is judged before SQN, so a forged AUTN never makes the module tell its SQN.
   * @throws RangeError when RAND or AUTN does not have 16 octets.
   */
  authenticate(rand: Uint8Array, autn: Uint8Array): Authentication {
    const { concealedSqn, amf, macA } = parseAutn(autn);
    const keys = { k: this.#k, opc: this.#opc, rand };
    const { res, ck, ik, ak } = f2345(keys);
    const sqn = xor(concealedSqn, ak);
    if (!timingSafeEqual(f1({ ...keys, sqn, amf }).macA, macA)) return { kind: "mac-failure" };
    const step = sqnValue(sqn) - sqnValue(this.#sqnMs);
    if (step <= 0 || step > DELTA) {
      return { kind: "synchronisation-failure", auts: buildAuts({ ...keys, sqnMs: this.#sqnMs }) };
    }
    this.#sqnMs = sqn;
    return { kind: "accepted", res, ck, ik };
  }
}
