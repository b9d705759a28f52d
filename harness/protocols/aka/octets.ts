/**
 * Checks the length of a fixed-length field.
 * @throws RangeError naming `field` when it has another number of octets than `length`.
 */
export function requireLength(field: string, octets: Uint8Array, length: number): void {
  if (octets.length !== length) {
    throw new RangeError(`${field} must have ${length} octets, but ${octets.length} were given`);
  }
}

/** Exclusive or of two fields of the same length; always a new array. */
export function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Uint8Array.from(left, (octet, index) => octet ^ (right[index] ?? 0));
}
