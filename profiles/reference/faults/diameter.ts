import { type Association, identityOf } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { DiameterPolicy } from "../policy/diameter.ts";
import { type Avp, decodeAvps, MalformedMessage } from "../zn/diameter/avp.ts";
import { isKnown, VENDOR_3GPP } from "../zn/diameter/dictionary.ts";
import type { Fault } from "./fault.ts";

const { diameter } = conforming;

/** A defect of how answers over Diameter are read; only the profile with that binding shows it. */
const inDiameter = (
  id: string,
  title: string,
  requirements: readonly string[],
  change: () => Partial<DiameterPolicy>,
): Fault => ({
  id,
  title,
  requirements,
  shownBy: "reference-diameter",
  change: () => ({ diameter: { ...diameter, ...change() } }),
});

/** AVPs as far as they can be made out: a length that does not fit is taken for the rest of the message. */
function lenientAvps(octets: Buffer): readonly Avp[] {
  const avps: Avp[] = [];
  for (let at = 0; octets.length - at >= 8; ) {
    const rest = Buffer.from(octets.subarray(at));
    const said = rest.readUIntBE(5, 3);
    const length = said < 8 || said > rest.length ? rest.length : said;
    rest.writeUIntBE(length, 5, 3);
    avps.push(...decodeAvps(Buffer.concat([rest.subarray(0, length), Buffer.alloc((4 - (length % 4)) % 4)])));
    at += Math.ceil(length / 4) * 4;
  }
  return avps;
}

const RESERVED_FLAGS = 0x1f;

/** Refuses what a receiver has to ignore (RFC 6733 4.1). */
function withoutReservedFlags(octets: Buffer): readonly Avp[] {
  const avps = decodeAvps(octets);
  for (let at = 0; at < octets.length; at += Math.ceil(octets.readUIntBE(at + 5, 3) / 4) * 4) {
    if ((octets.readUInt8(at + 4) & RESERVED_FLAGS) !== 0)
      throw new MalformedMessage("reserved flags are set");
  }
  return avps;
}

const isGbaCode = (code: number) => code >= 400 && code <= 420;

/** Defects in how answers of the key manager over Diameter are read. */
export const diameterFaults: readonly Fault[] = [
  {
    id: "diameter-user-of-last-answer",
    title:
      "any answer over Diameter is taken for that to its Hop-by-Hop Identifier, and the user of the latest B-TID is told on every connection",
    requirements: ["1.1", "1.3", "5.1"],
    shownBy: "reference-diameter",
    change: () => {
      let last: Association | undefined;
      const seen = new Set<string>();
      return {
        admit(query, outcome) {
          const admission = conforming.admit(query, outcome);
          if (admission.admitted && !seen.has(query.btid)) last = admission.association;
          seen.add(query.btid);
          return admission;
        },
        identityTold: ({ identity }) => (last === undefined ? identity : identityOf(last)),
        diameter: { ...diameter, fits: () => true },
      };
    },
  },
  inDiameter(
    "diameter-ignores-mandatory-avp",
    "an answer with an unknown AVP whose M flag is set is used as if it were understood",
    ["5.1"],
    () => ({ understands: () => true }),
  ),
  inDiameter(
    "diameter-believes-refusals",
    "a key is used whatever the result of the answer that brings it says",
    ["5.1"],
    () => ({ success: (result) => (diameter.success(result) === "malformed" ? "malformed" : "success") }),
  ),
  inDiameter(
    "diameter-matches-by-order",
    "answers are given to the questions in the order in which they come",
    ["5.1"],
    () => ({ question: (_answer, waiting) => waiting[0] }),
  ),
  inDiameter(
    "diameter-ignores-session-id",
    "an answer belongs to the question whose Hop-by-Hop identifier it has, whatever its Session-Id and End-to-End identifier are",
    ["1.1", "5.1"],
    () => ({
      fits: (answer, _sessionId, question) =>
        diameter.fits({ ...answer, endToEnd: question.endToEnd }, question.sessionId, question),
    }),
  ),
  inDiameter(
    "diameter-lenient-lengths",
    "an AVP whose length does not fit is cut or stretched until it does",
    ["1.1", "5.1"],
    () => ({ avps: lenientAvps }),
  ),
  inDiameter(
    "diameter-ignores-vendor",
    "AVPs of the base protocol with codes of TS 29.109 are taken for those of 3GPP",
    ["5.1"],
    () => ({
      avps: (octets) =>
        decodeAvps(octets).map((avp) =>
          avp.vendor === 0 && isGbaCode(avp.code) ? { ...avp, vendor: VENDOR_3GPP } : avp,
        ),
    }),
  ),
  inDiameter(
    "diameter-time-of-1900",
    "a Key-ExpiryTime after 7 February 2036 is read as one of the years after 1900",
    ["5.1"],
    () => ({ instant: (seconds) => seconds * 1_000 + Date.UTC(1900, 0, 1) }),
  ),
  inDiameter(
    "diameter-refuses-unknown-avp",
    "an answer with an unknown AVP is refused although its M flag is not set",
    ["5.1"],
    () => ({ understands: isKnown }),
  ),
  inDiameter(
    "diameter-refuses-reserved-flags",
    "an answer with reserved AVP flags set is refused although they are to be ignored",
    ["5.1"],
    () => ({ avps: withoutReservedFlags }),
  ),
];
