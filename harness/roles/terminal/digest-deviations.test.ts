import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseAuthorization } from "../../protocols/digest/index.ts";
import { DIGEST_DEVIATIONS, type DigestDeviation, deviate } from "./digest-deviations.ts";
import { type DigestFields, type DigestSecrets, recomputed, type SentRequest } from "./sent-request.ts";

const SECRETS: DigestSecrets = { algorithm: "SHA-256", password: "cGFzc3dvcmQ=" };
const RIGHT = recomputed(
  {
    request: { method: "POST", target: "/counter", body: "one more" },
    fields: {
      username: "user@bsf.home1.example",
      realm: "3GPP-bootstrapping@naf.home1.example",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c0",
      uri: "/counter",
      algorithm: "SHA-256",
      opaque: "o",
      qop: "auth-int",
      nc: "00000001",
      cnonce: "0a4f113b",
    },
  },
  SECRETS,
);

/** What the response has to be over the fields as they stand there, of node:crypto alone. */
function responseFor({ fields, request }: SentRequest): string {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const { username, realm, nonce, uri, nc, cnonce, qop } = fields;
  const a1 = hash(`${username}:${realm}:${SECRETS.password}`);
  if (qop === undefined) return hash(`${a1}:${nonce}:${hash(`${request.method}:${uri}`)}`);
  const a2 = hash(`${request.method}:${uri}:${hash(request.body ?? "")}`);
  return hash(`${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`);
}

function differing(a: DigestFields, b: DigestFields): readonly string[] {
  return Object.keys({ ...a, ...b })
    .filter((name) => Reflect.get(a, name) !== Reflect.get(b, name))
    .sort();
}

interface Difference {
  /** Fields that differ from the right credentials. */
  readonly fields: readonly string[];
  /** Whether the response is right for what is sent. */
  readonly responseFits: boolean;
  readonly holds: (lie: SentRequest) => boolean;
}

const right = RIGHT.fields.response ?? "";
const response = ({ fields }: SentRequest) => fields.response ?? "";

/** Only the digit at this place differs. */
const oneDigit = (place: number): Difference => ({
  fields: ["response"],
  responseFits: false,
  holds: (lie) =>
    /^[0-9a-f]{64}$/.test(response(lie)) &&
    [...response(lie)].every((digit, at) => (digit !== right[at]) === (at === place)),
});

const DIFFERENCES: Readonly<Record<DigestDeviation, Difference>> = {
  wrongResponse: {
    fields: ["response"],
    responseFits: false,
    holds: (lie) =>
      /^[0-9a-f]{64}$/.test(response(lie)) && [...response(lie)].every((digit, at) => digit !== right[at]),
  },
  responseRightAtBegin: {
    fields: ["response"],
    responseFits: false,
    holds: (lie) =>
      response(lie).slice(0, 16) === right.slice(0, 16) &&
      /^[0-9a-f]{64}$/.test(response(lie)) &&
      [...response(lie)].every((digit, at) => at < 16 || digit !== right[at]),
  },
  firstDigitWrong: oneDigit(0),
  middleDigitWrong: oneDigit(32),
  lastDigitWrong: oneDigit(63),
  emptyResponse: { fields: ["response"], responseFits: false, holds: (lie) => response(lie) === "" },
  shortResponse: {
    fields: ["response"],
    responseFits: false,
    holds: (lie) => response(lie) === right.slice(0, 63),
  },
  longResponse: {
    fields: ["response"],
    responseFits: false,
    holds: (lie) => response(lie).length === 65 && response(lie).startsWith(right),
  },
  inventedNonce: {
    fields: ["nonce", "response"],
    responseFits: true,
    holds: ({ fields }) => fields.nonce !== deviate("inventedNonce", RIGHT, SECRETS).fields.nonce,
  },
  editedNonce: {
    fields: ["nonce", "response"],
    responseFits: true,
    holds: ({ fields: { nonce = "" } }) =>
      nonce.length === RIGHT.fields.nonce?.length && RIGHT.fields.nonce.startsWith(nonce.slice(0, -1)),
  },
  omittedQop: {
    fields: ["cnonce", "nc", "qop", "response"],
    responseFits: true,
    holds: ({ fields }) => !("qop" in fields || "nc" in fields || "cnonce" in fields),
  },
  alteredBody: {
    fields: [],
    responseFits: false,
    holds: ({ request }) => request.body === "one morealtered",
  },
  staleMethod: {
    fields: ["response"],
    responseFits: false,
    holds: ({ fields, request }) =>
      fields.response === responseFor({ fields, request: { ...request, method: "PUT" } }),
  },
  staleUri: stale("uri", ({ uri }) => uri !== "/counter"),
  staleNonceCount: stale("nc", ({ nc }) => nc === "00000002"),
  staleCnonce: stale("cnonce", ({ cnonce }) => cnonce === "0a4f113b0"),
  staleQop: stale("qop", ({ qop }) => qop === "auth"),
  otherUri: computed("uri", ({ uri }) => uri !== "/counter"),
  otherRealm: computed("realm", ({ realm }) => realm === "3GPP-bootstrapping@other-naf.home1.example"),
  weakerQop: {
    fields: ["qop", "response"],
    responseFits: false,
    holds: (lie) => response(lie) === recomputed(lie, SECRETS).fields.response,
  },
  weakerAlgorithm: {
    fields: ["algorithm", "response"],
    responseFits: false,
    holds: (lie) =>
      response(lie) === recomputed(lie, { ...SECRETS, algorithm: "MD5" }).fields.response &&
      !("algorithm" in lie.fields),
  },
  omittedNonceCount: omitted("nc"),
  omittedCnonce: omitted("cnonce"),
  quotedTokens: written(
    /qop="auth-int".*nc="00000001".*algorithm="SHA-256"|algorithm="SHA-256".*qop="auth-int", nc="00000001"/,
  ),
  usernameAsToken: written(/username=user@bsf.home1.example,/),
  upperCaseResponse: {
    fields: ["response"],
    responseFits: false,
    holds: (lie) => response(lie) === right.toUpperCase(),
  },
  staleRealm: stale("realm", ({ realm }) => realm === "3GPP-bootstrapping@naf.home1.example.other"),
  staleAlgorithm: stale("algorithm", ({ algorithm }) => algorithm === "SHA-256-sess"),
  inventedQop: stale("qop", ({ qop }) => qop === "auth-conf"),
  changedOpaque: untouched(({ opaque }) => opaque === "o0"),
  omittedOpaque: untouched(({ opaque }) => opaque === undefined),
};

/** One field is another one, and the response is still that of the right one. */
function stale(field: string, holds: (fields: DigestFields) => boolean): Difference {
  return {
    fields: [field],
    // Realm and algorithm are not in the fields that responseFor reads for the algorithm.
    responseFits: field === "algorithm",
    holds: (lie) => response(lie) === right && holds(lie.fields),
  };
}

/** One field is another one, and the response is right for it. */
function computed(field: string, holds: (fields: DigestFields) => boolean): Difference {
  return { fields: [field, "response"].sort(), responseFits: true, holds: ({ fields }) => holds(fields) };
}

function omitted(field: "nc" | "cnonce"): Difference {
  return {
    fields: [field, "response"].sort(),
    responseFits: false,
    holds: (lie) =>
      !(field in lie.fields) &&
      response(lie) === responseFor({ ...lie, fields: { ...lie.fields, [field]: "" } }),
  };
}

/** What no hash covers. */
function untouched(holds: (fields: DigestFields) => boolean): Difference {
  return { fields: ["opaque"], responseFits: true, holds: ({ fields }) => holds(fields) };
}

/** The same fields, written otherwise. */
function written(form: RegExp): Difference {
  return {
    fields: [],
    responseFits: true,
    holds: ({ authorization = [], fields }) =>
      authorization.length === 1 && form.test(authorization[0] ?? "") && fields === RIGHT.fields,
  };
}

test("quoted tokens are the same parameters to a reader that bears them", () => {
  const [header = ""] = deviate("quotedTokens", RIGHT, SECRETS).authorization ?? [];
  expect(parseAuthorization(header)).toMatchObject(RIGHT.fields);
});

test("the right credentials are right", () => {
  expect(RIGHT.fields.response).toBe(responseFor(RIGHT));
  expect(Object.keys(DIFFERENCES).sort()).toEqual(Object.keys(DIGEST_DEVIATIONS).sort());
});

describe("each deviation differs as its title says and in nothing else", () => {
  const all = Object.entries(DIGEST_DEVIATIONS).map(([name, { title }]) => [name, title] as const);

  test.each(all)("%s: %s", (key, _title) => {
    // The keys of DIGEST_DEVIATIONS, as entries() gives them.
    const name = key as DigestDeviation;
    const before = structuredClone(RIGHT);
    const lie = deviate(name, RIGHT, SECRETS);
    expect(RIGHT).toEqual(before);
    expect(differing(lie.fields, RIGHT.fields)).toEqual(DIFFERENCES[name].fields);
    expect(DIFFERENCES[name].holds(lie)).toBe(true);
    expect(lie.fields.response === responseFor(lie)).toBe(DIFFERENCES[name].responseFits);
    const { body: _body, ...request } = lie.request;
    expect(request).toEqual({ method: "POST", target: "/counter" });
    if (name !== "alteredBody") expect(lie.request).toEqual(RIGHT.request);
  });

  test.each(all)("%s has a clause", (key) => {
    // As above.
    expect(DIGEST_DEVIATIONS[key as DigestDeviation].clause).toMatch(/^(RFC|TS) \d/);
  });
});
