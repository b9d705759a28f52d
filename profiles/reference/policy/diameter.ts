import { type Avp, decodeAvps } from "../zn/diameter/avp.ts";
import { isKnown } from "../zn/diameter/dictionary.ts";
import { APPLICATION, COMMAND, type Message } from "../zn/diameter/message.ts";

/** A question that waits for its answer. */
export interface Waiting {
  readonly hopByHop: number;
  readonly endToEnd: number;
  readonly sessionId: string;
}

/** What an answer says of its success; each list holds all AVPs of its kind that it carries. */
export interface AnswerResult {
  /** The E flag of the header. */
  readonly error: boolean;
  readonly resultCodes: readonly number[];
  /** Experimental-Result with the vendor 3GPP. */
  readonly experimentalCodes: readonly number[];
}

export type Success = "success" | "unknown" | "not-authorised" | "refused" | "malformed";

/** Decisions about answers of the key manager over Diameter (RFC 6733, TS 29.109). */
export interface DiameterPolicy {
  /** The question that an answer belongs to, the oldest first in `waiting` (RFC 6733 3); undefined: discard it. */
  question<W extends Waiting>(answer: Omit<Message, "avps">, waiting: readonly W[]): W | undefined;
  /** False for an answer that has the identifier of the question and nothing else of it (RFC 6733 3, 8.8). */
  fits(answer: Omit<Message, "avps">, sessionId: string | undefined, question: Waiting): boolean;
  /** The AVPs of an answer (RFC 6733 4.1). @throws MalformedMessage */
  avps(octets: Buffer): readonly Avp[];
  /** False when an AVP makes the answer unusable (RFC 6733 4.1). */
  understands(avp: Avp): boolean;
  /** RFC 6733 7.1, TS 29.109 6.2. */
  success(result: AnswerResult): Success;
  /** The one value of an AVP that may stand once; undefined: malformed. Called with one or more. */
  single(values: readonly Buffer[]): Buffer | undefined;
  /** Milliseconds since 1970 for the seconds of the type Time (RFC 6733 4.3.1). */
  instant(seconds: number): number;
}

/** Seconds from 1900 to 1970, and from 1900 to the second era of 32 bits on 7 February 2036. */
const EPOCH_1970 = 2_208_988_800;
const ERA = 2 ** 32;
const HALF_ERA = 2 ** 31;
const SUCCESS = 2001;
const NOT_AUTHORIZED = 5402;
const TRANSACTION_IDENTIFIER_INVALID = 5403;

export const conformingDiameter: DiameterPolicy = Object.freeze({
  question: (answer, waiting) => waiting.find(({ hopByHop }) => hopByHop === answer.hopByHop),
  fits: (answer, sessionId, question) =>
    !answer.request &&
    answer.command === COMMAND.bootstrappingInfo &&
    answer.application === APPLICATION.zn &&
    answer.endToEnd === question.endToEnd &&
    sessionId === question.sessionId,
  avps: decodeAvps,
  understands: (avp) => !avp.mandatory || isKnown(avp),
  success,
  single: (values) => (values.length === 1 ? values[0] : undefined),
  // The high bit tells the eras apart: without it the time is after 2036 (RFC 6733 4.3.1).
  instant: (seconds) => (seconds + (seconds < HALF_ERA ? ERA : 0) - EPOCH_1970) * 1_000,
} satisfies DiameterPolicy);

function success({ error, resultCodes, experimentalCodes }: AnswerResult): Success {
  const [code, ...more] = [...resultCodes, ...experimentalCodes];
  if (code === undefined || more.length > 0) return "malformed";
  if (experimentalCodes.length > 0) {
    if (code === TRANSACTION_IDENTIFIER_INVALID) return "unknown";
    return code === NOT_AUTHORIZED ? "not-authorised" : "refused";
  }
  return code === SUCCESS && !error ? "success" : "refused";
}
