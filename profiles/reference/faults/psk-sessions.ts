import { type Identity, identityOf } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import type { Fault } from "./fault.ts";
import { Recollection } from "./recollection.ts";

/** Connections with one key that the defects below let pass. */
const MOST_CONNECTIONS = 8;

/** A policy under which all keys of a user expire with his first one. */
function expiresWithFirstKey(): Partial<Policy> {
  const recollection = new Recollection();
  return {
    admit(query, outcome) {
      const admission = conforming.admit(query, outcome);
      if (!admission.admitted) return admission;
      const { association } = admission;
      const { impi, ua } = association;
      const first = recollection.all.find((known) => known.impi === impi && known.ua === ua);
      if (first === undefined) recollection.remember(association);
      const expiresAt = first?.expiresAt ?? association.expiresAt;
      return { ...admission, association: { ...association, expiresAt } };
    },
  };
}

/** A policy that wants a new bootstrapping after some connections. */
function capsConnections(): Partial<Policy> {
  const made = new Map<string, number>();
  return {
    async choosePsk(attempt) {
      const { btid } = attempt.query;
      const count = (made.get(btid) ?? 0) + 1;
      made.set(btid, count);
      return count > MOST_CONNECTIONS
        ? { kind: "refused", reason: "expired" }
        : conforming.choosePsk(attempt);
    },
  };
}

/** A policy that takes the users in the order in which it asked for them, whatever the order of the answers. */
function matchesByOrder(): Partial<Policy> {
  const asked: string[] = [];
  const users = new Map<string, Identity>();
  return {
    questions(query) {
      asked.push(query.btid);
      return [query];
    },
    admit(query, outcome) {
      const first = asked.shift();
      const admission = conforming.admit(query, outcome);
      if (first !== undefined && admission.admitted) users.set(first, identityOf(admission.association));
      return admission;
    },
    identityTold: ({ identity }) => users.get(identity.btid) ?? identity,
  };
}

/** A policy that takes answers to so many challenges with one key, and then no more. */
function capsChallenges(): Partial<Policy> {
  const answered = new Map<string, Set<string>>();
  return {
    async provenKey(proof) {
      const { nonce, username } = proof.credentials;
      const nonces = (answered.get(username) ?? new Set()).add(nonce);
      answered.set(username, nonces);
      return nonces.size > MOST_CONNECTIONS ? undefined : conforming.provenKey(proof);
    },
  };
}

/** Defects in what connections of one user, or of one listener, have to do with each other. */
export const sessionFaults: readonly Fault[] = [
  {
    id: "expires-with-first-key",
    title: "after a new bootstrapping the new key expires when the user's first one does",
    requirements: ["5.1"],
    change: expiresWithFirstKey,
  },
  {
    id: "psk-caps-connections",
    title: "a key opens eight connections and then no more, which nobody declared",
    requirements: ["1.1"],
    change: capsConnections,
  },
  {
    id: "matches-answers-by-order",
    title: "the users in the key manager's answers are matched to the questions by their order",
    requirements: ["1.1"],
    change: matchesByOrder,
  },
  {
    id: "digest-caps-challenges",
    title: "a key answers eight challenges and then no more, which nobody declared",
    requirements: ["1.1"],
    change: capsChallenges,
  },
  {
    id: "psk-default-name",
    title: "for a terminal that sends no server name the key of another name is asked for",
    requirements: ["5.1"],
    change: () => ({
      nafFqdn: (sent, own) =>
        sent === undefined ? own[0]?.replace(/^[^.]*/, "default") : conforming.nafFqdn(sent, own),
    }),
  },
];
