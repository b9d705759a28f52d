import { createHash } from "node:crypto";
import type { DigestAlgorithm, DigestCredentials, Qop } from "./credentials.ts";

const HASHES: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: "md5",
  "MD5-sess": "md5",
  "SHA-256": "sha256",
  "SHA-256-sess": "sha256",
  "SHA-512-256": "sha512-256",
  "SHA-512-256-sess": "sha512-256",
};

/** What RFC 7616 3.4.1 hashes. Header values are one character per octet. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly nonce: string;
  readonly uri: string;
  readonly protection?: { readonly qop: Qop; readonly nc: string; readonly cnonce: string };
}

/**
 * `response` of a request, or `rspauth` of a response when `method` is empty (RFC 7616 3.4.1, 3.5).
 * @param body hashed under auth-int; with content coding and without transfer coding (RFC 7616 3.4.3)
 * @returns lower-case hex: 32 digits for MD5, 64 for the others
 */
export function digestOf(input: DigestInput, method: string, body: Buffer): string {
  const hash = (...parts: (string | Buffer)[]) => {
    const state = createHash(HASHES[input.algorithm]);
    for (const part of parts) state.update(typeof part === "string" ? Buffer.from(part, "latin1") : part);
    return state.digest("hex");
  };
  const { protection } = input;
  const secret = hash(`${input.username}:${input.realm}:${input.password}`);
  const a1 = input.algorithm.endsWith("-sess")
    ? hash(`${secret}:${input.nonce}:${protection?.cnonce ?? ""}`)
    : secret;
  const bodyPart = protection?.qop === "auth-int" ? `:${hash(body)}` : "";
  const a2 = hash(`${method}:${input.uri}${bodyPart}`);
  if (protection === undefined) return hash(`${a1}:${input.nonce}:${a2}`);
  return hash(`${a1}:${input.nonce}:${protection.nc}:${protection.cnonce}:${protection.qop}:${a2}`);
}

/**
 * The input that the bearer of a key hashes: the B-TID is the user name and base64 of Ks_NAF the password
 * (TS 33.220 4.5.2, TS 24.109 5.2).
 */
export function inputOf(credentials: DigestCredentials, key: Buffer): DigestInput {
  return { ...credentials, password: key.toString("base64") };
}
