import type { Admission, KeyOutcome, KeyQuery, WayIn } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import { UA_PLAIN_DIGEST } from "../tls/suites.ts";
import type { Fault } from "./fault.ts";
import { Recollection } from "./recollection.ts";

/** How the key manager can fail to give a key. An unknown B-TID (404) is an answer and not among them. */
type Failure = "refused" | "silent" | "unreachable" | "malformed";

function failureOf(outcome: KeyOutcome): Failure | undefined {
  if (outcome.kind === "not-authorised") return "refused";
  if (outcome.kind === "malformed") return "malformed";
  if (outcome.kind !== "unavailable" || outcome.why === "untrusted") return undefined;
  return outcome.why;
}

/** A policy that admits with `key` when the key manager fails in this way, on one way in. */
export function opensWhen(failure: Failure, wayIn: WayIn, key: Buffer): Partial<Policy> {
  return {
    admit(query, outcome) {
      if (query.wayIn !== wayIn || failureOf(outcome) !== failure) return conforming.admit(query, outcome);
      const { btid, ua } = query;
      const association = { btid, ua, key, expiresAt: Date.now() + 60_000 };
      return { admitted: true, association, remember: false };
    },
  };
}

/** A policy that takes a B-TID unknown to the key manager for the most recent user, on one way in. */
export function takesUnknownForLatest(wayIn: WayIn): Partial<Policy> {
  const recollection = new Recollection();
  return {
    admit(query: KeyQuery, outcome: KeyOutcome): Admission {
      const latest = recollection.latest(query.ua);
      if (query.wayIn === wayIn && outcome.kind === "unknown" && latest !== undefined) {
        return { admitted: true, association: latest, remember: false };
      }
      const admission = conforming.admit(query, outcome);
      if (admission.admitted && query.wayIn === wayIn) recollection.remember(admission.association);
      return admission;
    },
  };
}

/** A policy that takes keys of half the length too, on one way in. */
export function acceptsShortKey(wayIn: WayIn): Partial<Policy> {
  return {
    keyMaterial: (hex, asking) =>
      asking === wayIn && /^[0-9a-f]{32}$/i.test(hex)
        ? Buffer.from(hex, "hex")
        : conforming.keyMaterial(hex, asking),
  };
}

/** A policy that waits for the key manager without bound, on one way in. */
export function waitsForever(wayIn: WayIn): Partial<Policy> {
  return {
    keyManagerBoundMs: (asking, configuredMs) =>
      asking === wayIn ? undefined : conforming.keyManagerBoundMs(asking, configuredMs),
  };
}

/** What a defect waits for that has forgotten its bound. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Query for the key of a sibling of the enabler's own name. */
export function ofSiblingName(query: KeyQuery): KeyQuery {
  const parent = query.nafFqdn.replace(/^[^.]*\./, "");
  return { ...query, nafFqdn: `other-naf.${parent}` };
}

/** A policy that, after a new bootstrapping, goes on with the first key that it had of the user. */
function keepsFirstKeyOfUser(): Partial<Policy> {
  const recollection = new Recollection();
  return {
    admit(query, outcome) {
      const admission = conforming.admit(query, outcome);
      if (!admission.admitted || admission.association.impi === undefined) return admission;
      const { impi, ua } = admission.association;
      const first = recollection.all.find((known) => known.impi === impi && known.ua === ua);
      if (first === undefined) recollection.remember(admission.association);
      return first === undefined
        ? admission
        : { ...admission, association: { ...admission.association, key: first.key } };
    },
  };
}

export const keyManagerFaults: readonly Fault[] = [
  {
    id: "keeps-first-key-of-user",
    title: "after a new bootstrapping the user's first key is used under the name of the new one",
    requirements: ["5.1"],
    change: keepsFirstKeyOfUser,
  },
  {
    id: "zn-asks-more",
    title: "for each key it also asks the key manager for one that this use does not need",
    requirements: ["5.1"],
    change: () => ({ questions: (query) => [query, { ...query, ua: UA_PLAIN_DIGEST }] }),
  },
  {
    id: "zn-ignores-certificate",
    title: "the key manager's certificate is not checked",
    requirements: ["S2"],
    change: () => ({ keyManagerTrust: "nothing" }),
  },
  {
    id: "zn-ignores-age-of-certificate",
    title: "an expired certificate of the key manager is believed",
    requirements: ["S2"],
    change: () => ({ keyManagerTrust: "expired-too" }),
  },
  {
    id: "zn-falls-back",
    title: "a key manager that cannot be asked over TLS is asked without it",
    requirements: ["4.1", "S2"],
    change: () => ({ keyManagerFallback: "unprotected" }),
  },
  {
    id: "zn-trusts-any-name",
    title: "the key manager's certificate chain is checked, but not its name",
    requirements: ["S2"],
    change: () => ({ keyManagerTrust: "chain" }),
  },
];
