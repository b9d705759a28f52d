import { randomBytes } from "node:crypto";
import { IssuedNonces } from "../digest/nonces.ts";
import { conforming } from "../policy/conforming.ts";
import { Playbacks } from "../tls/playbacks.ts";
import { verified } from "../tls/record-path.ts";
import type { Fault } from "./fault.ts";
import { CountOfLastNonce, SignedNonces, UncountedNonces, UnorderedCounts } from "./nonces.ts";
import { acceptInAnyOrder } from "./records.ts";

const CAPACITY = 10_000;

/** A request is known again by the text of its response, which is compared without case. */
function replaysByText(): ReturnType<Fault["change"]> {
  const seen = new Set<string>();
  return {
    nonceLedger: () => new UncountedNonces(),
    credentials(authorization) {
      const upper = /\bresponse="([0-9A-F]+)"/.exec(authorization[0] ?? "")?.[1];
      const lower = authorization.map((value) =>
        upper === undefined ? value : value.replace(upper, upper.toLowerCase()),
      );
      const credentials = conforming.credentials(lower);
      return typeof credentials === "string" || upper === undefined
        ? credentials
        : { ...credentials, response: upper };
    },
    async provenKey(proof) {
      const { credentials } = proof;
      if (seen.has(credentials.response)) return undefined;
      const response = credentials.response.toLowerCase();
      const key = await conforming.provenKey({ ...proof, credentials: { ...credentials, response } });
      if (seen.size >= CAPACITY) seen.clear();
      if (key !== undefined) seen.add(credentials.response);
      return key;
    },
  };
}

/** A user has one nonce: with the first use of a newer one the older ones end, which looks like a wrong response. */
function oneNoncePerUser(): ReturnType<Fault["change"]> {
  const nonces = new Map<string, readonly string[]>();
  return {
    async provenKey(proof) {
      const { username, nonce } = proof.credentials;
      const used = nonces.get(username) ?? [];
      if (used.includes(nonce) && used.at(-1) !== nonce) return undefined;
      const key = await conforming.provenKey(proof);
      if (nonces.size >= CAPACITY) nonces.clear();
      if (key !== undefined && !used.includes(nonce)) nonces.set(username, [...used, nonce]);
      return key;
    },
  };
}

/** What a connection brought is known while it lasts, and there only. */
function remembersConnection(): ReturnType<Fault["change"]> {
  const seen = new WeakMap<object, Set<string>>();
  return {
    nonceLedger: () => new UncountedNonces(),
    async answer(steps) {
      const known = seen.get(steps.connection) ?? new Set();
      seen.set(steps.connection, known);
      const text = steps.authorization.join();
      if (text !== "" && known.has(text)) return steps.refuse("used-count");
      known.add(text);
      return conforming.answer(steps);
    },
  };
}

/** Defects in what is known of nonces and requests that were used before. */
export const digestReplayFaults: readonly Fault[] = [
  {
    id: "digest-forgets-counts",
    title: "nonces are known by a signature, and their used counts to one instance only and until it ends",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new SignedNonces() }),
  },
  {
    id: "digest-counts-last-nonce",
    title: "the used counts of a nonce are forgotten when another nonce is used",
    requirements: ["1.1", "1.4"],
    change: () => ({ nonceLedger: () => new CountOfLastNonce() }),
  },
  {
    id: "digest-accepts-lower-count",
    title: "a nonce count lower than the last is accepted, although the opposite is claimed",
    requirements: ["1.4"],
    change: () => ({ nonceLedger: () => new UnorderedCounts() }),
  },
  {
    id: "digest-replay-by-text",
    title: "a replay is known by the text of its response, and upper case makes another text",
    requirements: ["1.1", "1.4"],
    change: replaysByText,
  },
  {
    id: "digest-replayed-records-act",
    title: "records may come again, and nonce counts are not kept, so that a request in them acts again",
    requirements: ["1.1", "1.4", "3.1"],
    change: () => ({
      recordPath: { accept: acceptInAnyOrder },
      nonceLedger: () => new UncountedNonces(),
    }),
  },
  {
    id: "https-connection-played-back",
    title:
      "a whole connection that is played back is answered as it was once, and its Digest requests act again",
    requirements: ["1.4", "1.1"],
    change: () => ({
      ...remembersConnection(),
      recordPath: { accept: verified, playbacks: new Playbacks() },
    }),
  },
  {
    id: "digest-remembers-connection",
    title: "a replay is known on the connection that brought the request, and on no other",
    requirements: ["1.1", "1.4"],
    change: remembersConnection,
  },
  {
    id: "digest-one-nonce-per-user",
    title: "the use of a newer nonce ends the older ones of the user, and the enabler does not say so",
    requirements: [],
    clauses: ["RFC 7616 3.4"],
    change: oneNoncePerUser,
  },
  {
    id: "digest-unknown-next-nonce",
    title: "the next nonce that Authentication-Info names is not accepted",
    requirements: [],
    clauses: ["RFC 7616 3.5"],
    change: () => ({
      authenticationInfo: (info) =>
        info.nextnonce === undefined ? info : { ...info, nextnonce: randomBytes(24).toString("base64") },
    }),
  },
  {
    id: "digest-nonces-never-age",
    title: "a nonce is accepted after the end of its lifetime",
    requirements: ["1.1", "1.4"],
    shownBy: "reference-digest",
    change: () => ({ nonceLedger: () => new IssuedNonces() }),
  },
];
