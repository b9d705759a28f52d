import type { HttpRequest } from "../../wire/http-message.ts";
import type { ApplicationRequest } from "./access.ts";

/** Tells an enabler that the terminal can do GBA in the ME (TS 24.109 5.2.1). */
export const USER_AGENT = "seccf-terminal/1 3gpp-gba";

/** The request on the wire; `authorization` are the values of that field, one for each. */
export function httpRequest(
  serverName: string,
  { method, target, body, chunked, headers = [] }: ApplicationRequest,
  authorization: readonly string[] = [],
): HttpRequest {
  return {
    method,
    target,
    headers: [
      ["Host", serverName],
      ...(headers.some(([name]) => name === "User-Agent") ? [] : [["User-Agent", USER_AGENT] as const]),
      ["Accept", "*/*"],
      ...(body === undefined ? [] : [["Content-Type", "text/plain"] as const]),
      ...headers,
      ...authorization.map((value) => ["Authorization", value] as const),
    ],
    ...(body === undefined ? {} : { body }),
    ...(chunked === undefined ? {} : { chunked }),
  };
}

/** The request as octets, for a place where no HTTP connection is yet; a body goes with its length. */
export function requestOctets(serverName: string, request: ApplicationRequest): Buffer {
  const { method, target, headers, body = "" } = httpRequest(serverName, request);
  const length = Buffer.byteLength(body);
  const fields = [...headers, ["Content-Length", String(length)] as const];
  const lines = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
