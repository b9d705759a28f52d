/** The messages between two peers (RFC 6733 5) and those of the Zn application (TS 29.109), as layouts. */
import { VENDOR_3GPP } from "./dictionary.ts";
import type { DiameterHeader } from "./header.ts";
import type { FieldsOf, Layout } from "./layout.ts";
import { writeFields } from "./layout.ts";
import type { DiameterMessage } from "./message.ts";

/** Application of the messages between two peers. */
const BASE_APPLICATION = 0;
/** Zn: enabler and key manager. */
export const ZN_APPLICATION = 16_777_220;
/** Said by relays in their capabilities: any application (RFC 6733 2.4). */
export const RELAY_APPLICATION = 0xff_ff_ff_ff;

export interface Command<Request extends Layout = Layout, Answer extends Layout = Layout> {
  readonly code: number;
  readonly application: number;
  /** P flag of request and answer. */
  readonly proxiable: boolean;
  readonly request: Request;
  readonly answer: Answer;
}

const capabilities = {
  "Origin-Host": "one",
  "Origin-Realm": "one",
  "Host-IP-Address": "some",
  "Vendor-Id": "one",
  "Product-Name": "one",
  "Origin-State-Id": "optional",
} as const satisfies Layout;

const capabilitiesEnd = {
  "Supported-Vendor-Id": "many",
  "Auth-Application-Id": "many",
  "Inband-Security-Id": "many",
  "Acct-Application-Id": "many",
  "Vendor-Specific-Application-Id": "many",
  "Firmware-Revision": "optional",
} as const satisfies Layout;

const peerAnswer = {
  "Result-Code": "one",
  "Origin-Host": "one",
  "Origin-Realm": "one",
  "Error-Message": "optional",
  "Failed-AVP": "optional",
} as const satisfies Layout;

/** CER and CEA (RFC 6733 5.3). */
export const CAPABILITIES_EXCHANGE = {
  code: 257,
  application: BASE_APPLICATION,
  proxiable: false,
  request: { ...capabilities, ...capabilitiesEnd },
  answer: {
    "Result-Code": "one",
    ...capabilities,
    "Error-Message": "optional",
    "Failed-AVP": "optional",
    ...capabilitiesEnd,
  },
} as const satisfies Command;

/** DWR and DWA (RFC 6733 5.5). */
export const DEVICE_WATCHDOG = {
  code: 280,
  application: BASE_APPLICATION,
  proxiable: false,
  request: { "Origin-Host": "one", "Origin-Realm": "one", "Origin-State-Id": "optional" },
  answer: { ...peerAnswer, "Origin-State-Id": "optional" },
} as const satisfies Command;

/** DPR and DPA (RFC 6733 5.4). */
export const DISCONNECT_PEER = {
  code: 282,
  application: BASE_APPLICATION,
  proxiable: false,
  request: { "Origin-Host": "one", "Origin-Realm": "one", "Disconnect-Cause": "one" },
  answer: peerAnswer,
} as const satisfies Command;

/** BIR and BIA: an enabler asks the key manager for a key (TS 29.109, grammar of the Zn application). */
export const BOOTSTRAPPING_INFO = {
  code: 310,
  application: ZN_APPLICATION,
  proxiable: true,
  request: {
    "Session-Id": "one",
    "Vendor-Specific-Application-Id": "one",
    "Origin-Host": "one",
    "Origin-Realm": "one",
    "Destination-Realm": "one",
    "Destination-Host": "optional",
    "GAA-Service-Identifier": "many",
    "Transaction-Identifier": "one",
    "NAF-Id": "one",
    "GBA_U-Awareness-Indicator": "optional",
    "Proxy-Info": "many",
    "Route-Record": "many",
  },
  answer: {
    "Session-Id": "one",
    "Vendor-Specific-Application-Id": "one",
    "Result-Code": "optional",
    "Experimental-Result": "optional",
    "Origin-Host": "one",
    "Origin-Realm": "one",
    "User-Name": "optional",
    "ME-Key-Material": "optional",
    "UICC-Key-Material": "optional",
    "Key-ExpiryTime": "optional",
    BootstrapInfoCreationTime: "optional",
    "GBA-UserSecSettings": "optional",
    "GBA-Type": "optional",
    "Proxy-Info": "many",
  },
} as const satisfies Command;

/** An answer whose E flag is set, to any request (RFC 6733 7.2). */
export const ERROR_ANSWER = {
  "Session-Id": "optional",
  "Origin-Host": "one",
  "Origin-Realm": "one",
  "Result-Code": "one",
  "Origin-State-Id": "optional",
  "Error-Message": "optional",
  "Error-Reporting-Host": "optional",
  "Failed-AVP": "optional",
  "Experimental-Result": "optional",
  "Proxy-Info": "many",
} as const satisfies Layout;

/** Members of the groups that this suite opens. */
const GROUPS = {
  /** RFC 6733 6.11. */
  "Vendor-Specific-Application-Id": {
    "Vendor-Id": "one",
    "Auth-Application-Id": "optional",
    "Acct-Application-Id": "optional",
  },
  /** RFC 6733 7.6. */
  "Experimental-Result": { "Vendor-Id": "one", "Experimental-Result-Code": "one" },
  /** RFC 6733 6.7.2. */
  "Proxy-Info": { "Proxy-Host": "one", "Proxy-State": "one" },
} as const satisfies Readonly<Record<string, Layout>>;

/** The group in which a peer names the Zn application (RFC 6733 6.11). */
export const ZN_APPLICATION_GROUP = writeFields(GROUPS["Vendor-Specific-Application-Id"], {
  "Vendor-Id": VENDOR_3GPP,
  "Auth-Application-Id": ZN_APPLICATION,
});

/** The group of an error of 3GPP's own (RFC 6733 7.6). */
export function experimentalResult(code: number) {
  return writeFields(GROUPS["Experimental-Result"], {
    "Vendor-Id": VENDOR_3GPP,
    "Experimental-Result-Code": code,
  });
}

/** @throws RangeError when a format cannot say a value. */
export function requestOf<R extends Layout>(
  command: Command<R>,
  identifiers: Pick<DiameterHeader, "hopByHop" | "endToEnd">,
  fields: FieldsOf<R>,
): DiameterMessage {
  const { code, application, proxiable } = command;
  const { hopByHop, endToEnd } = identifiers;
  const flags = { request: true, proxiable, error: false, retransmitted: false };
  return {
    ...flags,
    command: code,
    application,
    hopByHop,
    endToEnd,
    avps: writeFields(command.request, fields),
  };
}

/**
 * The answer to a request, with its identifiers, command, application and P flag (RFC 6733 6.2).
 * @throws RangeError when a format cannot say a value.
 */
export function answerTo<L extends Layout>(
  request: DiameterHeader,
  layout: L,
  fields: FieldsOf<L>,
  error = false,
): DiameterMessage {
  const { proxiable, command, application, hopByHop, endToEnd } = request;
  const flags = { request: false, proxiable, error, retransmitted: false };
  return { ...flags, command, application, hopByHop, endToEnd, avps: writeFields(layout, fields) };
}
