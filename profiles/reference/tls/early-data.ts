import { createHash, createHmac } from "node:crypto";
import type { ClientHello } from "./client-hello.ts";
import { expandLabel } from "./prf.ts";
import { CONTENT, RecordCutter } from "./record-cipher.ts";
import { cipher13 } from "./record-keys.ts";

const HASH = "sha256";
const HASH_LENGTH = 32;

/**
 * What a terminal sent behind its ClientHello, before the enabler answered (RFC 8446 2.3), opened with the external PSK
 * that it offered first. For defects only: OpenSSL leaves it out for a conforming enabler. Empty when there is none.
 */
export function openEarlyData(hello: ClientHello, message: Buffer, key: Buffer, behind: Buffer): Buffer {
  const [suite] = hello.suites;
  if (suite === undefined) return Buffer.alloc(0);
  const hmac = createHmac(HASH, Buffer.alloc(HASH_LENGTH)).update(key).digest();
  const transcript = createHash(HASH).update(message).digest();
  const cipher = cipher13(suite, expandLabel(HASH, hmac, "c e traffic", HASH_LENGTH, transcript));
  const opened: Buffer[] = [];
  for (const record of new RecordCutter().push(behind)) {
    if (record.type !== CONTENT.application) continue;
    const content = cipher?.open(opened.length, record);
    if (content === undefined) break;
    opened.push(content.octets);
  }
  return Buffer.concat(opened);
}
