import { randomBytes } from "node:crypto";
import {
  answerTo,
  BOOTSTRAPPING_INFO,
  type DiameterHeader,
  type DiameterMessage,
  ERROR_ANSWER,
  EXPERIMENTAL_RESULT,
  encodeAvps,
  encodeHeader,
  encodeMessage,
  experimentalResult,
  type FieldsOf,
  HEADER_LENGTH,
  isProtocolError,
  type LayoutProblem,
  RESULT,
  serializeUssList,
  ZN_APPLICATION_GROUP,
} from "../../protocols/diameter/index.ts";
import { deviate, type WireAnswer } from "./diameter-deviations.ts";
import type { GbaType } from "./steering.ts";
import type { KeyInformation, ZnReaction } from "./zn-reaction.ts";

/** Who answers: DiameterIdentity and realm of the key manager. */
export interface DiameterName {
  readonly host: string;
  readonly realm: string;
}

/** A Bootstrapping-Info-Request that follows its grammar. */
export interface KeyRequestMessage {
  readonly header: DiameterHeader;
  readonly fields: FieldsOf<typeof BOOTSTRAPPING_INFO.request>;
}

type BiaFields = FieldsOf<typeof BOOTSTRAPPING_INFO.answer>;

/** TS 29.109 table 6.1; 2 is not verified. */
const GBA_TYPES: Readonly<Record<GbaType, number>> = { "3G_GBA": 0, "2G_GBA": 1, GBA_DIGEST: 2 };

/** A reaction as Diameter says it (TS 29.109, RFC 6733): an answer, or nothing, or the end of the connection. */
export function diameterAnswer(
  reaction: ZnReaction,
  request: KeyRequestMessage,
  self: DiameterName,
): WireAnswer | "silent" | "reset" {
  switch (reaction.answer) {
    case "unknown":
      return refusal(request, self, experimental(EXPERIMENTAL_RESULT.transactionIdentifierInvalid));
    case "not-authorised":
      return refusal(request, self, experimental(EXPERIMENTAL_RESULT.notAuthorized));
    case "busy":
      return encoded(failure(request.header, self, RESULT.tooBusy, request.fields));
    case "overloaded":
      return refusal(request, self, { "Result-Code": RESULT.outOfSpace });
    case "html":
      return encodedPage(answerTo(request.header, {}, {}));
    case "silent":
    case "reset":
      return reaction.answer;
    default:
      return keyAnswer(reaction, request, self);
  }
}

/** The answer to a request of any application that cannot be served. `request`: what could be read of it. */
export function failure(
  request: DiameterHeader,
  { host, realm }: DiameterName,
  resultCode: number,
  { "Session-Id": sessionId, "Proxy-Info": proxyInfo = [] }: Partial<KeyRequestMessage["fields"]> = {},
  problem?: LayoutProblem,
): DiameterMessage {
  const fields = {
    ...(sessionId === undefined ? {} : { "Session-Id": sessionId }),
    "Origin-Host": host,
    "Origin-Realm": realm,
    "Result-Code": resultCode,
    ...(problem && { "Error-Message": problem.text, "Failed-AVP": [problem.failed] }),
    "Proxy-Info": proxyInfo,
  };
  return answerTo(request, ERROR_ANSWER, fields, isProtocolError(resultCode));
}

/** What both an answer with a key and one without have (RFC 6733 6.2: Proxy-Info in the same order). */
function commonFields({ fields }: KeyRequestMessage, { host, realm }: DiameterName): BiaFields {
  return {
    "Session-Id": fields["Session-Id"],
    "Vendor-Specific-Application-Id": ZN_APPLICATION_GROUP,
    "Origin-Host": host,
    "Origin-Realm": realm,
    "Proxy-Info": fields["Proxy-Info"] ?? [],
  };
}

function experimental(code: number) {
  return { "Experimental-Result": experimentalResult(code) };
}

function refusal(
  request: KeyRequestMessage,
  self: DiameterName,
  result: Pick<BiaFields, "Result-Code"> | Pick<BiaFields, "Experimental-Result">,
): WireAnswer {
  const fields = { ...commonFields(request, self), ...result };
  return encoded(answerTo(request.header, BOOTSTRAPPING_INFO.answer, fields));
}

function keyAnswer(
  { answer, information, deviation }: Extract<ZnReaction, { readonly information: unknown }>,
  request: KeyRequestMessage,
  self: DiameterName,
): WireAnswer {
  const { "ME-Key-Material": key, ...withoutKey } = rightFields(information, request, self);
  const withKey = (material: Uint8Array) =>
    answerTo(request.header, BOOTSTRAPPING_INFO.answer, { ...withoutKey, "ME-Key-Material": material });
  switch (answer) {
    case "wrong-key":
      return encoded(withKey(randomBytes(32)));
    case "short-key":
      return encoded(withKey(key.subarray(0, 16)));
    case "empty-key":
      return encoded(withKey(Buffer.alloc(0)));
    case "long-key":
      return encoded(withKey(Buffer.concat([key, Buffer.alloc(1)])));
    case "no-key":
      return encoded(answerTo(request.header, BOOTSTRAPPING_INFO.answer, withoutKey));
    case "no-hex":
      return encoded(withKey(Buffer.from(Buffer.from(key).toString("hex"))));
    case "broken-json":
      return cutOff(withKey(key));
    case "key":
      return deviation === undefined ? encoded(withKey(key)) : deviate(withKey(key), deviation);
  }
}

function rightFields(
  { key, uiccKey, expiry, created, gbaType, impi, uss }: KeyInformation,
  request: KeyRequestMessage,
  self: DiameterName,
) {
  return {
    ...commonFields(request, self),
    "Result-Code": RESULT.success,
    ...(impi === undefined ? {} : { "User-Name": impi }),
    "ME-Key-Material": key,
    ...(uiccKey === undefined ? {} : { "UICC-Key-Material": uiccKey }),
    "Key-ExpiryTime": expiry,
    BootstrapInfoCreationTime: created,
    ...(uss.length === 0 ? {} : { "GBA-UserSecSettings": Buffer.from(serializeUssList(uss)) }),
    "GBA-Type": GBA_TYPES[gbaType],
  };
}

function encoded(message: DiameterMessage): WireAnswer {
  return { octets: encodeMessage(message) };
}

/** The length of the last AVP says that four octets more would follow, where the message ends. */
function cutOff(message: DiameterMessage): WireAnswer {
  const octets = encodeMessage(message);
  const at = octets.length - encodeAvps(message.avps.slice(-1)).length;
  octets.writeUIntBE(octets.readUIntBE(at + 5, 3) + 4, at + 5, 3);
  return { octets };
}

/** A header of Diameter, and what a web server would have sent. */
function encodedPage(header: DiameterHeader): WireAnswer {
  const page = "<html><body>Welcome</body></html>";
  const body = Buffer.from(page.padEnd(Math.ceil(page.length / 4) * 4));
  return { octets: Buffer.concat([encodeHeader(header, HEADER_LENGTH + body.length), body]) };
}
