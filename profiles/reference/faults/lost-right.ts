import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";
import { Recollection } from "./recollection.ts";

/** Defects in what the enabler does when the key manager no longer lets it have keys. */
export const lostRightFaults: readonly Fault[] = [
  {
    id: "lost-right-key-held",
    title: "where the enabler may not have a key, it goes on with the key that it got last",
    requirements: ["1.1", "5.1"],
    change: () => {
      const recollection = new Recollection();
      return {
        admit(query, outcome) {
          if (outcome.kind === "key") recollection.remember(outcome.association);
          const held = outcome.kind === "not-authorised" ? recollection.latest(query.ua) : undefined;
          if (held === undefined) return conforming.admit(query, outcome);
          return { admitted: true, association: { ...held, btid: query.btid }, remember: false };
        },
      };
    },
  },
  {
    id: "lost-right-ends-sessions",
    title: "when the enabler may not have a key, the session that is used next ends, against what is claimed",
    requirements: [],
    clauses: ["RD 5.1.3"],
    change: () => {
      let lost = false;
      return {
        admit(query, outcome) {
          if (outcome.kind === "not-authorised") lost = true;
          return conforming.admit(query, outcome);
        },
        hasExpired(expiresAt, now, wayIn, moment) {
          const ends = lost && moment === "later";
          if (ends) lost = false;
          return ends || conforming.hasExpired(expiresAt, now, wayIn, moment);
        },
      };
    },
  },
];
