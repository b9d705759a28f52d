import { createHmac } from "node:crypto";

/** Hashes of suites. */
export type SuiteHash = "sha256" | "sha384";

/** P_hash over label and seed, the PRF of TLS 1.2 (RFC 5246 5). */
export function prf(hash: SuiteHash, secret: Buffer, label: string, seed: Buffer, octets: number): Buffer {
  const hmac = (data: Buffer) => createHmac(hash, secret).update(data).digest();
  const input = Buffer.concat([Buffer.from(label, "ascii"), seed]);
  let output = Buffer.alloc(0);
  for (let a = hmac(input); output.length < octets; a = hmac(a)) {
    output = Buffer.concat([output, hmac(Buffer.concat([a, input]))]);
  }
  return output.subarray(0, octets);
}

/** HKDF-Expand-Label of RFC 8446 7.1, for at most one block of output. */
export function expandLabel(
  hash: SuiteHash,
  secret: Buffer,
  label: string,
  octets: number,
  context: Buffer = Buffer.alloc(0),
): Buffer {
  const name = Buffer.from(`tls13 ${label}`, "ascii");
  const info = Buffer.concat([
    Buffer.from([0, octets, name.length]),
    name,
    Buffer.from([context.length]),
    context,
    Buffer.from([1]), // counter of HKDF-Expand (RFC 5869 2.3)
  ]);
  return createHmac(hash, secret).update(info).digest().subarray(0, octets);
}
