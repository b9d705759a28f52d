/** Tells an enabler that the terminal can do GBA in the ME (TS 24.109 5.2.1). */
export const USER_AGENT = "seccf-terminal/1 3gpp-gba";

/** Header fields of a request that carries no credentials of its own. */
export function applicationHeaders(
  serverName: string,
  body: string | undefined,
): readonly (readonly [string, string])[] {
  const always = [
    ["Host", serverName],
    ["User-Agent", USER_AGENT],
    ["Accept", "*/*"],
  ] as const;
  return body === undefined ? always : [...always, ["Content-Type", "text/plain"] as const];
}
