import type { HttpRequest } from "../../wire/http-message.ts";
import type { ApplicationRequest } from "./access.ts";

/** Tells an enabler that the terminal can do GBA in the ME (TS 24.109 5.2.1). */
export const USER_AGENT = "seccf-terminal/1 3gpp-gba";

/** The request on the wire; `authorization` is the value of that field, when there is one. */
export function httpRequest(
  serverName: string,
  { method, target, body, headers = [] }: ApplicationRequest,
  authorization?: string,
): HttpRequest {
  return {
    method,
    target,
    headers: [
      ["Host", serverName],
      ["User-Agent", USER_AGENT],
      ["Accept", "*/*"],
      ...(body === undefined ? [] : [["Content-Type", "text/plain"] as const]),
      ...headers,
      ...(authorization === undefined ? [] : [["Authorization", authorization] as const]),
    ],
    ...(body === undefined ? {} : { body }),
  };
}
