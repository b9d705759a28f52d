/** Shares of a server that looks at nothing: it computes with whatever it gets, as a defect of the reference system. */
import { createECDH } from "node:crypto";
import { FFDHE_2048, finiteField, type GroupName, type KeyShare, makeShare } from "../keys/agreement.ts";
import type { DhGroup } from "../keys/dh-key.ts";
import { inverse, numberOf, octetsOf, power, reduced, squareRoot } from "../keys/numbers.ts";
import {
  type AffinePoint,
  isWeierstrass,
  POINT_FORM,
  WEIERSTRASS,
  type WeierstrassName,
} from "../keys/weierstrass.ts";
import type { ServerSetup } from "./conversation.ts";

/** The server's share of a group. */
export function shareOfGroup(setup: ServerSetup, group: GroupName): KeyShare {
  const random = setup.randomOfShares ?? setup.random;
  if (setup.laxity?.anyShare !== true) return makeShare(group, random);
  if (isWeierstrass(group)) return carelessPoint(group, random);
  const share = makeShare(group, random);
  return share.field === undefined ? carelessMontgomery(share) : carelessPower(share.field, random);
}

/** The server's share up to TLS 1.2, where it names the group. */
export function shareOfOwnField(setup: ServerSetup): { readonly share: KeyShare; readonly group: DhGroup } {
  const random = setup.randomOfShares ?? setup.random;
  const right = finiteField(FFDHE_2048, random, "stripped");
  const careless = setup.laxity?.anyShare === true && right.field !== undefined;
  return { share: careless ? carelessPower(right.field, random) : right, group: FFDHE_2048 };
}

/** A point of small order gives zeros, which are not looked at (RFC 7748 6.1, 6.2). */
function carelessMontgomery(share: KeyShare): KeyShare {
  return {
    ...share,
    agree(peer) {
      try {
        return share.agree(peer);
      } catch {
        return Buffer.alloc(share.public.length);
      }
    },
  };
}

const GENERATOR = 2n;
const EXPONENT_OCTETS = 64;

function carelessPower(
  { prime, formed }: NonNullable<KeyShare["field"]>,
  random: ServerSetup["random"],
): KeyShare {
  const secret = numberOf(random(EXPONENT_OCTETS));
  return {
    public: formed(power(GENERATOR, secret, prime)),
    agree: (peer) => formed(power(numberOf(peer), secret, prime)),
  };
}

const CURVE_NAMES = { secp256r1: "prime256v1", secp384r1: "secp384r1", secp521r1: "secp521r1" } as const;

function carelessPoint(group: WeierstrassName, random: ServerSetup["random"]): KeyShare {
  const field = WEIERSTRASS[group];
  const secret = random(field.octets);
  // Below the order of each curve, whatever the random octets are.
  secret.writeUInt8(group === "secp521r1" ? 0 : secret.readUInt8(0) & 0x7f, 0);
  const ecdh = createECDH(CURVE_NAMES[group]);
  ecdh.setPrivateKey(secret);
  return {
    public: ecdh.getPublicKey(),
    agree(peer) {
      const point = read(peer, group);
      const product = point === undefined ? undefined : multiple(point, numberOf(secret), field.prime);
      // Infinity has no coordinates: zeros stand for them.
      return octetsOf(product?.x ?? 0n, field.octets);
    },
  };
}

/** Any form, of any length, and of another curve too; undefined: infinity. */
function read(octets: Buffer, group: WeierstrassName): AffinePoint | undefined {
  const { prime, octets: length } = WEIERSTRASS[group];
  const form = octets[0] ?? POINT_FORM.infinity;
  const x = reduced(numberOf(octets.subarray(1, 1 + length)), prime);
  if (form >= POINT_FORM.uncompressed)
    return { x, y: reduced(numberOf(octets.subarray(1 + length, 1 + 2 * length)), prime) };
  if (form < POINT_FORM.compressed) return undefined;
  const root = squareRoot(reduced(x ** 3n - 3n * x + constantOf(group), prime), prime) ?? 0n;
  return { x, y: root % 2n === BigInt(form % 2) ? root : prime - root };
}

/** b, by way of the generator, which is one times itself. */
function constantOf(group: WeierstrassName): bigint {
  const ecdh = createECDH(CURVE_NAMES[group]);
  ecdh.setPrivateKey(Buffer.of(1));
  const { octets, prime } = WEIERSTRASS[group];
  const generator = ecdh.getPublicKey();
  const x = numberOf(generator.subarray(1, 1 + octets));
  const y = numberOf(generator.subarray(1 + octets));
  return reduced(y ** 2n - x ** 3n + 3n * x, prime);
}

/** X/Z², Y/Z³; infinity has Z = 0. */
interface JacobianPoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** Double and add, with formulas into which b does not enter. */
function multiple({ x, y }: AffinePoint, factor: bigint, prime: bigint): AffinePoint | undefined {
  let sum: JacobianPoint = { x: 1n, y: 1n, z: 0n };
  for (const bit of factor.toString(2)) {
    sum = doubled(sum, prime);
    if (bit === "1") sum = added(sum, { x, y }, prime);
  }
  if (sum.z === 0n) return undefined;
  const unit = inverse(sum.z, prime);
  return { x: reduced(sum.x * unit ** 2n, prime), y: reduced(sum.y * unit ** 3n, prime) };
}

function doubled({ x, y, z }: JacobianPoint, prime: bigint): JacobianPoint {
  const square = (y * y) % prime;
  const four = (4n * x * square) % prime;
  const zSquare = (z * z) % prime;
  const slope = (3n * (x - zSquare) * (x + zSquare)) % prime;
  const next = reduced(slope * slope - 2n * four, prime);
  return {
    x: next,
    y: reduced(slope * (four - next) - 8n * square * square, prime),
    z: reduced(2n * y * z, prime),
  };
}

function added(one: JacobianPoint, other: AffinePoint, prime: bigint): JacobianPoint {
  if (one.z === 0n) return { ...other, z: 1n };
  const zSquare = (one.z * one.z) % prime;
  const dx = reduced(other.x * zSquare - one.x, prime);
  const dy = reduced(other.y * zSquare * one.z - one.y, prime);
  if (dx === 0n) return dy === 0n ? doubled(one, prime) : { x: 1n, y: 1n, z: 0n };
  const square = (dx * dx) % prime;
  const cube = (square * dx) % prime;
  const x = reduced(dy * dy - cube - 2n * one.x * square, prime);
  return {
    x,
    y: reduced(dy * (one.x * square - x) - one.y * cube, prime),
    z: (dx * one.z) % prime,
  };
}
