/**
 * Checks the length of a fixed-length field of our own.
 * @throws RangeError naming `field` when it has another number of octets than `length`.
 */
export function requireLength(field: string, octets: Uint8Array, length: number): void {
  if (octets.length !== length) {
    throw new RangeError(`${field} must have ${length} octets, but ${octets.length} were given`);
  }
}

/** A string as the KDF and NAF_Id use it: UTF-8 of Normalization Form KC (TS 33.220 B.2.1.2). */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text.normalize("NFKC"));
}
