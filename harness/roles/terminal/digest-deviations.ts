import { randomBytes } from "node:crypto";
import { DIRECTIVE_DEVIATIONS } from "./directive-deviations.ts";
import { FORM_DEVIATIONS } from "./form-deviations.ts";
import { type Deviation, type DigestSecrets, recomputed, type SentRequest } from "./sent-request.ts";

/** How a terminal can misbehave in HTTP Digest: each in one respect. */
export const DIGEST_DEVIATIONS = {
  wrongResponse: {
    title: "every digit of response is another one",
    clause: "RFC 7616 3.4.1",
    apply: (right) => withResponse(right, otherDigits),
  },
  responseRightAtBegin: {
    title: "only the first 16 digits of response are right",
    clause: "RFC 7616 3.4.1",
    apply: (right) => withResponse(right, (digits) => digits.slice(0, 16) + otherDigits(digits.slice(16))),
  },
  firstDigitWrong: {
    title: "only the first digit of response is another one",
    clause: "RFC 7616 3.4.1",
    apply: (right) => withResponse(right, (digits) => otherDigits(digits.slice(0, 1)) + digits.slice(1)),
  },
  middleDigitWrong: {
    title: "only a digit in the middle of response is another one",
    clause: "RFC 7616 3.4.1",
    apply: (right) =>
      withResponse(right, (digits) => {
        const at = digits.length / 2;
        return digits.slice(0, at) + otherDigits(digits.slice(at, at + 1)) + digits.slice(at + 1);
      }),
  },
  lastDigitWrong: {
    title: "only the last digit of response is another one",
    clause: "RFC 7616 3.4.1",
    apply: (right) => withResponse(right, (digits) => digits.slice(0, -1) + otherDigits(digits.slice(-1))),
  },
  emptyResponse: {
    title: "response is empty",
    clause: "RFC 2617 3.2.2",
    apply: (right) => withResponse(right, () => ""),
  },
  shortResponse: {
    title: "response lacks its last digit",
    clause: "RFC 2617 3.2.2",
    apply: (right) => withResponse(right, (digits) => digits.slice(0, -1)),
  },
  longResponse: {
    title: "response has one digit more",
    clause: "RFC 2617 3.2.2",
    apply: (right) => withResponse(right, (digits) => `${digits}0`),
  },
  inventedNonce: {
    title: "the nonce was never issued by the enabler, the response is computed for it",
    clause: "RFC 7616 3.3",
    apply: ({ fields, request }, secrets) =>
      recomputed({ fields: { ...fields, nonce: randomBytes(24).toString("base64") }, request }, secrets),
  },
  editedNonce: {
    title: "the last character of the issued nonce is another one, the response is computed for it",
    clause: "RFC 7616 3.3",
    apply: ({ fields, request }, secrets) =>
      recomputed({ fields: { ...fields, nonce: otherLastCharacter(fields.nonce ?? "") }, request }, secrets),
  },
  omittedQop: {
    title: "qop, nc and cnonce are left out, the response has the form of RFC 2069",
    clause: "RFC 7616 3.4",
    apply: ({ fields: { qop: _qop, nc: _nc, cnonce: _cnonce, ...fields }, request }, secrets) =>
      recomputed({ fields, request }, secrets),
  },
  alteredBody: {
    title: "the body is changed after the response was computed over it",
    clause: "RFC 7616 3.4.3",
    apply: ({ fields, request }) => ({
      fields,
      request: { ...request, body: `${request.body ?? ""}altered` },
    }),
  },
  ...DIRECTIVE_DEVIATIONS,
  ...FORM_DEVIATIONS,
} as const satisfies Readonly<Record<string, Deviation>>;
export type DigestDeviation = keyof typeof DIGEST_DEVIATIONS;

/** Applies a named deviation to the right credentials. */
export function deviate(name: DigestDeviation, right: SentRequest, secrets: DigestSecrets): SentRequest {
  return DIGEST_DEVIATIONS[name].apply(right, secrets);
}

function withResponse({ fields, request }: SentRequest, edit: (digits: string) => string): SentRequest {
  return { fields: { ...fields, response: edit(fields.response ?? "") }, request };
}

function otherDigits(digits: string): string {
  return digits.replace(/[0-9a-f]/g, (digit) => ((Number.parseInt(digit, 16) + 1) % 16).toString(16));
}

function otherLastCharacter(text: string): string {
  return text.slice(0, -1) + (text.endsWith("A") ? "B" : "A");
}
