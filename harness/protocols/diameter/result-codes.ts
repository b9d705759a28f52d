/** Result-Code values that this suite sends or expects (RFC 6733 7.1). */
export const RESULT = {
  success: 2001,
  commandUnsupported: 3001,
  unableToDeliver: 3002,
  realmNotServed: 3003,
  tooBusy: 3004,
  applicationUnsupported: 3007,
  unknownPeer: 3010,
  outOfSpace: 4002,
  avpUnsupported: 5001,
  invalidAvpValue: 5004,
  missingAvp: 5005,
  occursTooManyTimes: 5009,
  noCommonApplication: 5010,
  unableToComply: 5012,
  invalidAvpLength: 5014,
} as const;

/** Experimental-Result-Code values of 3GPP (TS 29.109 6.2): 5401 belongs to Zh, the others to Zn. */
export const EXPERIMENTAL_RESULT = {
  identityUnknown: 5401,
  notAuthorized: 5402,
  transactionIdentifierInvalid: 5403,
} as const;

/** RFC 6733 7.1.3: protocol errors, whose answer carries the E flag. */
export function isProtocolError(resultCode: number): boolean {
  return resultCode >= 3000 && resultCode < 4000;
}
