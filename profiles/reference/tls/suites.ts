import { hasOldVersion, type TlsVersion } from "./versions.ts";

/** A cipher suite that the enabler negotiates, or that one of its faults enables. */
interface Suite {
  /** The two octets of the IANA registry. */
  readonly code: number;
  readonly name: string;
  /** Name in OpenSSL's cipher strings. */
  readonly openssl: string;
}

const ROWS: readonly (readonly [code: number, name: string, openssl: string])[] = [
  [0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-GCM-SHA256"],
  [0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", "PSK-AES256-GCM-SHA384"],
  [0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256", "PSK-AES128-CBC-SHA256"],
  [0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA", "PSK-AES128-CBC-SHA"],
  [0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", "DHE-PSK-AES128-GCM-SHA256"],
  [0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "ECDHE-PSK-AES128-CBC-SHA256"],
  [0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-PSK-CHACHA20-POLY1305"],
  [0x1301, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"],
  [0x1302, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"],
  [0x1303, "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
  [0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  [0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  [0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
  [0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"],
  // What follows no policy but that of a fault enables.
  [0x002c, "TLS_PSK_WITH_NULL_SHA", "PSK-NULL-SHA"],
  [0x00b0, "TLS_PSK_WITH_NULL_SHA256", "PSK-NULL-SHA256"],
  [0x003b, "TLS_RSA_WITH_NULL_SHA256", "NULL-SHA256"],
  [0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA", "ECDHE-RSA-NULL-SHA"],
  [0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "ADH-AES128-GCM-SHA256"],
  [0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", "ADH-AES256-GCM-SHA384"],
  [0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", "ADH-AES128-SHA"],
  [0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256", "ADH-AES128-SHA256"],
  [0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "AECDH-AES128-SHA"],
  [0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "AECDH-AES256-SHA"],
];

const BY_NAME = new Map<string, Suite>(ROWS.map(([code, name, openssl]) => [name, { code, name, openssl }]));
const PSK_CODES = new Set(ROWS.filter(([, name]) => name.includes("PSK_WITH")).map(([code]) => code));

/** @throws Error for a suite that the table above does not have. */
function suiteNamed(name: string): Suite {
  const suite = BY_NAME.get(name);
  if (suite === undefined) throw new Error(`cipher suite ${name} is not in the table of the enabler`);
  return suite;
}

/** OpenSSL's cipher string for suites by IANA name, in order of preference, for servers of these versions. */
export function cipherString(names: readonly string[], versions: readonly TlsVersion[]): string {
  const ciphers = names.map((name) => suiteNamed(name).openssl);
  // OpenSSL leaves TLS 1.0 and 1.1, and suites without encryption or authentication, out unless the level is 0.
  const weak =
    hasOldVersion(versions) || names.some((name) => name.includes("_NULL_") || name.includes("_anon_"));
  return (weak ? [...ciphers, "@SECLEVEL=0"] : ciphers).join(":");
}

/** IANA name of a suite that the enabler can negotiate; undefined for any other. */
export function suiteNameOf(code: number): string | undefined {
  return ROWS.find(([one]) => one === code)?.[1];
}

/** True when the suite of TLS 1.2 takes a pre-shared key. */
export function takesPsk(code: number): boolean {
  return PSK_CODES.has(code);
}

/** Ua security protocol identifier 01 00 01 yy zz of a suite by its code (TS 33.220 H.3), 10 hex digits. */
export function uaOfSuiteCode(code: number): string {
  return `010001${code.toString(16).padStart(4, "0")}`;
}

/** The same by IANA name. */
export function uaOfSuite(name: string): string {
  return uaOfSuiteCode(suiteNamed(name).code);
}

/** 01 00 00 00 07: shared-key TLS 1.3 (TS 33.220 H.3), whatever the suite. */
export const UA_SHARED_KEY_TLS_13 = "0100000007";
/** 01 00 00 00 02: HTTP Digest outside TLS (TS 33.220 H.3), which this enabler never uses. */
export const UA_PLAIN_DIGEST = "0100000002";
