export { type Avp, encodeAvp, encodeAvps } from "./avp.ts";
export {
  answerTo,
  BOOTSTRAPPING_INFO,
  CAPABILITIES_EXCHANGE,
  type Command,
  DEVICE_WATCHDOG,
  DISCONNECT_PEER,
  ERROR_ANSWER,
  experimentalResult,
  RELAY_APPLICATION,
  requestOf,
  ZN_APPLICATION,
  ZN_APPLICATION_GROUP,
} from "./commands.ts";
export { AVPS, type AvpName, avpName, VENDOR_3GPP } from "./dictionary.ts";
export { DiameterFormatError } from "./format-error.ts";
export { type DiameterHeader, decodeHeader, encodeHeader, HEADER_LENGTH } from "./header.ts";
export { type FieldsOf, type Layout, type LayoutProblem, readFields } from "./layout.ts";
export { type DiameterMessage, decodeMessage, encodeMessage } from "./message.ts";
export { MessageSplitter } from "./message-splitter.ts";
export { EXPERIMENTAL_RESULT, isProtocolError, RESULT } from "./result-codes.ts";
export { allValues, firstValue, makeAvp } from "./typed-avps.ts";
export { serializeUssList, type UserSecuritySetting } from "./user-security-settings.ts";
