/** Milenage, the example set of the AKA functions f1 to f5* (TS 35.206). */
import { createCipheriv } from "node:crypto";
import { requireLength, xor } from "./octets.ts";

/** What a subscriber's secrets and one RAND determine; lengths in octets. */
export interface MilenageKeys {
  /** Subscriber key K, 16. */
  readonly k: Uint8Array;
  /** Operator variant OPc, 16 (from OP with {@link opcFromOp}). */
  readonly opc: Uint8Array;
  /** Random challenge RAND, 16. */
  readonly rand: Uint8Array;
}

export interface MilenageInput extends MilenageKeys {
  /** Sequence number SQN, 6. */
  readonly sqn: Uint8Array;
  /** Authentication management field AMF, 2. */
  readonly amf: Uint8Array;
}

/** Output of f1 and f1*. */
export interface MilenageMacs {
  /** f1: MAC-A, network authentication code, 8 octets. */
  readonly macA: Uint8Array;
  /** f1*: MAC-S, resynchronisation code, 8 octets. */
  readonly macS: Uint8Array;
}

/** Output of f2 to f5*, which do not depend on SQN and AMF. */
export interface MilenageDerivations {
  /** f2: RES, 8 octets. */
  readonly res: Uint8Array;
  /** f3: CK, 16 octets. */
  readonly ck: Uint8Array;
  /** f4: IK, 16 octets. */
  readonly ik: Uint8Array;
  /** f5: AK, anonymity key, 6 octets. */
  readonly ak: Uint8Array;
  /** f5*: AK*, anonymity key of resynchronisation, 6 octets. */
  readonly akStar: Uint8Array;
}

/** One AES-128 block; the kernel function E of TS 35.206 4.1. */
function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Uint8Array.from(cipher.update(block));
}

/** Rotation to the left by whole octets: r1 to r5 are all multiples of 8 bits. */
function rotateLeft(block: Uint8Array, bits: number): Uint8Array {
  const octets = bits / 8;
  return Uint8Array.from([...block.subarray(octets), ...block.subarray(0, octets)]);
}

/** `ci` differs from zero in its last octet only (TS 35.206 4.1). */
function xorConstant(block: Uint8Array, constant: number): Uint8Array {
  return block.map((octet, index) => (index === 15 ? octet ^ constant : octet));
}

function requireKeys({ k, opc, rand }: MilenageKeys): void {
  requireLength("K", k, 16);
  requireLength("OPc", opc, 16);
  requireLength("RAND", rand, 16);
}

/** TEMP of TS 35.206 4.1, from which all functions start. */
function temporary({ k, opc, rand }: MilenageKeys): Uint8Array {
  return encryptBlock(k, xor(rand, opc));
}

/**
 * f1 and f1*.
 * @throws RangeError naming the field that has a wrong length.
 */
export function f1(input: MilenageInput): MilenageMacs {
  requireKeys(input);
  const { k, opc, sqn, amf } = input;
  requireLength("SQN", sqn, 6);
  requireLength("AMF", amf, 2);
  const in1 = Uint8Array.from([...sqn, ...amf, ...sqn, ...amf]);
  // r1 = 64 and c1 = 0: unlike OUT2 to OUT5, TEMP is added after the rotation.
  const out1 = xor(encryptBlock(k, xor(temporary(input), rotateLeft(xor(in1, opc), 64))), opc);
  return { macA: out1.slice(0, 8), macS: out1.slice(8, 16) };
}

/**
 * f2, f3, f4, f5 and f5*.
 * @throws RangeError naming the field that has a wrong length.
 */
export function f2345(input: MilenageKeys): MilenageDerivations {
  requireKeys(input);
  const { k, opc } = input;
  const start = xor(temporary(input), opc);
  const out = (rotation: number, constant: number) =>
    xor(encryptBlock(k, xorConstant(rotateLeft(start, rotation), constant)), opc);
  const out2 = out(0, 1);
  return {
    res: out2.slice(8, 16),
    ck: out(32, 2),
    ik: out(64, 4),
    ak: out2.slice(0, 6),
    akStar: out(96, 8).slice(0, 6),
  };
}

/**
 * All functions at once, as the test sets of TS 35.207 list them.
 * MAC-S is computed over the AMF given; a real AUTS uses AMF* = 0000 (see `buildAuts`).
 * @throws RangeError naming the field that has a wrong length.
 */
export function milenage(input: MilenageInput): MilenageMacs & MilenageDerivations {
  return { ...f1(input), ...f2345(input) };
}

/**
 * OPc = OP xor E_K(OP) (TS 35.206 4.1). K, OP and the result have 16 octets.
 * @throws RangeError naming the field that has a wrong length.
 */
export function opcFromOp(k: Uint8Array, op: Uint8Array): Uint8Array {
  requireLength("K", k, 16);
  requireLength("OP", op, 16);
  return xor(op, encryptBlock(k, op));
}
