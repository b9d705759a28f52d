import type { Ixit } from "./profile.ts";

const TOKEN = "{token}";

/**
 * Whether each `{token}` has a state of its own: the request that changes it and the one that reads it both name
 * the token. Cases then run side by side; otherwise the state is one for all.
 */
export function isPerToken(ixit: Ixit): boolean {
  const { state } = ixit.resources;
  return state !== undefined && changeNamesToken(state.change) && readNamesToken(state.read);
}

type State = NonNullable<Ixit["resources"]["state"]>;

export function changeNamesToken({ path, body }: State["change"]): boolean {
  return path.includes(TOKEN) || body?.includes(TOKEN) === true;
}

export function readNamesToken({ url }: State["read"]): boolean {
  return url.includes(TOKEN);
}
