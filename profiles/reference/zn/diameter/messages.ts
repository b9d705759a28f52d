import type { KeyQuery } from "../../association.ts";
import { type Avp, groupAvp, numberAvp, textAvp } from "./avp.ts";
import { BASE_AVP, GBA_AVP, VENDOR_3GPP } from "./dictionary.ts";
import { APPLICATION, COMMAND, type Message } from "./message.ts";

/** The names of the two ends (RFC 6733 4.3.1 DiameterIdentity). */
export interface DiameterNames {
  readonly originHost: string;
  readonly originRealm: string;
  readonly destinationRealm: string;
  readonly destinationHost: string;
}

export interface Identifiers {
  readonly hopByHop: number;
  readonly endToEnd: number;
}

const SUCCESS = 2001;
const IPV4_FAMILY = 1;
const IPV6_FAMILY = 2;

const origin = ({ originHost, originRealm }: DiameterNames): Avp[] => [
  textAvp(BASE_AVP.originHost, originHost),
  textAvp(BASE_AVP.originRealm, originRealm),
];

const znApplication = groupAvp(BASE_AVP.vendorSpecificApplicationId, [
  numberAvp(BASE_AVP.vendorId, VENDOR_3GPP),
  numberAvp(BASE_AVP.authApplicationId, APPLICATION.zn),
]);

const own = (command: number, ids: Identifiers, request: boolean, avps: readonly Avp[]): Message => ({
  request,
  proxiable: false,
  error: false,
  command,
  application: APPLICATION.common,
  ...ids,
  avps,
});

/** Capabilities-Exchange-Request (RFC 6733 5.3.1). `address`: that of the connection, numeric. */
export function capabilitiesRequest(ids: Identifiers, names: DiameterNames, address: string): Message {
  return own(COMMAND.capabilitiesExchange, ids, true, [
    ...origin(names),
    { code: BASE_AVP.hostIpAddress, vendor: 0, mandatory: true, data: addressOctets(address) },
    numberAvp(BASE_AVP.vendorId, VENDOR_3GPP),
    { ...textAvp(BASE_AVP.productName, "seccf reference enabler"), mandatory: false },
    znApplication,
  ]);
}

/** Device-Watchdog-Request (RFC 6733 5.5.1). */
export const watchdogRequest = (ids: Identifiers, names: DiameterNames): Message =>
  own(COMMAND.deviceWatchdog, ids, true, origin(names));

/** The answer to a watchdog or to a disconnection of the peer (RFC 6733 5.4.2, 5.5.2). */
export const peerAnswer = (command: number, ids: Identifiers, names: DiameterNames): Message =>
  own(command, ids, false, [numberAvp(BASE_AVP.resultCode, SUCCESS), ...origin(names)]);

/** Bootstrapping-Info-Request (TS 29.109 6.2, protocol grammar of BIR). */
export function keyRequest(
  ids: Identifiers,
  names: DiameterNames,
  sessionId: string,
  { btid, nafFqdn, ua }: KeyQuery,
): Message {
  const gba = (code: number, data: Buffer): Avp => ({ code, vendor: VENDOR_3GPP, mandatory: true, data });
  return {
    request: true,
    proxiable: true,
    error: false,
    command: COMMAND.bootstrappingInfo,
    application: APPLICATION.zn,
    ...ids,
    avps: [
      textAvp(BASE_AVP.sessionId, sessionId),
      znApplication,
      ...origin(names),
      textAvp(BASE_AVP.destinationRealm, names.destinationRealm),
      textAvp(BASE_AVP.destinationHost, names.destinationHost),
      gba(GBA_AVP.transactionIdentifier, Buffer.from(btid, "utf8")),
      gba(GBA_AVP.nafId, Buffer.concat([Buffer.from(nafFqdn, "utf8"), Buffer.from(ua, "hex")])),
    ],
  };
}

/** The type Address (RFC 6733 4.3.1): family, then octets. An IPv6 address is told as the unspecified one. */
function addressOctets(address: string): Buffer {
  const parts = address
    .replace(/^::ffff:/, "")
    .split(".")
    .map(Number);
  if (parts.length === 4) return Buffer.from([0, IPV4_FAMILY, ...parts]);
  return Buffer.concat([Buffer.from([0, IPV6_FAMILY]), Buffer.alloc(16)]);
}
