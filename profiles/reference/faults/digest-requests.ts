import type { Checked } from "../digest/terms.ts";
import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";

/** While a request of a connection is being checked, the outcome counts for those behind it too. */
function checksFlightOnce(): ReturnType<Fault["change"]> {
  const underWay = new WeakMap<object, Promise<Checked>>();
  return {
    async answer(steps) {
      const { connection } = steps;
      const first = underWay.get(connection);
      const checking = first ?? steps.check();
      underWay.set(connection, checking);
      try {
        const checked = await checking;
        return await conforming.answer({ ...steps, check: async () => checked });
      } finally {
        if (first === undefined) underWay.delete(connection);
      }
    },
  };
}

/** The key that was proven first with a nonce is the one for all its counts, whatever name comes with it. */
function keepsKeyWithNonce(): ReturnType<Fault["change"]> {
  const keys = new Map<string, Buffer>();
  return {
    async provenKey(proof) {
      const { nonce } = proof.credentials;
      const kept = keys.get(nonce);
      const association = kept === undefined ? proof.association : { ...proof.association, key: kept };
      const key = await conforming.provenKey({ ...proof, association });
      if (key !== undefined) keys.set(nonce, key);
      return key;
    },
  };
}

/** A policy that takes a chunked body for the one that was hashed. */
const skipsChunkedBody: Fault["change"] = () => ({
  provenKey: async (proof) =>
    proof.chunked && proof.credentials.protection?.qop === "auth-int"
      ? proof.association.key
      : conforming.provenKey(proof),
});

/** Defects in how requests are told apart: their users, their keys, their bodies. */
export const digestRequestFaults: readonly Fault[] = [
  {
    id: "digest-checks-flight-once",
    title: "requests that come while another one of the connection is being checked share its outcome",
    requirements: ["1.1"],
    change: checksFlightOnce,
  },
  {
    id: "digest-keeps-key-with-nonce",
    title: "the key that was proven first with a nonce is used for every name that comes with it",
    requirements: ["1.1"],
    change: keepsKeyWithNonce,
  },
  {
    id: "digest-btid-without-case",
    title: "a key that is kept is found under every spelling of its B-TID",
    requirements: ["1.1"],
    change: () => ({
      keyIndex: ({ btid, ...query }) => conforming.keyIndex({ ...query, btid: btid.toLowerCase() }),
    }),
  },
  {
    id: "digest-cache-ignores-ua",
    title: "a key that is kept is used whatever the Ua security protocol identifier is",
    requirements: ["5.1"],
    change: () => ({ keyIndex: (query) => conforming.keyIndex({ ...query, ua: "" }) }),
  },
  {
    id: "digest-skips-chunked-body",
    title: "under auth-int a chunked body is not checked against the response",
    requirements: ["1.3", "3.1"],
    change: skipsChunkedBody,
  },
  {
    id: "digest-cut-bodies-processed",
    title:
      "a request whose chunked body was cut by the end of the connection is processed, under auth-int too",
    requirements: ["1.3", "3.1"],
    change: () => ({ ...skipsChunkedBody(), cutBody: "processed" }),
  },
  {
    id: "digest-hashes-no-chunked-body",
    title: "under auth-int a chunked body is hashed as an empty one",
    requirements: [],
    clauses: ["RFC 7616 3.4.3"],
    change: () => ({
      provenKey: (proof) => conforming.provenKey(proof.chunked ? { ...proof, body: Buffer.alloc(0) } : proof),
    }),
  },
  {
    id: "digest-rspauth-of-unsent-body",
    title: "rspauth of an answer to HEAD covers the body that GET would get",
    requirements: [],
    clauses: ["RFC 7616 3.5"],
    change: () => ({ sentBody: (_method, body) => body }),
  },
];
