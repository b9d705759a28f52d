import type { CaseDescriptor } from "../../harness/conformance/case.ts";

/** What all cases over one way in have in common; a property belongs to no flow of a use case. */
type WayFields = Pick<CaseDescriptor, "needs" | "dependsOn">;

const PSK: WayFields = {
  needs: { role: "enabler", wayIn: "uc1.psk-tls" },
  dependsOn: "UC1-PSK-BV-01",
};
const DIG: WayFields = {
  needs: { role: "enabler", wayIn: "uc1.https-digest" },
  dependsOn: "UC1-DIG-BV-01",
};
const SRV: WayFields = {
  needs: { role: "enabler", wayIn: "server-only" },
  dependsOn: "UC1-SRV-BV-01",
};

/** The ways in over which the user is authenticated, with the part of a case id that names them. */
export const USER_WAYS = [
  { code: "PSK", fields: PSK },
  { code: "DIG", fields: DIG },
] as const;

export const EVERY_WAY = [...USER_WAYS, { code: "SRV", fields: SRV }] as const;
export type WayCode = (typeof EVERY_WAY)[number]["code"];

export const WAYS_IN = {
  PSK: "uc1.psk-tls",
  DIG: "uc1.https-digest",
  SRV: "server-only",
} as const satisfies Readonly<Record<WayCode, CaseDescriptor["needs"]["wayIn"]>>;

/** The way's needs with further ones. */
export function needing(
  way: WayFields,
  needs: Omit<CaseDescriptor["needs"], "role" | "wayIn">,
): CaseDescriptor["needs"] {
  return { ...way.needs, ...needs };
}
