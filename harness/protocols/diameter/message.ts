/** Whole messages: a header and its AVPs (RFC 6733 3). */
import { type Avp, decodeAvps, encodeAvps } from "./avp.ts";
import { DiameterFormatError } from "./format-error.ts";
import { type DiameterHeader, decodeHeader, encodeHeader, HEADER_LENGTH, messageLength } from "./header.ts";

export interface DiameterMessage extends DiameterHeader {
  readonly avps: readonly Avp[];
}

/** @throws RangeError when a number does not fit into its field. */
export function encodeMessage(message: DiameterMessage): Buffer {
  const body = encodeAvps(message.avps);
  return Buffer.concat([encodeHeader(message, HEADER_LENGTH + body.length), body]);
}

/**
 * A message that these octets are, all of them; the data of its AVPs are views of them.
 * @throws DiameterFormatError when the header or an AVP is malformed, or there are more or fewer octets than it says.
 */
export function decodeMessage(octets: Uint8Array): DiameterMessage {
  const header = decodeHeader(octets);
  const length = messageLength(Buffer.from(octets.subarray(0, HEADER_LENGTH)), octets.length);
  if (length !== octets.length) {
    throw new DiameterFormatError(`a message of ${length} octets in ${octets.length}`, 1);
  }
  return { ...header, avps: decodeAvps(octets.subarray(HEADER_LENGTH), HEADER_LENGTH) };
}
