import { GbaFormatError } from "./format-error.ts";
import { requireLength } from "./octets.ts";

declare const brand: unique symbol;

/** Bootstrapping transaction identifier: names a key Ks, in the form of an NAI (TS 33.220 4.5.2). */
export type BTid = string & { readonly [brand]: "BTid" };

const NAI = /^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+$/u;

function isBTid(text: string): text is BTid {
  return NAI.test(text);
}

/**
 * `base64(RAND)@domain`, with the padding of base64.
 * @param rand 16 octets.
 * @param domain FQDN of the key manager.
 * @throws RangeError naming the argument that is wrong.
 */
export function makeBTid(rand: Uint8Array, domain: string): BTid {
  requireLength("RAND", rand, 16);
  const text = `${Buffer.from(rand).toString("base64")}@${domain}`;
  if (!isBTid(text)) throw new RangeError(`domain must be a domain name, not ${JSON.stringify(domain)}`);
  return text;
}

/**
 * A B-TID that a peer has made: two non-empty parts around one `@`. Its local part is opaque, so it need not be
 * base64 of a RAND.
 * @throws GbaFormatError when the text has another form.
 */
export function parseBTid(text: string): BTid {
  if (!isBTid(text)) {
    throw new GbaFormatError(
      `the B-TID is not of the form name@domain: ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  return text;
}

/**
 * The identity of PSK-TLS: `3GPP-bootstrapping`, separator, B-TID (TS 24.109 5.3.3). No readable clause names the
 * separator and three forms are in use, hence the parameter. The B-TID may be any text, for a terminal that lies.
 */
export function pskIdentity(btid: string, separator: "" | ";" | "."): string {
  return `3GPP-bootstrapping${separator}${btid}`;
}
