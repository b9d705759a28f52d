import type { DigestAlgorithm } from "../../protocols/digest/index.ts";
import { type Deviation, type DigestFields, recomputed, type SentRequest } from "./sent-request.ts";

/** A path that no enabler has. */
const OTHER_PATH = "/seccf-another-resource";

/** Algorithms whose answer is no stronger than one of MD5. */
const WEAK: readonly DigestAlgorithm[] = ["MD5", "MD5-sess"];

function changed({ fields, request }: SentRequest, change: DigestFields): SentRequest {
  return { fields: { ...fields, ...change }, request };
}

/** One directive, or the method, is another one than the response was computed over. */
const STALE_DEVIATIONS = {
  staleMethod: {
    title: "the response was computed for another method than the one of the request line",
    clause: "RFC 7616 3.4.3",
    apply: ({ fields, request }, secrets) => {
      const method = request.method === "PUT" ? "POST" : "PUT";
      return { ...recomputed({ fields, request: { ...request, method } }, secrets), request };
    },
  },
  staleUri: {
    title: "uri was changed after the response was computed over it",
    clause: "RFC 7616 3.4.3",
    apply: (right) => changed(right, { uri: OTHER_PATH }),
  },
  staleNonceCount: {
    title: "nc was counted up after the response was computed over it",
    clause: "RFC 7616 3.4.1",
    apply: (right) => changed(right, { nc: nextCount(right.fields.nc ?? "") }),
  },
  staleCnonce: {
    title: "cnonce was changed after the response was computed over it",
    clause: "RFC 7616 3.4.1",
    apply: (right) => changed(right, { cnonce: `${right.fields.cnonce ?? ""}0` }),
  },
  staleQop: {
    title: "qop was changed after the response was computed over it",
    clause: "RFC 7616 3.4.1",
    apply: (right) => changed(right, { qop: right.fields.qop === "auth" ? "auth-int" : "auth" }),
  },
} as const satisfies Readonly<Record<string, Deviation>>;

/** One directive is not what was challenged or asked, and the response is right for it. */
const RECOMPUTED_DEVIATIONS = {
  otherUri: {
    title: "uri names another resource than the request line, the response is computed for it",
    clause: "RFC 7616 3.4.6",
    apply: (right, secrets) => recomputed(changed(right, { uri: OTHER_PATH }), secrets),
  },
  otherRealm: {
    title: "realm is that of another enabler, the response is computed for it",
    clause: "RFC 7616 3.4.2",
    apply: (right, secrets) => recomputed(changed(right, { realm: otherRealm(right.fields.realm) }), secrets),
  },
  weakerQop: {
    title: "qop is auth, whatever was offered, the response is computed for it",
    clause: "RFC 7616 3.4",
    apply: (right, secrets) => recomputed(changed(right, { qop: "auth" }), secrets),
  },
  weakerAlgorithm: {
    title: "algorithm is left out and the response is one of MD5, whatever was challenged",
    clause: "RFC 7616 3.4",
    apply: ({ fields: { algorithm: _algorithm, ...fields }, request }, { algorithm, password }) =>
      recomputed({ fields, request }, { algorithm: WEAK.includes(algorithm) ? algorithm : "MD5", password }),
  },
  omittedNonceCount: {
    title: "qop is there and nc is not, the response is computed with none",
    clause: "RFC 7616 3.4",
    apply: ({ fields: { nc: _nc, ...fields }, request }, secrets) => recomputed({ fields, request }, secrets),
  },
  omittedCnonce: {
    title: "qop is there and cnonce is not, the response is computed with none",
    clause: "RFC 7616 3.4",
    apply: ({ fields: { cnonce: _cnonce, ...fields }, request }, secrets) =>
      recomputed({ fields, request }, secrets),
  },
} as const satisfies Readonly<Record<string, Deviation>>;

/** How single directives of an Authorization header can be wrong. */
export const DIRECTIVE_DEVIATIONS = { ...STALE_DEVIATIONS, ...RECOMPUTED_DEVIATIONS } as const;

function nextCount(nc: string): string {
  return (Number.parseInt(nc, 16) + 1).toString(16).padStart(8, "0");
}

/** The first label of the FQDN is another one. */
function otherRealm(realm = ""): string {
  return realm.replace(/@[^.;]*/g, "@other-naf");
}
