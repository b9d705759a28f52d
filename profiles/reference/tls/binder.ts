import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ClientHello } from "./client-hello.ts";
import { expandLabel } from "./prf.ts";

const HASH = "sha256";
const HASH_LENGTH = 32;

/**
 * True when the binder at `index` was made with `key` (RFC 8446 4.2.11.2), an external PSK of SHA-256.
 * OpenSSL checks binders for the enabler; only defects that try something else look for themselves.
 */
export function binderFits(hello: ClientHello, index: number, key: Buffer): boolean {
  const binder = hello.binders[index];
  if (binder === undefined || binder.length !== HASH_LENGTH) return false;
  // RFC 8446 7.1: Early Secret = HKDF-Extract(0, PSK), then "ext binder" and "finished".
  const earlySecret = hmac(Buffer.alloc(HASH_LENGTH), key);
  const binderKey = expandLabel(HASH, earlySecret, "ext binder", HASH_LENGTH, digest(Buffer.alloc(0)));
  const finishedKey = expandLabel(HASH, binderKey, "finished", HASH_LENGTH);
  return timingSafeEqual(binder, hmac(finishedKey, digest(hello.truncated)));
}

const hmac = (key: Buffer, data: Buffer) => createHmac(HASH, key).update(data).digest();
const digest = (data: Buffer) => createHash(HASH).update(data).digest();
