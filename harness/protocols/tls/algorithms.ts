/** What a cipher suite is made of, read from its IANA name. */
import type { HashName } from "./keys/prf.ts";
import type { CipherSuite } from "./suites.ts";

export type KeyExchange =
  | "PSK"
  | "DHE_PSK"
  | "ECDHE_PSK"
  | "RSA_PSK"
  | "RSA"
  | "DHE_RSA"
  | "ECDHE_RSA"
  | "ECDHE_ECDSA"
  | "any";

/** A cipher as node:crypto knows it; lengths in octets. */
export type BulkCipher =
  | { readonly kind: "null" }
  | { readonly kind: "cbc"; readonly algorithm: string; readonly key: number; readonly block: number }
  | {
      readonly kind: "aead";
      /** CCM has to know the length beforehand. */
      readonly mode: "gcm" | "ccm" | "chacha20-poly1305";
      readonly algorithm: string;
      readonly key: number;
      readonly tag: number;
      /** How the nonce of TLS 1.2 is made: from an explicit part (RFC 5288 3), or from the sequence number (RFC 7905 2). */
      readonly nonce: "explicit" | "sequence";
    };

export interface SuiteAlgorithms {
  readonly keyExchange: KeyExchange;
  readonly cipher: BulkCipher;
  /** Hash of the record MAC; absent for AEAD. */
  readonly mac: HashName | undefined;
  /** Hash of PRF (TLS 1.2), of the key schedule (TLS 1.3). */
  readonly hash: "sha256" | "sha384";
}

const MAC_OCTETS: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48 };
export const macOctets = (hash: HashName): number => MAC_OCTETS[hash];

const KEY_EXCHANGES: readonly KeyExchange[] = [
  "DHE_PSK",
  "ECDHE_PSK",
  "RSA_PSK",
  "PSK",
  "ECDHE_RSA",
  "ECDHE_ECDSA",
  "DHE_RSA",
  "RSA",
];

/** undefined for a suite that this engine can offer but not carry out (RC4, export, anonymous). */
export function algorithmsOf({ name }: Pick<CipherSuite, "name">): SuiteAlgorithms | undefined {
  const keyExchange = keyExchangeOf(name);
  const cipher = cipherOf(name);
  if (keyExchange === undefined || cipher === undefined) return undefined;
  return {
    keyExchange,
    cipher,
    mac: cipher.kind === "aead" ? undefined : macOf(name),
    hash: name.endsWith("_SHA384") ? "sha384" : "sha256",
  };
}

function keyExchangeOf(name: string): KeyExchange | undefined {
  const at = name.indexOf("_WITH_");
  if (at < 0) return "any";
  const text = name.slice("TLS_".length, at);
  // IANA named two CCM suites of DHE_PSK the other way round (RFC 6655 5).
  return text === "PSK_DHE" ? "DHE_PSK" : KEY_EXCHANGES.find((one) => one === text);
}

function macOf(name: string): HashName {
  if (name.endsWith("_SHA384")) return "sha384";
  if (name.endsWith("_SHA256")) return "sha256";
  return name.endsWith("_MD5") ? "md5" : "sha1";
}

function cipherOf(name: string): BulkCipher | undefined {
  if (name.includes("_NULL_")) return { kind: "null" };
  if (name.includes("CHACHA20_POLY1305")) {
    const algorithm = "chacha20-poly1305";
    return { kind: "aead", mode: algorithm, algorithm, key: 32, tag: 16, nonce: "sequence" };
  }
  if (name.includes("3DES_EDE_CBC")) return { kind: "cbc", algorithm: "des-ede3-cbc", key: 24, block: 8 };
  const parts = /(AES|CAMELLIA|ARIA)_(128|256)_(GCM|CCM_8|CCM|CBC)/.exec(name);
  if (parts === null) return undefined;
  const [, cipher = "", size = "", form] = parts;
  const key = Number(size) / 8;
  const mode = form === "CBC" ? "cbc" : form === "GCM" ? "gcm" : "ccm";
  const algorithm = `${cipher.toLowerCase()}-${size}-${mode}`;
  if (mode === "cbc") return { kind: "cbc", algorithm, key, block: 16 };
  return { kind: "aead", mode, algorithm, key, tag: form === "CCM_8" ? 8 : 16, nonce: "explicit" };
}
