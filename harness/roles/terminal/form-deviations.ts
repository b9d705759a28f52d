import { serializeAuthorization } from "../../protocols/digest/index.ts";
import type { Deviation, DigestFields, SentRequest } from "./sent-request.ts";

function withFields(right: SentRequest, change: DigestFields): SentRequest {
  return { ...right, fields: { ...right.fields, ...change } };
}

/** The fields in one header, those that are named written the other way: quoted or as a token. */
function writtenWith(right: SentRequest, names: readonly string[], quoted: boolean): SentRequest {
  const list = Object.entries(right.fields).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, ...(names.includes(name) ? { quoted } : {}) }],
  );
  return { ...right, authorization: [serializeAuthorization(list)] };
}

/**
 * Credentials with the right response that are written otherwise than RFC 7616 3.4 has them, or differ in what
 * no clause makes the server look at. Taking them is tolerance, and refusing them is right.
 */
export const FORM_DEVIATIONS = {
  quotedTokens: {
    title: "qop, nc and algorithm are quoted",
    clause: "RFC 7616 3.4",
    apply: (right) => writtenWith(right, ["qop", "nc", "algorithm"], true),
  },
  usernameAsToken: {
    title: "username is not quoted",
    clause: "RFC 7616 3.4",
    apply: (right) => writtenWith(right, ["username"], false),
  },
  upperCaseResponse: {
    title: "response is written in upper case",
    clause: "RFC 2617 3.2.2",
    apply: (right) => withFields(right, { response: right.fields.response?.toUpperCase() }),
  },
  staleRealm: {
    title: "realm was changed after the response was computed over it",
    clause: "RFC 7616 3.4.2",
    apply: (right) => withFields(right, { realm: `${right.fields.realm ?? ""}.other` }),
  },
  staleAlgorithm: {
    title: "algorithm was changed after the response was computed with it",
    clause: "RFC 7616 3.4.2",
    apply: (right) => withFields(right, { algorithm: `${right.fields.algorithm ?? "MD5"}-sess` }),
  },
  inventedQop: {
    title: "qop is a value that nobody offers, the response is the one for the right value",
    clause: "RFC 7616 3.4",
    apply: (right) => withFields(right, { qop: "auth-conf" }),
  },
  changedOpaque: {
    title: "opaque is another one than that of the challenge",
    clause: "RFC 7616 3.4",
    apply: (right) => withFields(right, { opaque: `${right.fields.opaque ?? ""}0` }),
  },
  omittedOpaque: {
    title: "opaque is left out",
    clause: "RFC 7616 3.4",
    apply: (right) => withFields(right, { opaque: undefined }),
  },
} as const satisfies Readonly<Record<string, Deviation>>;
