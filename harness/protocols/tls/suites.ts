import { SUITE_ROWS } from "./suite-table.ts";

/** What authenticates the peers when a suite of TLS 1.2 or older is negotiated; `any` for TLS 1.3. */
export type SuiteAuthentication = "psk" | "certificate" | "anonymous" | "any";

export type SuiteVersion = "1.0" | "1.1" | "1.2" | "1.3";

/** A cipher suite of the IANA registry. */
export interface CipherSuite {
  /** The two octets of the registry as a number, 0x00a8 for TLS_PSK_WITH_AES_128_GCM_SHA256. */
  readonly code: number;
  /** IANA name. */
  readonly name: string;
  /** Name in OpenSSL's cipher strings. */
  readonly openssl: string;
  readonly authentication: SuiteAuthentication;
  /** False for the NULL suites (RFC 4785, RFC 5487), which only protect integrity. */
  readonly encrypts: boolean;
  /** The newest version that negotiates it: TLS 1.3 suites name no key exchange (RFC 8446 B.4). */
  readonly version: "1.2" | "1.3";
  /** Every version that may negotiate it. */
  readonly versions: readonly SuiteVersion[];
  /** Hash of the suite; an external PSK of TLS 1.3 without a declared hash fits SHA-256 only (RFC 8446 4.2.11). */
  readonly hash: "MD5" | "SHA-1" | "SHA-256" | "SHA-384";
}

function authenticationOf(name: string): SuiteAuthentication {
  if (!name.includes("_WITH_")) return "any";
  if (name.includes("PSK_")) return "psk";
  return name.includes("_anon_") ? "anonymous" : "certificate";
}

function hashOf(name: string): CipherSuite["hash"] {
  if (name.endsWith("SHA384")) return "SHA-384";
  if (name.endsWith("_MD5")) return "MD5";
  // CCM suites name no hash and use the default PRF hash of TLS 1.2 (RFC 5246 5, RFC 6655).
  return name.endsWith("_SHA") ? "SHA-1" : "SHA-256";
}

/**
 * AEAD suites belong to TLS 1.2 (RFC 5288 4, RFC 6655 5, RFC 7905 3), and so do the CBC suites with SHA-256 and
 * SHA-384 (RFC 5246 A.5, RFC 5289 4), except those with a pre-shared key, which take the PRF of the older version
 * (RFC 5487 3.1, RFC 5489 3.2).
 */
function versionsOf(name: string): readonly SuiteVersion[] {
  if (!name.includes("_WITH_")) return ["1.3"];
  if (/_(GCM|CCM|POLY1305)(_|$)/.test(name)) return ["1.2"];
  if (hashOf(name).startsWith("SHA-") && hashOf(name) !== "SHA-1" && authenticationOf(name) !== "psk")
    return ["1.2"];
  return ["1.0", "1.1", "1.2"];
}

/** All that follows from the name of a suite. */
export function suiteOfRow([code, name, openssl]: (typeof SUITE_ROWS)[number]): CipherSuite {
  return Object.freeze({
    code,
    name,
    openssl,
    authentication: authenticationOf(name),
    encrypts: !name.includes("_NULL_"),
    version: name.includes("_WITH_") ? "1.2" : "1.3",
    versions: versionsOf(name),
    hash: hashOf(name),
  } satisfies CipherSuite);
}

const SUITES: readonly CipherSuite[] = SUITE_ROWS.map(suiteOfRow);

const BY_NAME = new Map(SUITES.map((suite) => [suite.name, suite]));

/** The suite with this IANA name, or undefined when the registry of this suite does not know it. */
export function suiteByName(name: string): CipherSuite | undefined {
  return BY_NAME.get(name);
}

/** All suites of TLS 1.2 with this kind of authentication, encrypting or not. */
export function suitesOf(authentication: SuiteAuthentication, encrypts: boolean): readonly CipherSuite[] {
  return SUITES.filter((suite) => suite.authentication === authentication && suite.encrypts === encrypts);
}

/** Four lower-case hex digits, the form in which case keys name a suite: `00a8`. */
export function suiteHex(suite: Pick<CipherSuite, "code">): string {
  return suite.code.toString(16).padStart(4, "0");
}
