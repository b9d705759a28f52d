/** Ua security protocol identifiers (TS 33.220 annex H). */

declare const brand: unique symbol;

/** 5 octets: one for the organisation, four for its protocol. */
export type UaIdentifier = Uint8Array & { readonly [brand]: "UaIdentifier" };

function identifier(...octets: readonly number[]): UaIdentifier {
  // The brand has no value at run time; both callers below give exactly five octets.
  return Uint8Array.from(octets) as UaIdentifier;
}

/** 01 00000002: HTTP Digest as TS 24.109 has it, outside TLS. */
export const UA_HTTP_DIGEST = identifier(1, 0, 0, 0, 2);

/** 01 00000007: shared-key TLS 1.3 (TS 33.222 5.4.0.2), the same for every suite. */
export const UA_TLS13_PSK = identifier(1, 0, 0, 0, 7);

/**
 * 01 0001 yy zz: TLS up to 1.2, and certificate TLS with Digest, where yy zz is the negotiated suite (TS 33.220 H.3).
 * @param code the suite's two octets as a number, 0x00a8 for TLS_PSK_WITH_AES_128_GCM_SHA256.
 * @throws RangeError when it is no number of two octets.
 */
export function uaTlsSuite(code: number): UaIdentifier {
  if (!Number.isInteger(code) || code < 0 || code > 0xffff) {
    throw new RangeError(`a cipher suite is a number of two octets, not ${code}`);
  }
  return identifier(1, 0, 1, code >> 8, code & 0xff);
}

/**
 * Any identifier, from the 10 hexadecimal digits in which profiles and Nbsp_GBA write it.
 * @throws RangeError when the text is something else.
 */
export function uaFromHex(digits: string): UaIdentifier {
  if (!/^[0-9A-Fa-f]{10}$/.test(digits)) {
    throw new RangeError(
      `a Ua security protocol identifier is written as 10 hexadecimal digits, not ${JSON.stringify(digits.slice(0, 40))}`,
    );
  }
  return identifier(...Buffer.from(digits, "hex"));
}

/** 10 hexadecimal digits in lower case. */
export function uaToHex(ua: UaIdentifier): string {
  return Buffer.from(ua).toString("hex");
}
