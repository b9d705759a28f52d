import type { Identity } from "../association.ts";
import type { Fault } from "./fault.ts";

/** Defects in whom the application is told. */
export const identityFaults: readonly Fault[] = [
  {
    id: "mixes-users",
    title: "the application is told the user who authenticated last, on whatever connection",
    requirements: ["1.1", "1.3", "5.1"],
    change: () => {
      let last: Identity | undefined;
      return {
        identityTold({ identity, fresh }) {
          if (fresh || last === undefined) last = identity;
          return last;
        },
      };
    },
  },
  {
    id: "anonymous-told-previous-user",
    title: "for an anonymous user the application is told the last IMPI that was known",
    requirements: ["1.1"],
    change: () => {
      let lastImpi: string | undefined;
      return {
        identityTold({ identity }) {
          if (identity.form === "IMPI") lastImpi = identity.user;
          return lastImpi === undefined ? identity : { ...identity, user: lastImpi, form: "IMPI" };
        },
      };
    },
  },
  {
    id: "forgets-user-of-second-key",
    title: "under the second key of a user the application is told the B-TID of the first",
    requirements: ["1.1"],
    change: () => {
      const first = new Map<string, string>();
      return {
        identityTold({ identity }) {
          const { user, form, btid } = identity;
          if (form !== "IMPI") return identity;
          const known = first.get(user) ?? btid;
          first.set(user, known);
          return known === btid ? identity : { ...identity, user: known, form: "B-TID" };
        },
      };
    },
  },
  {
    id: "digest-user-of-connection",
    title: "all requests of a kept-alive connection are told as those of its first user",
    requirements: ["1.1"],
    change: () => {
      const first = new WeakMap<object, Identity>();
      return {
        identityTold({ identity, wayIn, connection }) {
          if (wayIn !== "uc1.https-digest") return identity;
          const told = first.get(connection) ?? identity;
          first.set(connection, told);
          return told;
        },
      };
    },
  },
  {
    id: "trusts-intended-identity",
    title: "the application is told whatever identity the terminal presents",
    requirements: ["1.1"],
    change: () => ({
      identityTold: ({ identity, intended }) =>
        intended === undefined ? identity : { ...identity, user: intended },
    }),
  },
];
