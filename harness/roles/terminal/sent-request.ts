import { type DigestAlgorithm, digestResponse } from "../../protocols/digest/index.ts";
import type { ApplicationRequest } from "./access.ts";

/** Parameters of an Authorization header; what is undefined is not sent. */
export type DigestFields = Readonly<
  Partial<
    Record<
      "username" | "realm" | "nonce" | "uri" | "response" | "qop" | "nc" | "cnonce" | "opaque" | "algorithm",
      string | undefined
    >
  >
>;

/** The credentials of one request, as they are sent: what a replay plays back. */
export interface SentRequest {
  readonly request: ApplicationRequest;
  readonly fields: DigestFields;
  /** Values of Authorization, one for each header field; absent: the fields, as RFC 7616 3.4 has them written. */
  readonly authorization?: readonly string[];
}

export interface DigestSecrets {
  readonly algorithm: DigestAlgorithm;
  readonly password: string;
}

/** One way in which a terminal can misbehave in HTTP Digest. */
export interface Deviation {
  readonly title: string;
  readonly clause: string;
  readonly apply: (right: SentRequest, secrets: DigestSecrets) => SentRequest;
}

/** The credentials with `response` computed anew over what they say now. */
export function recomputed(
  { fields, request }: SentRequest,
  { algorithm, password }: DigestSecrets,
): SentRequest {
  const { username = "", realm = "", nonce = "", uri = request.target, qop, nc, cnonce } = fields;
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password,
    nonce,
    method: request.method,
    uri,
    qop: qop === "auth" || qop === "auth-int" ? qop : undefined,
    nc: nc ?? "",
    // A -sess algorithm hashes the cnonce even where qop is left out (RFC 7616 3.4.2).
    cnonce: cnonce ?? "",
    body: request.body ?? "",
  });
  return { fields: { ...fields, response }, request };
}
