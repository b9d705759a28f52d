import type { DigestAlgorithm } from "./credentials.ts";
import type { ResponseInfo } from "./terms.ts";

/** Offered in this order, one challenge each (RFC 7616 3.7: the strongest first). */
const ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "MD5"];

/** Values of the WWW-Authenticate fields of a 401 (RFC 7616 3.3). */
export function challenges(realm: string, nonce: string, opaque: string, stale: boolean): string[] {
  return ALGORITHMS.map((algorithm) =>
    [
      `Digest realm=${quoted(realm)}`,
      `qop="auth,auth-int"`,
      `algorithm=${algorithm}`,
      `nonce=${quoted(nonce)}`,
      `opaque=${quoted(opaque)}`,
      ...(stale ? ["stale=true"] : []),
    ].join(", "),
  );
}

/** Value of Authentication-Info (RFC 7616 3.5): rspauth and cnonce quoted, qop and nc not. */
export function authenticationInfo(info: Partial<ResponseInfo>): string {
  const parameters = [
    info.rspauth === undefined ? undefined : `rspauth=${quoted(info.rspauth)}`,
    info.qop === undefined ? undefined : `qop=${info.qop}`,
    info.cnonce === undefined ? undefined : `cnonce=${quoted(info.cnonce)}`,
    info.nc === undefined ? undefined : `nc=${info.nc}`,
  ];
  return parameters.filter((parameter) => parameter !== undefined).join(", ");
}

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
