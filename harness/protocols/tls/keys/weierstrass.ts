/** The curves y² = x³ − 3x + b of FIPS 186-4 D.1.2, and curves beside them whose points have a small order. */
import { inverse, octetsOf, reduced, squareRoot } from "./numbers.ts";

/** The field of a curve. Each prime is 3 modulo 4. */
export interface Field {
  readonly prime: bigint;
  /** Of a coordinate. */
  readonly octets: number;
}

export const WEIERSTRASS = {
  secp256r1: { prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n, octets: 32 },
  secp384r1: { prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n, octets: 48 },
  secp521r1: { prime: 2n ** 521n - 1n, octets: 66 },
} as const satisfies Readonly<Record<string, Field>>;
export type WeierstrassName = keyof typeof WEIERSTRASS;

export const isWeierstrass = (name: string): name is WeierstrassName => Object.hasOwn(WEIERSTRASS, name);

export interface AffinePoint {
  readonly x: bigint;
  readonly y: bigint;
}

/** First octet of each form of a point (SEC 1 2.3.3); a compressed one has the last bit of y in it. */
export const POINT_FORM = { infinity: 0, compressed: 2, uncompressed: 4 } as const;

export function uncompressed({ x, y }: AffinePoint, { octets }: Field): Buffer {
  return Buffer.concat([Buffer.of(POINT_FORM.uncompressed), octetsOf(x, octets), octetsOf(y, octets)]);
}

/**
 * A point of order three on y² = x³ − 3x + b' for another b' than the curve's. Of its multiples, those by a multiple of
 * three are infinity, and all others have its x: whoever multiplies without looking at the curve gets this x two times
 * out of three. The usual formulas do not use b, so they cannot tell the curves apart.
 */
export function pointOfOrderThree({ prime }: Field): AffinePoint {
  for (let x = 2n; ; x += 1n) {
    // Tripling gives infinity where the division polynomial 3x⁴ − 18x² + 12b'x − 9 is zero.
    const b = reduced((9n - 3n * x ** 4n + 18n * x ** 2n) * inverse(12n * x, prime), prime);
    const y = squareRoot(reduced(x ** 3n - 3n * x + b, prime), prime);
    if (y !== undefined && y !== 0n) return { x, y };
  }
}
