import type { CaseDescriptor } from "../../harness/conformance/case.ts";

/** What all cases of one flow of use case 1 have in common. */
type FlowFields = Pick<CaseDescriptor, "useCase" | "flow" | "needs" | "dependsOn">;

/** RD 5.1.5: PSK-TLS. */
export const NORMAL: FlowFields = {
  useCase: 1,
  flow: "normal",
  needs: { role: "enabler", wayIn: "uc1.psk-tls" },
  dependsOn: "UC1-PSK-BV-01",
};

/** RD 5.1.6: TLS with the enabler's certificate, and HTTP Digest. */
export const ALTERNATIVE: FlowFields = {
  useCase: 1,
  flow: "alternative",
  needs: { role: "enabler", wayIn: "uc1.https-digest" },
  dependsOn: "UC1-DIG-BV-01",
};

/** Both flows with the part of a case id that names them, for questions that are the same in both. */
export const FLOWS = [
  { code: "PSK", fields: NORMAL },
  { code: "DIG", fields: ALTERNATIVE },
] as const;
export type FlowCode = (typeof FLOWS)[number]["code"];

/** The flow's needs with further ones. */
export function needing(
  flow: FlowFields,
  needs: Omit<CaseDescriptor["needs"], "role" | "wayIn">,
): CaseDescriptor["needs"] {
  return { ...flow.needs, ...needs };
}
