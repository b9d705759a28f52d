import { GbaFormatError } from "./format-error.ts";
import { requireLength } from "./octets.ts";

/** Characters of a nonce that are read; RAND and AUTN need 44. */
const MAX_LENGTH = 8192;

/** What the nonce of Digest AKA carries (RFC 3310 3.2). */
interface UbNonce {
  /** RAND, 16 octets. */
  readonly rand: Uint8Array;
  /** AUTN, 16 octets. */
  readonly autn: Uint8Array;
  /** Whatever the server added, usually nothing. */
  readonly serverData: Uint8Array;
}

/**
 * base64(RAND || AUTN || server data).
 * @throws RangeError when RAND or AUTN does not have 16 octets.
 */
export function encodeUbNonce(
  rand: Uint8Array,
  autn: Uint8Array,
  serverData: Uint8Array = new Uint8Array(),
): string {
  requireLength("RAND", rand, 16);
  requireLength("AUTN", autn, 16);
  return Buffer.concat([rand, autn, serverData]).toString("base64");
}

/**
 * RAND and AUTN from the nonce of a challenge. Strict: neither the url-safe alphabet, nor missing or surplus padding
 * (as in the examples of RFC 3310), nor white space is base64 here (RFC 4648 3, 4).
 * @throws GbaFormatError when the text is not base64 of at least 32 octets, or longer than 8,192 characters.
 */
export function decodeUbNonce(text: string): UbNonce {
  if (text.length > MAX_LENGTH) {
    throw new GbaFormatError(`the nonce has ${text.length} characters, at most ${MAX_LENGTH} are read`);
  }
  const octets = Uint8Array.from(Buffer.from(text, "base64"));
  // Encoding again finds what Buffer forgives: the other alphabet, white space, wrong padding, bits after the last octet.
  if (Buffer.from(octets).toString("base64") !== text) {
    throw new GbaFormatError("the nonce is not base64 with its padding (RFC 3310 3.2, RFC 4648 4)");
  }
  if (octets.length < 32) {
    throw new GbaFormatError(`the nonce holds ${octets.length} octets, RAND and AUTN need 32 (RFC 3310 3.2)`);
  }
  return { rand: octets.slice(0, 16), autn: octets.slice(16, 32), serverData: octets.slice(32) };
}
