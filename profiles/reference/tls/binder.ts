import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ClientHello } from "./client-hello.ts";

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
  const binderKey = expandLabel(earlySecret, "ext binder", digest(Buffer.alloc(0)));
  const finishedKey = expandLabel(binderKey, "finished", Buffer.alloc(0));
  return timingSafeEqual(binder, hmac(finishedKey, digest(hello.truncated)));
}

/** HKDF-Expand-Label of RFC 8446 7.1 for one block of output, 32 octets. */
function expandLabel(secret: Buffer, label: string, context: Buffer): Buffer {
  const name = Buffer.from(`tls13 ${label}`, "ascii");
  const info = Buffer.concat([
    Buffer.from([0, HASH_LENGTH, name.length]),
    name,
    Buffer.from([context.length]),
    context,
    Buffer.from([1]), // counter of HKDF-Expand (RFC 5869 2.3)
  ]);
  return hmac(secret, info);
}

const hmac = (key: Buffer, data: Buffer) => createHmac(HASH, key).update(data).digest();
const digest = (data: Buffer) => createHash(HASH).update(data).digest();
