import { parseAuthenticationInfo, rspauth } from "../../harness/protocols/digest/index.ts";
import type { DigestSecrets, SentRequest } from "../../harness/roles/terminal/index.ts";
import { type HttpResponse, headerValues } from "../../harness/wire/http-message.ts";

/**
 * RFC 7616 3.5, RFC 2617 3.2.3: rspauth, where it is present, is right; with qop, rspauth, cnonce and nc are all
 * present and those of the request. Undefined when all is well, `absent` when there is no such header.
 */
export function authenticationInfoProblem(
  response: HttpResponse,
  { fields, request }: SentRequest,
  { algorithm, password }: DigestSecrets,
): string | undefined {
  const header = headerValues(response, "authentication-info")[0];
  if (header === undefined) return "absent";
  let info: ReturnType<typeof parseAuthenticationInfo>;
  try {
    info = parseAuthenticationInfo(header);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { username = "", realm = "", nonce = "", uri = request.target, qop, nc, cnonce } = fields;
  if (info.qop !== undefined) {
    if (info.rspauth === undefined) return "qop is there, rspauth is not";
    if (info.nc !== nc) return `nc is ${JSON.stringify(info.nc)}, the request had ${nc}`;
    if (info.cnonce !== cnonce) return `cnonce is ${JSON.stringify(info.cnonce)}, the request had ${cnonce}`;
  }
  if (info.rspauth === undefined) return undefined;
  // Without qop in the answer rspauth has the form of RFC 2069, whatever the request had.
  const counted =
    info.qop === "auth" || info.qop === "auth-int" ? ({ qop: info.qop, nc, cnonce } as const) : {};
  if (info.qop !== undefined && info.qop !== qop) return `qop is ${info.qop}, the request had ${qop}`;
  const right = rspauth({
    algorithm,
    username,
    realm,
    password,
    nonce,
    uri,
    ...counted,
    body: response.body,
  });
  return info.rspauth.toLowerCase() === right ? undefined : "rspauth is not that of the key";
}
