/** What each AVP is called, how its data are formed and which flags it carries. */
import type { DataFormatName } from "./data-formats.ts";

/** SMI enterprise code of 3GPP. */
export const VENDOR_3GPP = 10_415;

export interface AvpDefinition<F extends DataFormatName = DataFormatName> {
  readonly code: number;
  /** Undefined: an AVP of the IETF, whose V flag must be clear. */
  readonly vendor: number | undefined;
  readonly format: F;
  /** The M flag that a sender sets. */
  readonly mandatory: boolean;
}

function base<F extends DataFormatName>(code: number, format: F): AvpDefinition<F> {
  return { code, vendor: undefined, format, mandatory: true };
}

/** AVPs whose M flag must be clear. */
function informational<F extends DataFormatName>(code: number, format: F): AvpDefinition<F> {
  return { code, vendor: undefined, format, mandatory: false };
}

function gba<F extends DataFormatName>(code: number, format: F, mandatory = true): AvpDefinition<F> {
  return { code, vendor: VENDOR_3GPP, format, mandatory };
}

/** RFC 6733 4.5, as far as a peer of the Zn application meets them; TS 29.109 table 6.1 for those of 3GPP. */
export const AVPS = {
  "User-Name": base(1, "UTF8String"),
  Class: base(25, "OctetString"),
  "Proxy-State": base(33, "OctetString"),
  "Host-IP-Address": base(257, "Address"),
  "Auth-Application-Id": base(258, "Unsigned32"),
  "Acct-Application-Id": base(259, "Unsigned32"),
  "Vendor-Specific-Application-Id": base(260, "Grouped"),
  "Session-Id": base(263, "UTF8String"),
  "Origin-Host": base(264, "DiameterIdentity"),
  "Supported-Vendor-Id": base(265, "Unsigned32"),
  "Vendor-Id": base(266, "Unsigned32"),
  "Firmware-Revision": informational(267, "Unsigned32"),
  "Result-Code": base(268, "Unsigned32"),
  "Product-Name": informational(269, "UTF8String"),
  "Disconnect-Cause": base(273, "Enumerated"),
  "Auth-Session-State": base(277, "Enumerated"),
  "Origin-State-Id": base(278, "Unsigned32"),
  "Failed-AVP": base(279, "Grouped"),
  "Proxy-Host": base(280, "DiameterIdentity"),
  "Error-Message": informational(281, "UTF8String"),
  "Route-Record": base(282, "DiameterIdentity"),
  "Destination-Realm": base(283, "DiameterIdentity"),
  "Proxy-Info": base(284, "Grouped"),
  "Redirect-Host": base(292, "UTF8String"),
  "Destination-Host": base(293, "DiameterIdentity"),
  "Error-Reporting-Host": informational(294, "DiameterIdentity"),
  "Origin-Realm": base(296, "DiameterIdentity"),
  "Experimental-Result": base(297, "Grouped"),
  "Experimental-Result-Code": base(298, "Unsigned32"),
  "Inband-Security-Id": base(299, "Unsigned32"),

  "GBA-UserSecSettings": gba(400, "OctetString"),
  "Transaction-Identifier": gba(401, "OctetString"),
  /** Called NAF-Hostname in old releases. */
  "NAF-Id": gba(402, "OctetString"),
  "GAA-Service-Identifier": gba(403, "OctetString"),
  "Key-ExpiryTime": gba(404, "Time"),
  "ME-Key-Material": gba(405, "OctetString"),
  "UICC-Key-Material": gba(406, "OctetString"),
  "GBA_U-Awareness-Indicator": gba(407, "Enumerated"),
  BootstrapInfoCreationTime: gba(408, "Time"),
  "GUSS-Timestamp": gba(409, "Time", false),
  "GBA-Type": gba(410, "Enumerated"),
  "UICC-App-Label": gba(413, "OctetString"),
  "Security-Feature-Request": gba(419, "OctetString"),
  "Security-Feature-Response": gba(420, "OctetString"),
} as const;
export type AvpName = keyof typeof AVPS;

/** The two names that share a code with another vendor's AVP are two entries. */
const NAMES: ReadonlyMap<string, AvpName> = new Map(
  // Object.entries forgets which strings the keys are.
  (Object.entries(AVPS) as [AvpName, AvpDefinition][]).map(([name, { code, vendor }]) => [
    `${vendor ?? ""}:${code}`,
    name,
  ]),
);

/** The name of an AVP with this code and vendor; undefined when this suite does not know it. */
export function avpName({
  code,
  vendor,
}: {
  readonly code: number;
  readonly vendor: number | undefined;
}): AvpName | undefined {
  return NAMES.get(`${vendor ?? ""}:${code}`);
}
