import { AeadRecords } from "./aead-records.ts";
import { CbcRecords } from "./cbc-records.ts";
import { expandLabel, prf, type SuiteHash } from "./prf.ts";
import type { RecordCipher } from "./record-cipher.ts";
import type { ServerHello } from "./server-hello.ts";
import { suiteNameOf } from "./suites.ts";

const FIXED_IV = 4;
const IV = 12;

interface Form {
  readonly hash: SuiteHash;
  readonly algorithm: string;
  readonly keyLength: number;
  /** Of the implicit part, octets. */
  readonly ivLength: number;
  /** Absent for an AEAD. */
  readonly mac?: "sha1" | "sha256";
}

/** undefined for a suite with whose records nothing is done (NULL suites, and those that the enabler does not have). */
function formOf(suite: number): Form | undefined {
  const name = suiteNameOf(suite) ?? "";
  const hash = name.endsWith("_SHA384") ? "sha384" : "sha256";
  if (name.includes("CHACHA20")) {
    return { hash, algorithm: "chacha20-poly1305", keyLength: 32, ivLength: IV };
  }
  const bits = /_AES_(128|256)_(GCM|CBC)_/.exec(name);
  if (bits === null) return undefined;
  const [, size = "", mode = ""] = bits;
  const common = {
    hash,
    algorithm: `aes-${size}-${mode.toLowerCase()}`,
    keyLength: Number(size) / 8,
  } as const;
  if (mode === "GCM") return { ...common, ivLength: FIXED_IV };
  return { ...common, ivLength: 0, mac: name.endsWith("_SHA") ? "sha1" : "sha256" };
}

/** What protects the records of one end in TLS 1.2 from the master secret on (RFC 5246 6.3). */
export function cipher12(
  end: "client" | "server",
  hello: ServerHello,
  clientRandom: Buffer,
  masterSecret: Buffer,
): RecordCipher | undefined {
  const form = formOf(hello.suite);
  if (form === undefined) return undefined;
  const { hash, algorithm, keyLength, ivLength, mac } = form;
  const macLength = mac === undefined ? 0 : mac === "sha1" ? 20 : 32;
  const seed = Buffer.concat([hello.random, clientRandom]);
  const length = 2 * (macLength + keyLength + ivLength);
  const block = prf(hash, masterSecret, "key expansion", seed, length);
  // Of each kind the client's comes first.
  const part = (from: number, size: number) => {
    const at = end === "client" ? from : from + size;
    return block.subarray(at, at + size);
  };
  const key = part(2 * macLength, keyLength);
  if (mac !== undefined) {
    const macKey = part(0, macLength);
    return new CbcRecords({ algorithm, key, mac, macKey, encryptThenMac: hello.encryptThenMac });
  }
  const iv = part(2 * keyLength, ivLength);
  return new AeadRecords({ algorithm, key, iv, isTls13: false });
}

/** What protects the records of one end in TLS 1.3 with a traffic secret (RFC 8446 7.3). */
export function cipher13(suite: number, secret: Buffer): RecordCipher | undefined {
  const form = formOf(suite);
  if (form === undefined) return undefined;
  const { hash, algorithm, keyLength } = form;
  const key = expandLabel(hash, secret, "key", keyLength);
  return new AeadRecords({ algorithm, key, iv: expandLabel(hash, secret, "iv", IV), isTls13: true });
}

/** The secret after a KeyUpdate (RFC 8446 7.2). */
export function nextSecret(suite: number, secret: Buffer): Buffer {
  return expandLabel(formOf(suite)?.hash ?? "sha256", secret, "traffic upd", secret.length);
}
