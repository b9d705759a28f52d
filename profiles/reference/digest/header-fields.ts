import type { DigestOffer, ResponseInfo } from "./terms.ts";

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string;
  /** The nonce is at fault, not the key. */
  readonly stale: boolean;
}

/** Values of the WWW-Authenticate fields of a 401 (RFC 7616 3.3), one for each algorithm. */
export function challenges(
  { algorithms, qop }: DigestOffer,
  { realm, nonce, opaque, stale }: Challenge,
): string[] {
  return algorithms.map((algorithm) =>
    [
      `Digest realm=${quoted(realm)}`,
      `qop="${qop.join(",")}"`,
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
    info.nextnonce === undefined ? undefined : `nextnonce=${quoted(info.nextnonce)}`,
  ];
  return parameters.filter((parameter) => parameter !== undefined).join(", ");
}

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
