/** Signatures of the peer (RFC 8446 4.2.3, RFC 5246 4.7, RFC 4346 7.4.3). */
import {
  constants,
  createHash,
  createSign,
  createVerify,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";

interface Scheme {
  readonly number: number;
  readonly key: "rsa" | "ec" | "ed25519" | "ed448";
  readonly hash: string | null;
  readonly pss?: true;
  /** The curve that TLS 1.3 ties to the scheme, as node:crypto calls it. */
  readonly curve?: string;
}

/** SignatureScheme (RFC 8446 4.2.3), in order of preference. */
const SCHEMES: readonly Scheme[] = [
  { number: 0x0403, key: "ec", hash: "sha256", curve: "prime256v1" },
  { number: 0x0503, key: "ec", hash: "sha384", curve: "secp384r1" },
  { number: 0x0603, key: "ec", hash: "sha512", curve: "secp521r1" },
  { number: 0x0807, key: "ed25519", hash: null },
  { number: 0x0808, key: "ed448", hash: null },
  { number: 0x0804, key: "rsa", hash: "sha256", pss: true },
  { number: 0x0805, key: "rsa", hash: "sha384", pss: true },
  { number: 0x0806, key: "rsa", hash: "sha512", pss: true },
  { number: 0x0401, key: "rsa", hash: "sha256" },
  { number: 0x0501, key: "rsa", hash: "sha384" },
  { number: 0x0601, key: "rsa", hash: "sha512" },
  { number: 0x0203, key: "ec", hash: "sha1" },
  { number: 0x0201, key: "rsa", hash: "sha1" },
];
export const SCHEME_NUMBERS: readonly number[] = SCHEMES.map(({ number }) => number);

/** @throws TlsAlertError (bad_certificate) when the DER is no certificate */
export function publicKeyOf(certificate: Buffer): KeyObject {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch {
    throw new TlsAlertError(ALERT.badCertificate, "the certificate cannot be read");
  }
}

const wrong = (): TlsAlertError => new TlsAlertError(ALERT.decryptError, "the signature does not verify");

/** node:crypto throws where a key is too short for the scheme: such a signature does not verify either. */
function requireVerified(check: () => boolean): void {
  let verified = false;
  try {
    verified = check();
  } catch {
    throw wrong();
  }
  if (!verified) throw wrong();
}

/** Signature of TLS 1.2 (RFC 5246 4.7). @throws TlsAlertError (illegal_parameter, decrypt_error) */
export function verifySigned(
  key: KeyObject,
  scheme: number,
  octets: Uint8Array,
  signature: Uint8Array,
): void {
  const found = SCHEMES.find(({ number }) => number === scheme);
  if (found === undefined || key.asymmetricKeyType !== found.key) throw notForKey(scheme);
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const options = found.pss === true ? { key, ...pss } : { key };
  requireVerified(() => verify(found.hash, octets, options, signature));
}

/**
 * Signature of TLS 1.3 (RFC 8446 4.2.3, 4.4.3): PKCS #1 and SHA-1 are for certificates only, and a scheme of ECDSA has
 * one curve. @throws TlsAlertError (illegal_parameter, decrypt_error)
 */
export function verifySigned13(
  key: KeyObject,
  scheme: number,
  octets: Uint8Array,
  signature: Uint8Array,
): void {
  const found = SCHEMES.find(({ number }) => number === scheme);
  const fits =
    found?.key === "ec"
      ? found.curve !== undefined && found.curve === key.asymmetricKeyDetails?.namedCurve
      : found?.key !== "rsa" || found.pss === true;
  if (!fits) throw notForKey(scheme);
  verifySigned(key, scheme, octets, signature);
}

function notForKey(scheme: number): TlsAlertError {
  return new TlsAlertError(
    ALERT.illegalParameter,
    `signature scheme 0x${scheme.toString(16)} was not offered or is not for the key of the certificate`,
  );
}

/** TLS 1.0 and 1.1: RSA over MD5 and SHA-1 one behind the other, ECDSA over SHA-1. @throws TlsAlertError (decrypt_error) */
export function verifyLegacy(key: KeyObject, octets: Uint8Array, signature: Uint8Array): void {
  requireVerified(() => {
    if (key.asymmetricKeyType === "ec") return createVerify("sha1").update(octets).verify(key, signature);
    const digest = (name: string) => createHash(name).update(octets).digest();
    const right = Buffer.concat([digest("md5"), digest("sha1")]);
    const signed = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    return signed.length === right.length && timingSafeEqual(signed, right);
  });
}

/** The first scheme of TLS 1.2 or 1.3 that suits key and peer. @throws TlsAlertError (handshake_failure) */
function schemeFor(key: KeyObject, accepted: readonly number[], version: "1.2" | "1.3"): Scheme {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const found = SCHEMES.find(
    (scheme) =>
      accepted.includes(scheme.number) &&
      scheme.key === key.asymmetricKeyType &&
      (version === "1.2" ||
        (scheme.key === "ec" ? scheme.curve === curve : scheme.key !== "rsa" || scheme.pss)),
  );
  if (found === undefined)
    throw new TlsAlertError(ALERT.handshakeFailure, "no signature scheme of the peer suits the key");
  return found;
}

/** Signs as {@link verifySigned} and {@link verifySigned13} verify, by a scheme that the peer accepts. @throws TlsAlertError */
export function signed(
  key: KeyObject,
  octets: Uint8Array,
  accepted: readonly number[],
  version: "1.2" | "1.3",
): { readonly scheme: number; readonly signature: Buffer } {
  const { number, hash, pss } = schemeFor(key, accepted, version);
  const options =
    pss === true
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { key };
  return { scheme: number, signature: sign(hash, octets, options) };
}

/** Signs as {@link verifyLegacy} verifies. */
export function signedLegacy(key: KeyObject, octets: Uint8Array): Buffer {
  if (key.asymmetricKeyType === "ec") return createSign("sha1").update(octets).sign(key);
  const digest = (name: string) => createHash(name).update(octets).digest();
  const both = Buffer.concat([digest("md5"), digest("sha1")]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, both);
}
