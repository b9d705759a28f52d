import { randomBytes } from "node:crypto";
import {
  AVPS,
  type Avp,
  type AvpName,
  avpName,
  type DiameterMessage,
  EXPERIMENTAL_RESULT,
  encodeAvp,
  encodeHeader,
  experimentalResult,
  HEADER_LENGTH,
  makeAvp,
  RESULT,
} from "../../protocols/diameter/index.ts";

/**
 * What a conforming enabler makes of the answer.
 * - `key`: it uses the key.
 * - `no-key`: it uses no key of this answer, and the terminal is refused.
 * - `never-mixed`: it uses the key for its own user, or none; never for another user.
 * - `open`: either, and only observed.
 */
type EnablerReaction = "key" | "no-key" | "never-mixed" | "open";

interface DiameterDeviation {
  readonly title: string;
  readonly clause: string;
  readonly enabler: EnablerReaction;
  /** How binding that is. */
  readonly level: "must" | "should" | "observe";
  /** Answers that must be due on one connection at the same time; without it one is enough. */
  readonly answers?: 2;
}

/** Octets of an answer that is ready to be sent, and what of it the connection has a part in. */
export interface WireAnswer {
  readonly octets: Buffer;
  /** Sent twice, one behind the other. */
  readonly twice?: true;
  /** Waits for another such answer on the same connection, and both take the other's Hop-by-Hop Identifier. */
  readonly swapped?: true;
}

/** What only an answer in Diameter can have wrong. All but the named thing is right, the key too. */
export const DIAMETER_ANSWERS = {
  "unknown-mandatory-avp": must("no-key", "an AVP that nobody knows, with the M flag", "RFC 6733 4.1"),
  "unknown-optional-avp": must("key", "an AVP that nobody knows, without the M flag", "RFC 6733 4.1"),
  "reserved-avp-flags": must("key", "the reserved flags of each AVP are set", "RFC 6733 4.1"),
  "protected-avp-flag": must("key", "the P flag of each AVP is set", "RFC 6733 4.1"),
  "avp-length-too-long": must("no-key", "the length of the key's AVP is 4 too high", "RFC 6733 4.1"),
  "avp-length-too-short": must("no-key", "the length of the key's AVP is 4 too low", "RFC 6733 4.1"),
  "avp-length-of-nothing": must("no-key", "the length of the key's AVP is 7", "RFC 6733 4.1"),
  "avp-length-with-padding": observe("open", "the lengths of AVPs include their padding", "RFC 6733 4"),
  "missing-vendor-flag": must("no-key", "the AVPs of 3GPP have neither V flag nor vendor", "RFC 6733 4.1"),
  "two-keys": should("no-key", "ME-Key-Material twice: the key, then another", "RFC 6733 3.2"),
  "two-expiries": should(
    "no-key",
    "Key-ExpiryTime twice: a valid one, then one that is over",
    "RFC 6733 3.2",
  ),
  "no-result": should("no-key", "neither Result-Code nor Experimental-Result", "RFC 6733 7.1"),
  "two-results": should("no-key", "Result-Code 2001 and Experimental-Result 5402", "TS 29.109 6.2"),
  "wrong-application": should("no-key", "the application of Zh instead of Zn", "RFC 6733 3"),
  "wrong-command": should("no-key", "the command of another answer", "RFC 6733 3"),
  "request-flag": should("no-key", "the R flag is set", "RFC 6733 3"),
  "unknown-hop-by-hop": must("no-key", "a Hop-by-Hop Identifier of no request", "RFC 6733 3"),
  "swapped-hop-by-hop": {
    ...must("never-mixed", "two answers with each other's Hop-by-Hop Identifier", "RFC 6733 3, 8.8"),
    answers: 2,
  },
  "wrong-end-to-end": must("never-mixed", "an End-to-End Identifier of no request", "RFC 6733 3"),
  "wrong-session-id": must("never-mixed", "the Session-Id of no session", "RFC 6733 8.8"),
  "other-order": must("key", "the AVPs behind Session-Id in reverse order", "RFC 6733 3.2"),
  "error-3002": must("no-key", "3002 with the E flag, and a key all the same", "RFC 6733 7.1.3"),
  "error-4002": must("no-key", "the transient failure 4002, and a key all the same", "RFC 6733 7.1.4"),
  "error-5012": must("no-key", "the permanent failure 5012, and a key all the same", "RFC 6733 7.1.5"),
  "error-5401": must("no-key", "5401, an error of Zh, and a key all the same", "TS 29.109 6.2"),
  "error-9001": must("no-key", "a result of an unknown class, and a key all the same", "RFC 6733 7.1"),
  "expiry-after-2036": must("key", "Key-ExpiryTime on 8 February 2036, as a small number", "RFC 6733 4.3.1"),
  "sent-twice": must("key", "the answer twice", "RFC 6733 3"),
  "uicc-key-beside": should("key", "UICC-Key-Material beside the ME key", "TS 33.220 5.3"),
} as const satisfies Readonly<Record<string, DiameterDeviation>>;
export type DiameterAnswer = keyof typeof DIAMETER_ANSWERS;

function must(enabler: EnablerReaction, title: string, clause: string): DiameterDeviation {
  return { enabler, level: "must", title, clause };
}

function should(enabler: EnablerReaction, title: string, clause: string): DiameterDeviation {
  return { enabler, level: "should", title, clause };
}

function observe(enabler: EnablerReaction, title: string, clause: string): DiameterDeviation {
  return { enabler, level: "observe", title, clause };
}

type Alteration = (answer: DiameterMessage) => DiameterMessage;

const UNKNOWN_AVP: Avp = {
  code: 9_999,
  vendor: AVPS["ME-Key-Material"].vendor,
  mandatory: false,
  protected: false,
  reserved: 0,
  data: Buffer.from("seccf"),
};
/** In the second era of four octets (RFC 6733 4.3.1). */
const AFTER_2036 = new Date("2036-02-08T00:00:00Z");
const ZH_APPLICATION = 16_777_221;
/** GPR and GPA, which belong to another interface. */
const OTHER_COMMAND = 312;

function withAvps(alter: (avps: readonly Avp[]) => readonly Avp[]): Alteration {
  return (answer) => ({ ...answer, avps: alter(answer.avps) });
}

function each(alter: (avp: Avp) => Avp): Alteration {
  return withAvps((avps) => avps.map(alter));
}

/** These stand in the place of all AVPs of that name. */
function replaced(name: AvpName, by: readonly Avp[]): Alteration {
  return withAvps((avps) => avps.flatMap((avp) => (avpName(avp) === name ? by : [avp])));
}

function added(...more: readonly Avp[]): Alteration {
  return withAvps((avps) => [...avps, ...more]);
}

/** A number that cannot be the same. */
function other(identifier: number): number {
  return (identifier ^ 0x5a_5a_5a_5a) >>> 0;
}

const ALTERATIONS: Readonly<Partial<Record<DiameterAnswer, Alteration>>> = {
  "unknown-mandatory-avp": added({ ...UNKNOWN_AVP, mandatory: true }),
  "unknown-optional-avp": added(UNKNOWN_AVP),
  "reserved-avp-flags": each((avp) => ({ ...avp, reserved: 0x1f })),
  "protected-avp-flag": each((avp) => ({ ...avp, protected: true })),
  "missing-vendor-flag": each((avp) => ({ ...avp, vendor: undefined })),
  "two-keys": (answer) => added(makeAvp("ME-Key-Material", randomBytes(32)))(answer),
  "two-expiries": (answer) => added(makeAvp("Key-ExpiryTime", new Date(Date.now() - 3_600_000)))(answer),
  "no-result": replaced("Result-Code", []),
  "two-results": added(makeAvp("Experimental-Result", experimentalResult(EXPERIMENTAL_RESULT.notAuthorized))),
  "wrong-application": (answer) => ({ ...answer, application: ZH_APPLICATION }),
  "wrong-command": (answer) => ({ ...answer, command: OTHER_COMMAND }),
  "request-flag": (answer) => ({ ...answer, request: true }),
  "unknown-hop-by-hop": (answer) => ({ ...answer, hopByHop: other(answer.hopByHop) }),
  "wrong-end-to-end": (answer) => ({ ...answer, endToEnd: other(answer.endToEnd) }),
  "wrong-session-id": replaced("Session-Id", [makeAvp("Session-Id", "nobody.invalid;1;1")]),
  "other-order": withAvps(([sessionId, ...avps]) => [...(sessionId ? [sessionId] : []), ...avps.reverse()]),
  "error-3002": (answer) => ({ ...withResult(RESULT.unableToDeliver)(answer), error: true }),
  "error-4002": withResult(RESULT.outOfSpace),
  "error-5012": withResult(RESULT.unableToComply),
  "error-5401": replaced("Result-Code", [
    makeAvp("Experimental-Result", experimentalResult(EXPERIMENTAL_RESULT.identityUnknown)),
  ]),
  "error-9001": withResult(9_001),
  "expiry-after-2036": replaced("Key-ExpiryTime", [makeAvp("Key-ExpiryTime", AFTER_2036)]),
  "uicc-key-beside": (answer) => added(makeAvp("UICC-Key-Material", randomBytes(32)))(answer),
};

function withResult(code: number): Alteration {
  return replaced("Result-Code", [makeAvp("Result-Code", code)]);
}

/** What stands in the length field of an AVP; undefined: the right one. */
const LENGTHS: Readonly<Partial<Record<DiameterAnswer, (avp: Avp, right: number) => number | undefined>>> = {
  "avp-length-too-long": (avp, right) => (isKey(avp) ? right + 4 : undefined),
  "avp-length-too-short": (avp, right) => (isKey(avp) ? right - 4 : undefined),
  "avp-length-of-nothing": (avp) => (isKey(avp) ? 7 : undefined),
  "avp-length-with-padding": (_, right) => Math.ceil(right / 4) * 4,
};

function isKey(avp: Avp): boolean {
  return avpName(avp) === "ME-Key-Material";
}

/** The octets of an answer with what this deviation makes of it. */
export function deviate(right: DiameterMessage, deviation: DiameterAnswer): WireAnswer {
  const answer = ALTERATIONS[deviation]?.(right) ?? right;
  const avps = answer.avps.map((avp) => {
    const octets = encodeAvp(avp);
    const length = LENGTHS[deviation]?.(avp, octets.readUIntBE(5, 3));
    if (length !== undefined) octets.writeUIntBE(length, 5, 3);
    return octets;
  });
  const body = Buffer.concat(avps);
  return {
    octets: Buffer.concat([encodeHeader(answer, HEADER_LENGTH + body.length), body]),
    ...(deviation === "sent-twice" ? { twice: true } : {}),
    ...(deviation === "swapped-hop-by-hop" ? { swapped: true } : {}),
  };
}
