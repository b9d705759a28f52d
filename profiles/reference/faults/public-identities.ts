import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";

/** Defects in what is made of the public identities that the key manager gives. */
export const publicIdentityFaults: readonly Fault[] = [
  {
    id: "public-identity-as-presented",
    title: "the application is told whatever public identity the terminal presents",
    requirements: ["1.1"],
    change: () => ({
      publicIdentityTold: (identity, intended) =>
        intended ?? conforming.publicIdentityTold(identity, intended),
    }),
  },
  {
    id: "public-identity-ignores-wish",
    title:
      "of several public identities the first is told, though the terminal presents another that the user owns",
    requirements: ["1.1"],
    change: () => ({
      publicIdentityTold: (identity) => conforming.publicIdentityTold(identity, undefined),
    }),
  },
  {
    id: "public-identity-of-last-user",
    title: "the application is told a public identity of the user who came last",
    requirements: ["1.1"],
    change: () => {
      let known: readonly string[] = [];
      let btid = "";
      return {
        publicIdentityTold(identity, intended) {
          const publicIdentities = identity.btid === btid ? (identity.publicIdentities ?? []) : known;
          if (identity.publicIdentities !== undefined) known = identity.publicIdentities;
          btid = identity.btid;
          return conforming.publicIdentityTold({ ...identity, publicIdentities }, intended);
        },
      };
    },
  },
  {
    id: "recalls-withheld-impi",
    title: "a user whose IMPI is withheld is told by the one that once came with his public identity",
    requirements: ["1.1"],
    change: () => {
      const impis = new Map<string, string>();
      return {
        identityTold({ identity }) {
          const { publicIdentities: [first] = [], form, user } = identity;
          if (first === undefined) return identity;
          if (form === "IMPI") impis.set(first, user);
          const impi = impis.get(first);
          return impi === undefined ? identity : { ...identity, user: impi, form: "IMPI" };
        },
      };
    },
  },
];
