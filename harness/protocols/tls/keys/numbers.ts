/** Numbers as unsigned big-endian octets, and arithmetic modulo a prime. Not in constant time: what it works on is no secret. */

/** Zero for no octets. */
export const numberOf = (octets: Buffer): bigint =>
  octets.length === 0 ? 0n : BigInt(`0x${octets.toString("hex")}`);

/** @throws RangeError when the number takes more octets */
export function octetsOf(value: bigint, octets: number): Buffer {
  const digits = value.toString(16).padStart(2 * octets, "0");
  if (digits.length > 2 * octets) throw new RangeError(`a number of more than ${octets} octets`);
  return Buffer.from(digits, "hex");
}

/** From zero to the modulus, exclusive. */
export const reduced = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = reduced(base, modulus);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** @throws RangeError for zero */
export function inverse(value: bigint, prime: bigint): bigint {
  let [low, high] = [reduced(value, prime), prime];
  let [ofLow, ofHigh] = [1n, 0n];
  if (low === 0n) throw new RangeError("zero has no inverse");
  while (low > 1n) {
    const quotient = high / low;
    [high, low] = [low, high - quotient * low];
    [ofHigh, ofLow] = [ofLow, ofHigh - quotient * ofLow];
  }
  return reduced(ofLow, prime);
}

/** Modulo a prime that is 3 modulo 4; undefined: there is none. */
export function squareRoot(value: bigint, prime: bigint): bigint | undefined {
  const root = power(value, (prime + 1n) / 4n, prime);
  return (root * root - value) % prime === 0n ? root : undefined;
}
