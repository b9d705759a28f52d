/** AUTN and AUTS, the tokens that network and identity module exchange (TS 33.102 6.3). */
import { timingSafeEqual } from "node:crypto";
import { f1, f2345, type MilenageInput, type MilenageKeys } from "./milenage.ts";
import { requireLength, xor } from "./octets.ts";

/** Fields of AUTN; lengths in octets. */
export interface Autn {
  /** SQN xor AK, 6. */
  readonly concealedSqn: Uint8Array;
  /** AMF, 2. */
  readonly amf: Uint8Array;
  /** MAC-A, 8. */
  readonly macA: Uint8Array;
}

/** What the subscriber side (AuC) gives to the network for one RAND; lengths in octets. */
export interface AuthenticationVector {
  /** AUTN, 16. */
  readonly autn: Uint8Array;
  /** Expected response XRES, 8. */
  readonly xres: Uint8Array;
  /** Cipher key CK, 16. */
  readonly ck: Uint8Array;
  /** Integrity key IK, 16. */
  readonly ik: Uint8Array;
}

/** AMF* of a resynchronisation is all zero, so that it needs no transmission (TS 33.102 6.3.3). */
const RESYNCHRONISATION_AMF = Uint8Array.of(0, 0);

/**
 * AUTN = (SQN xor AK)(6) || AMF(2) || MAC-A(8): 16 octets.
 * @throws RangeError naming the field that has a wrong length.
 */
export function buildAutn({ concealedSqn, amf, macA }: Autn): Uint8Array {
  requireLength("SQN xor AK", concealedSqn, 6);
  requireLength("AMF", amf, 2);
  requireLength("MAC-A", macA, 8);
  return Uint8Array.from([...concealedSqn, ...amf, ...macA]);
}

/**
 * Takes AUTN apart without judging it.
 * @throws RangeError when AUTN does not have 16 octets.
 */
export function parseAutn(autn: Uint8Array): Autn {
  requireLength("AUTN", autn, 16);
  // A Buffer's slice() would share memory with the message it came from.
  const octets = Uint8Array.from(autn);
  return { concealedSqn: octets.slice(0, 6), amf: octets.slice(6, 8), macA: octets.slice(8) };
}

/**
 * One authentication vector, as the AuC computes it (TS 33.102 6.3.2).
 * @throws RangeError naming the field that has a wrong length.
 */
export function challenge(input: MilenageInput): AuthenticationVector {
  const { macA } = f1(input);
  const { res, ck, ik, ak } = f2345(input);
  const autn = buildAutn({ concealedSqn: xor(input.sqn, ak), amf: input.amf, macA });
  return { autn, xres: res, ck, ik };
}

/**
 * AUTS = (SQN_MS xor AK*)(6) || MAC-S(8): 14 octets, by which the identity module tells its SQN (TS 33.102 6.3.3).
 * @throws RangeError naming the field that has a wrong length.
 */
export function buildAuts({ sqnMs, ...keys }: MilenageKeys & { readonly sqnMs: Uint8Array }): Uint8Array {
  const { macS } = f1({ ...keys, sqn: sqnMs, amf: RESYNCHRONISATION_AMF });
  return Uint8Array.from([...xor(sqnMs, f2345(keys).akStar), ...macS]);
}

/**
 * SQN_MS (6 octets) from a terminal's AUTS (TS 33.102 6.3.5), or undefined when MAC-S is wrong or AUTS, which
 * comes from the peer, does not have 14 octets.
 * @throws RangeError naming the field of the subscriber's own data that has a wrong length.
 */
export function openAuts({
  auts,
  ...keys
}: MilenageKeys & { readonly auts: Uint8Array }): Uint8Array | undefined {
  const { akStar } = f2345(keys);
  if (auts.length !== 14) return undefined;
  const sqnMs = xor(auts.subarray(0, 6), akStar);
  const { macS } = f1({ ...keys, sqn: sqnMs, amf: RESYNCHRONISATION_AMF });
  return timingSafeEqual(macS, auts.subarray(6)) ? sqnMs : undefined;
}
