import { digestOf, inputOf } from "../digest/computation.ts";
import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";
import { FixedNonce, NoncesByCnonce, UncountedNonces, UnissuedNonces } from "./nonces.ts";

const COMPARED_DIGITS = 8;
const NOBODY = { user: "anonymous", form: "B-TID", btid: "anonymous" } as const;

/** Defects in how a Digest answer is checked. */
const checkFaults: readonly Fault[] = [
  {
    id: "digest-accepts-any-response",
    title: "any response of the right form is taken for a right one",
    requirements: ["1.1", "1.3", "3.1", "5.1"],
    change: () => ({ provenKey: async ({ association }) => association.key }),
  },
  {
    id: "digest-compares-prefix",
    title: "only the first 8 digits of the response are compared",
    requirements: ["1.1"],
    change: () => ({
      async provenKey({ credentials, method, body, association }) {
        const expected = digestOf(inputOf(credentials, association.key), method, body);
        return expected.startsWith(credentials.response.slice(0, COMPARED_DIGITS))
          ? association.key
          : undefined;
      },
    }),
  },
  {
    id: "digest-accepts-replay",
    title: "nonce counts are not kept, so that a recorded request acts again",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new UncountedNonces() }),
  },
  {
    id: "digest-replay-by-cnonce",
    title: "only the same count with the same cnonce is taken for a replay",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new NoncesByCnonce() }),
  },
  {
    id: "digest-fixed-nonce",
    title: "every challenge carries the same nonce and starts its counts anew",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new FixedNonce() }),
  },
  {
    id: "digest-accepts-any-nonce",
    title: "a nonce that was never issued is accepted",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new UnissuedNonces() }),
  },
  {
    id: "digest-skips-body",
    title: "under auth-int a request with a body is not checked against its response",
    requirements: ["1.3", "3.1"],
    change: () => ({
      async provenKey(proof) {
        const { credentials, body, association } = proof;
        const skipped = credentials.protection?.qop === "auth-int" && body.length > 0;
        return skipped ? association.key : conforming.provenKey(proof);
      },
    }),
  },
  {
    id: "digest-acts-before-check",
    title: "a request with a body acts before its response is checked",
    requirements: ["1.3", "3.1"],
    change: () => ({
      async answer(steps) {
        if (!steps.hasBody) return conforming.answer(steps);
        const early = steps.act({ ok: true, identity: NOBODY, authenticationInfo: () => undefined });
        const checked = await steps.check();
        if (!checked.ok) return steps.refuse(checked.refusal);
        const info = checked.authenticationInfo(early.body);
        if (info === undefined) return early;
        return { ...early, headers: [...early.headers, ["Authentication-Info", info]] };
      },
    }),
  },
  {
    id: "digest-accepts-no-qop",
    title: "an answer without qop is accepted although qop was demanded",
    requirements: ["1.1"],
    change: () => ({ qopRequired: false }),
  },
  {
    id: "digest-serves-without-credentials",
    title: "a request without credentials is served",
    // Whoever is served unasked is served in every other question too.
    requirements: ["1.1", "1.3", "1.4", "4.1", "5.1", "S2"],
    change: () => ({ identityWithoutCredentials: NOBODY }),
  },
];

/** Defects in what the enabler says: clauses of the binding, no requirement. */
const bindingFaults: readonly Fault[] = [
  {
    id: "digest-expired-without-challenge",
    title: "an expired B-TID is answered without the challenge that makes the terminal bootstrap again",
    requirements: [],
    clauses: ["TS 24.109 5.2.5"],
    change: () => ({
      refusal: (reason) =>
        reason === "expired" ? { status: 403, challenge: false, stale: false } : conforming.refusal(reason),
    }),
  },
  {
    id: "digest-wrong-rspauth",
    title: "Authentication-Info proves nothing: its rspauth is wrong",
    requirements: [],
    clauses: ["RFC 7616 3.5"],
    change: () => ({
      authenticationInfo: (info) => ({ ...info, rspauth: "0".repeat(info.rspauth.length) }),
    }),
  },
  {
    id: "digest-incomplete-authentication-info",
    title: "Authentication-Info names a qop and leaves rspauth out",
    requirements: [],
    clauses: ["RFC 7616 3.5"],
    change: () => ({ authenticationInfo: ({ qop, cnonce, nc }) => ({ qop, cnonce, nc }) }),
  },
  {
    id: "digest-foreign-realm",
    title: "the challenge names a realm that is none of bootstrapping",
    requirements: ["1.1", "5.1"],
    clauses: ["TS 24.109 5.2.4"],
    change: () => ({ realm: (serverName) => `members@${serverName}` }),
  },
  {
    id: "digest-unauthorized-without-challenge",
    title: "wrong credentials are answered 401 without WWW-Authenticate",
    requirements: [],
    clauses: ["RFC 9110 15.5.2"],
    change: () => ({
      refusal: (reason) =>
        reason === "wrong-response" || reason === "unknown-nonce"
          ? { status: 401, challenge: false, stale: false }
          : conforming.refusal(reason),
    }),
  },
];

export const digestAnswerFaults: readonly Fault[] = [...checkFaults, ...bindingFaults];
