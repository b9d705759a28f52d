import { type CipherSuite, type SuiteAuthentication, suiteOfRow } from "./suites.ts";

/** Why a suite is not negotiated any more: RFC 7465 (RC4), RFC 9325 4.1 (export keys, DES and 3DES). */
type Retired = "RC4" | "export" | "DES";

/** Code, IANA name, the name that OpenSSL had. Nobody can claim them: they are only offered, to be refused. */
const ROWS: readonly (readonly [code: number, name: string, openssl: string])[] = [
  [0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "EXP-RC4-MD5"],
  [0x0004, "TLS_RSA_WITH_RC4_128_MD5", "RC4-MD5"],
  [0x0005, "TLS_RSA_WITH_RC4_128_SHA", "RC4-SHA"],
  [0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", "EXP-RC2-CBC-MD5"],
  [0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", "EXP-DES-CBC-SHA"],
  [0x0009, "TLS_RSA_WITH_DES_CBC_SHA", "DES-CBC-SHA"],
  [0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA"],
  [0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", "EXP-DHE-RSA-DES-CBC-SHA"],
  [0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "DHE-RSA-DES-CBC3-SHA"],
  [0x008a, "TLS_PSK_WITH_RC4_128_SHA", "PSK-RC4-SHA"],
  [0x008b, "TLS_PSK_WITH_3DES_EDE_CBC_SHA", "PSK-3DES-EDE-CBC-SHA"],
  [0x008e, "TLS_DHE_PSK_WITH_RC4_128_SHA", "DHE-PSK-RC4-SHA"],
  [0x008f, "TLS_DHE_PSK_WITH_3DES_EDE_CBC_SHA", "DHE-PSK-3DES-EDE-CBC-SHA"],
  [0x0092, "TLS_RSA_PSK_WITH_RC4_128_SHA", "RSA-PSK-RC4-SHA"],
  [0x0093, "TLS_RSA_PSK_WITH_3DES_EDE_CBC_SHA", "RSA-PSK-3DES-EDE-CBC-SHA"],
  [0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "ECDHE-ECDSA-RC4-SHA"],
  [0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", "ECDHE-ECDSA-DES-CBC3-SHA"],
  [0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", "ECDHE-RSA-RC4-SHA"],
  [0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "ECDHE-RSA-DES-CBC3-SHA"],
  [0xc033, "TLS_ECDHE_PSK_WITH_RC4_128_SHA", "ECDHE-PSK-RC4-SHA"],
  [0xc034, "TLS_ECDHE_PSK_WITH_3DES_EDE_CBC_SHA", "ECDHE-PSK-3DES-EDE-CBC-SHA"],
];

const SUITES: readonly CipherSuite[] = ROWS.map(suiteOfRow);

/** An export suite is only that, whatever its cipher. */
function reasonOf({ name }: CipherSuite): Retired | undefined {
  if (name.includes("_EXPORT_")) return "export";
  if (name.includes("_RC4_")) return "RC4";
  return name.includes("DES_") ? "DES" : undefined;
}

/** Suites with this kind of authentication that are retired for one of these reasons; to be offered and refused. */
export function retiredSuites(
  authentication: SuiteAuthentication,
  ...reasons: readonly Retired[]
): readonly CipherSuite[] {
  return SUITES.filter(
    (suite) => suite.authentication === authentication && reasons.some((one) => one === reasonOf(suite)),
  );
}
