import { algorithmsOf, type CipherSuite, macOctets, type SuiteVersion } from "../../protocols/tls/index.ts";

/** How the fragment of a protected record is laid out; lengths in octets. */
export type Protection =
  /** GenericStreamCipher with the NULL cipher (RFC 5246 6.2.3.1): content, MAC. */
  | { readonly kind: "null"; readonly mac: number }
  /** RFC 5246 6.2.3.2: IV (none in TLS 1.0), then blocks; `separateMac`: the MAC stands behind them (RFC 7366). */
  | {
      readonly kind: "cbc";
      readonly iv: number;
      readonly block: number;
      readonly mac: number;
      readonly separateMac: boolean;
    }
  /** RFC 5246 6.2.3.3, RFC 8446 5.2: explicit part of the nonce (8 octets, or none), ciphertext, tag. */
  | { readonly kind: "aead"; readonly nonce: number; readonly tag: number };

/** @throws Error for a suite that the engine knows no algorithms of (RC4, export) */
export function protectionOf(version: SuiteVersion, suite: CipherSuite, encryptThenMac = false): Protection {
  const algorithms = algorithmsOf(suite);
  if (algorithms === undefined)
    throw new Error(`${suite.name}: where regions of its records are is not known`);
  const { cipher, mac } = algorithms;
  if (cipher.kind === "aead") {
    const explicit = version !== "1.3" && cipher.nonce === "explicit";
    return { kind: "aead", nonce: explicit ? 8 : 0, tag: cipher.tag };
  }
  const octets = mac === undefined ? 0 : macOctets(mac);
  if (cipher.kind === "null") return { kind: "null", mac: octets };
  const { block } = cipher;
  return { kind: "cbc", iv: version === "1.0" ? 0 : block, block, mac: octets, separateMac: encryptThenMac };
}
