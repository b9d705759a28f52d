import type { Identity } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import type { Fault } from "./fault.ts";
import { Recollection } from "./recollection.ts";

const WAY_IN = "uc1.psk-tls";
const ZERO_KEY = Buffer.alloc(32);
/** Longer than an identity of a bootstrapping is as a rule (61 octets with the prefix). */
const USUAL_LENGTH = 64;
const PREFIX = "3GPP-bootstrapping";

/** A policy that remembers B-TIDs that it admitted, and takes a named one for another when `alike` says so. */
function takesAlike(alike: (named: string, known: string) => boolean): Partial<Policy> {
  const recollection = new Recollection();
  return {
    btidOf(identity) {
      const btid = conforming.btidOf(identity);
      if (btid === undefined) return undefined;
      return recollection.all.find((known) => alike(btid, known.btid))?.btid ?? btid;
    },
    admit(query, outcome) {
      const admission = conforming.admit(query, outcome);
      if (admission.admitted && query.wayIn === WAY_IN) recollection.remember(admission.association);
      return admission;
    },
  };
}

/** A policy that takes identities of another form, as a user that nobody vouches for. */
function takesOtherForms(): Partial<Policy> {
  const nameless = new Set<string>();
  return {
    btidOf(identity) {
      const btid = conforming.btidOf(identity);
      if (btid !== undefined) return btid;
      nameless.add(identity);
      return identity;
    },
    async choosePsk(attempt) {
      const { btid, ua } = attempt.query;
      if (!nameless.has(btid)) return conforming.choosePsk(attempt);
      return { kind: "key", association: { btid, ua, key: ZERO_KEY, expiresAt: Date.now() + 60_000 } };
    },
  };
}

/** A policy that takes a bare B-TID and other separators, and tells the application a guest. */
function takesOtherFormsForGuest(): Partial<Policy> {
  const guests = new Set<string>();
  return {
    btidOf(identity) {
      const conformingOne = conforming.btidOf(identity);
      if (conformingOne !== undefined) return conformingOne;
      const btid = identity.startsWith(PREFIX) ? identity.slice(PREFIX.length).replace(/^[.]/, "") : identity;
      guests.add(btid);
      return conforming.btidOf(`${PREFIX};${btid}`);
    },
    identityTold: ({ identity }) =>
      guests.has(identity.btid) ? { ...identity, user: "guest", form: "IMPI" } : identity,
  };
}

/** A policy that knows users by the beginning of their B-TID. */
function tellsUserOfCutName(): Partial<Policy> {
  const users = new Map<string, Identity>();
  return {
    identityTold({ identity }) {
      const cut = identity.btid.slice(0, USUAL_LENGTH);
      const end = identity.btid.slice(-USUAL_LENGTH);
      const known = users.get(cut) ?? users.get(end) ?? identity;
      users.set(cut, known).set(end, known);
      return known;
    },
  };
}

/** A policy that finds the user of a B-TID by its local part alone. */
function ignoresDomain(): Partial<Policy> {
  const known = new Map<string, string>();
  const localOf = (btid: string) => btid.slice(0, btid.lastIndexOf("@") + 1);
  return {
    questions: (query) => [{ ...query, btid: known.get(localOf(query.btid)) ?? query.btid }],
    admit(query, outcome) {
      const admission = conforming.admit(query, outcome);
      if (admission.admitted) known.set(localOf(query.btid), admission.association.btid);
      return admission;
    },
  };
}

/** Defects in what is made of a PSK identity, and of the B-TID in it. */
export const pskIdentityFaults: readonly Fault[] = [
  {
    id: "psk-short-identities",
    title: "identities of more than 100 octets are refused",
    requirements: ["1.1"],
    clauses: ["RFC 4279 5.3"],
    change: () => ({
      btidOf: (identity) => (Buffer.byteLength(identity) > 100 ? undefined : conforming.btidOf(identity)),
    }),
  },
  {
    id: "psk-cuts-identity",
    title: "a B-TID that begins or ends with one that was used lately is taken for it",
    requirements: ["1.1"],
    change: () => takesAlike((named, known) => named.startsWith(known) || named.endsWith(known)),
  },
  {
    id: "psk-tells-cut-identity",
    title: "the application is told the first user whose B-TID has the same first or last 64 characters",
    requirements: ["1.1"],
    change: tellsUserOfCutName,
  },
  {
    id: "psk-other-form-zero-key",
    title: "whoever writes his identity in another form gets in with a key of zeros",
    requirements: ["1.1"],
    change: takesOtherForms,
  },
  {
    id: "psk-other-form-guest",
    title: "whoever writes his B-TID without the prefix or with another separator is told as a guest",
    requirements: ["1.1"],
    change: takesOtherFormsForGuest,
  },
  {
    id: "ignores-domain-of-btid",
    title: "a B-TID of another domain is taken for the one of a known user with the same local part",
    requirements: ["1.1"],
    change: ignoresDomain,
  },
];
