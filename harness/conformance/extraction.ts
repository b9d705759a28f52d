import type { Extract } from "../system/profile/index.ts";
import { type HttpResponse, headerValues } from "../wire/http-message.ts";

/** Characters of a body to which a pattern of the profile is applied. */
const SEARCHED = 64 * 1024;

/** The value that the IXIT says how to find; undefined when it is not there. */
export function extract(response: HttpResponse, how: Extract): string | undefined {
  if ("header" in how) return headerValues(response, how.header)[0];
  const body = response.body.toString("utf8").slice(0, SEARCHED);
  if ("pattern" in how) return new RegExp(how.pattern, "u").exec(body)?.[1];
  return pointedAt(body, how.json);
}

/** RFC 6901 JSON pointer; numbers and booleans become text. */
function pointedAt(body: string, pointer: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
