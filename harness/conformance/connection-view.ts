import { type CipherSuite, suiteHex } from "../protocols/tls/index.ts";
import type { Access } from "../roles/terminal/index.ts";
import type { ViewField } from "../system/profile/index.ts";
import type { SecureSession } from "../wire/secure-client.ts";
import type { ToldView } from "./case-context.ts";

/** Ways in which a value may be written; the first is the one for a message. */
export type Spellings = readonly string[];

/** Connections of one case that are compared; more of the same kind would show the same. */
const MAX_COMPARED = 4;

/** Fields whose letters have no case: names of protocols and hosts, words. */
const WITHOUT_CASE: readonly ViewField[] = ["version", "suite", "serverName", "resumed"];

/** What the terminal itself knows of a connection, whoever uses it (RD 3.2 session formation). */
export function connectionKnown({
  version,
  suite,
  channelBinding,
}: SecureSession): ReadonlyMap<ViewField, Spellings> {
  const known = new Map<ViewField, Spellings>([
    ["version", [version, `tlsv${version}`, `tls ${version}`, `tls${version}`]],
    ["suite", spellingsOf(suite)],
  ]);
  if (channelBinding !== undefined) {
    const octets = Buffer.from(channelBinding);
    known.set("exporter", [octets.toString("hex"), octets.toString("base64")]);
  }
  return known;
}

function spellingsOf(suite: CipherSuite): Spellings {
  const hex = suiteHex(suite);
  return [suite.name.toLowerCase(), suite.openssl.toLowerCase(), hex, `0x${hex}`];
}

/** The fields known here in which the enabler's view is another one, a line each. Fields not told are not compared. */
export function viewDifferences(known: ReadonlyMap<ViewField, Spellings>, told: ToldView): readonly string[] {
  return [...known].flatMap(([field, right]) => {
    if (!told.has(field)) return [];
    const value = told.get(field);
    if (value !== undefined && right.includes(asWritten(field, value, right))) return [];
    return [`${field}: the terminal knows ${right[0]}, the enabler tells ${value ?? "nothing"}`];
  });
}

function asWritten(field: ViewField, value: string, right: Spellings): string {
  // Hexadecimal digits have no case, those of base64 do.
  const hex = field === "exporter" && value.length === right[0]?.length;
  return hex || WITHOUT_CASE.includes(field) ? value.toLowerCase() : value;
}

/**
 * Compares both ends' views of connections that stand (RD 3.2 consistent view). A connection whose view is not served
 * now is left out: whether it should be is not the question here. Undefined when none could be compared.
 */
export async function compareViews(
  accesses: readonly Access[],
  viewTold: (access: Access) => Promise<ToldView | undefined>,
): Promise<readonly string[] | undefined> {
  const seen: (readonly string[])[] = [];
  for (const access of accesses.slice(0, MAX_COMPARED)) {
    if (!access.session.alive) continue;
    const told = await viewTold(access).catch(() => undefined);
    const known = connectionKnown(access.session);
    if (told !== undefined && [...known.keys()].some((field) => told.has(field)))
      seen.push(viewDifferences(known, told));
  }
  return seen.length === 0 ? undefined : seen.flat();
}
