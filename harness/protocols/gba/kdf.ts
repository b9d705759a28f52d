/** The generic key derivation function (TS 33.220 B.2). */
import { createHmac } from "node:crypto";

/**
 * S = FC || P0 || L0 || P1 || L1 || … : each length follows its parameter, as two octets, most significant first.
 * @throws RangeError when FC is no octet or a parameter has more than 65,535 octets.
 */
export function kdfInput(fc: number, parameters: readonly Uint8Array[]): Uint8Array {
  if (!Number.isInteger(fc) || fc < 0 || fc > 0xff) throw new RangeError(`FC must be one octet, not ${fc}`);
  const parts = parameters.flatMap((parameter, index) => {
    if (parameter.length > 0xffff) {
      throw new RangeError(`P${index} has ${parameter.length} octets, a KDF parameter has at most 65535`);
    }
    return [parameter, Uint8Array.of(parameter.length >> 8, parameter.length & 0xff)];
  });
  return Uint8Array.from(Buffer.concat([Uint8Array.of(fc), ...parts]));
}

/** HMAC-SHA-256(key, S): 32 octets. Errors as {@link kdfInput}. */
export function kdf(key: Uint8Array, fc: number, parameters: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(createHmac("sha256", key).update(kdfInput(fc, parameters)).digest());
}
