/** Codes of the AVPs that the enabler sends or understands (RFC 6733 4.5, TS 29.109 table 6.1). */
export const VENDOR_3GPP = 10_415;

export const BASE_AVP = {
  userName: 1,
  hostIpAddress: 257,
  authApplicationId: 258,
  vendorSpecificApplicationId: 260,
  sessionId: 263,
  originHost: 264,
  vendorId: 266,
  resultCode: 268,
  productName: 269,
  destinationRealm: 283,
  originRealm: 296,
  experimentalResult: 297,
  experimentalResultCode: 298,
  destinationHost: 293,
} as const;

/** Of vendor 3GPP. */
export const GBA_AVP = {
  userSecSettings: 400,
  transactionIdentifier: 401,
  nafId: 402,
  keyExpiryTime: 404,
  meKeyMaterial: 405,
  uiccKeyMaterial: 406,
} as const;

/** Base AVPs of an answer that mean nothing to this enabler and that it knows all the same. */
const KNOWN_BASE: ReadonlySet<number> = new Set([
  ...Object.values(BASE_AVP),
  // Class, Proxy-Info with its members, Route-Record, Error-Message, Failed-AVP, Origin-State-Id, Redirect-Host.
  25,
  284,
  280,
  33,
  282,
  281,
  279,
  278,
  292,
  // Auth-Session-State, Error-Reporting-Host, Supported-Vendor-Id, Firmware-Revision, Inband-Security-Id.
  277,
  294,
  265,
  267,
  299,
]);

/** 3GPP AVPs 400 to 420 (TS 29.109 table 6.1). */
const KNOWN_3GPP = { first: 400, last: 420 };

/** True for an AVP whose meaning is known; another one with the M flag makes its message unusable (RFC 6733 4.1). */
export function isKnown({ code, vendor }: { readonly code: number; readonly vendor: number }): boolean {
  if (vendor === 0) return KNOWN_BASE.has(code);
  return vendor === VENDOR_3GPP && code >= KNOWN_3GPP.first && code <= KNOWN_3GPP.last;
}
