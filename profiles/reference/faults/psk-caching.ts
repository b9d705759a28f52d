import type { Association } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import type { Fault } from "./fault.ts";

/** A policy that keeps the keys of handshakes; `prolonged` says what becomes of a kept one before it is used again. */
function keepsKeys(prolonged: (association: Association) => Association): Partial<Policy> {
  const kept = new Map<string, Association>();
  return {
    async choosePsk(attempt) {
      const index = JSON.stringify(attempt.query);
      const found = kept.get(index);
      const association = found === undefined ? undefined : prolonged(found);
      if (association !== undefined && association.expiresAt > Date.now())
        return { kind: "key", association };
      const choice = await conforming.choosePsk(attempt);
      if (choice.kind === "key") kept.set(index, choice.association);
      return choice;
    },
  };
}

/** Defects in how long keys are kept. */
export const cachingFaults: readonly Fault[] = [
  {
    id: "psk-keeps-keys",
    title: "keys of PSK handshakes are kept until they expire, although the statement says that none are",
    requirements: [],
    clauses: ["TS 33.220 4.5.3"],
    change: () => keepsKeys((association) => association),
  },
  {
    id: "psk-keeps-keys-forever",
    title: "keys of PSK handshakes are kept and used again after they have expired",
    requirements: ["5.1"],
    clauses: ["TS 33.220 4.5.3"],
    change: () => keepsKeys((association) => ({ ...association, expiresAt: Date.now() + 60_000 })),
  },
  {
    id: "digest-keeps-no-keys",
    title: "the key is asked for with each request, although the statement says that keys are kept",
    requirements: [],
    // Without a kept key no session outlives the right to keys, which the statement claims too.
    clauses: ["TS 33.220 4.5.3", "RD 5.1.3"],
    change: () => ({ keepsKeys: (wayIn, configured) => wayIn !== "uc1.https-digest" && configured }),
  },
  {
    id: "digest-keeps-keys",
    title: "keys of Digest are kept until they expire, although the statement says that none are",
    requirements: [],
    clauses: ["TS 33.220 4.5.3"],
    shownBy: "reference-diameter",
    change: () => ({ keepsKeys: (wayIn, configured) => wayIn === "uc1.https-digest" || configured }),
  },
  {
    id: "psk-keeps-no-keys",
    title: "the key is asked for with each handshake, although the statement says that keys are kept",
    requirements: [],
    clauses: ["TS 33.220 4.5.3"],
    shownBy: "reference-diameter",
    change: () => ({ keepsKeys: (wayIn, configured) => wayIn !== "uc1.psk-tls" && configured }),
  },
];
