/** The computation of HTTP Digest (RFC 7616 3.4, RFC 2617 3.2.2, RFC 3310 3.3). */
import { createHash } from "node:crypto";

const HASHES = {
  MD5: "md5",
  "MD5-sess": "md5",
  "SHA-256": "sha256",
  "SHA-256-sess": "sha256",
  "SHA-512-256": "sha512-256",
  "SHA-512-256-sess": "sha512-256",
  // RES as octets takes the place of the password, all else is MD5 (RFC 3310 3.3).
  "AKAv1-MD5": "md5",
} as const;

/** An algorithm of the challenge that both ends of this folder compute. */
export type DigestAlgorithm = keyof typeof HASHES;

export type Qop = "auth" | "auth-int";

/** Strings are hashed as UTF-8 and as they are: without quotation marks, escapes removed. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  /** Octets for AKAv1-MD5: RES, or none at a synchronisation failure. */
  readonly password: string | Uint8Array;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Undefined for the form of RFC 2069, which has neither `nc` nor `cnonce`. */
  readonly qop?: Qop | undefined;
  /** Nonce count as it is sent, 8 hexadecimal digits. */
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
  /** Content without transfer coding, hashed with auth-int only; default: empty. */
  readonly body?: string | Uint8Array | undefined;
}

/** The algorithm that a token of a challenge names in any case, or undefined when it is none of ours. */
export function digestAlgorithm(token: string): DigestAlgorithm | undefined {
  const names = Object.keys(HASHES).filter((name): name is DigestAlgorithm => name in HASHES);
  return names.find((name) => name.toLowerCase() === token.toLowerCase());
}

/** H of the parts joined by colons, in lower-case hexadecimal digits (RFC 7616 3.1.3, 3.3). */
function hashOf(algorithm: DigestAlgorithm, ...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash(HASHES[algorithm]);
  parts.forEach((part, index) => {
    if (index > 0) hash.update(":");
    hash.update(part);
  });
  return hash.digest("hex");
}

function present(name: "nc" | "cnonce", value: string | undefined, reason: string): string {
  if (value === undefined)
    throw new TypeError(`${name} is needed for ${reason}; give an empty string to hash none`);
  return value;
}

/** H(A1) (RFC 7616 3.4.2). */
function hashOfA1({ algorithm, username, realm, password, nonce, cnonce }: DigestInput): string {
  const secret = hashOf(algorithm, username, realm, password);
  if (!algorithm.endsWith("-sess")) return secret;
  return hashOf(algorithm, secret, nonce, present("cnonce", cnonce, algorithm));
}

/** H(A2) (RFC 7616 3.4.3). */
function hashOfA2({ algorithm, method, uri, qop, body }: DigestInput): string {
  if (qop !== "auth-int") return hashOf(algorithm, method, uri);
  return hashOf(algorithm, method, uri, hashOf(algorithm, body ?? ""));
}

/**
 * The `response` of a request: 32 lower-case hexadecimal digits for MD5, 64 for the others.
 * @throws TypeError when qop or a -sess algorithm needs an `nc` or `cnonce` that is not given.
 */
export function digestResponse(input: DigestInput): string {
  const { algorithm, nonce, qop, nc, cnonce } = input;
  const a1 = hashOfA1(input);
  const a2 = hashOfA2(input);
  if (qop === undefined) return hashOf(algorithm, a1, nonce, a2);
  const reason = `qop=${qop}`;
  return hashOf(algorithm, a1, nonce, present("nc", nc, reason), present("cnonce", cnonce, reason), qop, a2);
}

/**
 * The `rspauth` of a response: as `response`, with an empty method and the body of the response (RFC 7616 3.5).
 * @throws TypeError as {@link digestResponse}.
 */
export function rspauth(input: Omit<DigestInput, "method">): string {
  return digestResponse({ ...input, method: "" });
}
