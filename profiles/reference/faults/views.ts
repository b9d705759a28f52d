import type { KeyQuery } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Link } from "../ways-in/link.ts";
import type { Fault } from "./fault.ts";

/** Defects in what the enabler takes a connection for: its own view of it, and the address that it comes from. */
export const viewFaults: readonly Fault[] = [
  {
    id: "tells-first-connection",
    title:
      "the application is told version, suite and exporter of the first connection, whichever it is served on",
    requirements: [],
    clauses: ["RD 3.2"],
    change: () => {
      let first: Link | undefined;
      return {
        linkTold(link) {
          first ??= link;
          return { ...first, peer: link.peer };
        },
      };
    },
  },
  {
    id: "tells-previous-exporter",
    title: "the application is told the exporter of the connection before",
    requirements: [],
    clauses: ["RD 3.2"],
    change: () => {
      let previous = "";
      return {
        linkTold(link) {
          const told = { ...link, exporter: previous };
          if (link.exporter !== previous) previous = link.exporter;
          return told;
        },
      };
    },
  },
  {
    id: "key-tied-to-address",
    title: "a key is good only for the address from which it was first used",
    requirements: ["1.1"],
    change: () => {
      const first = new Map<string, string>();
      const moved = ({ btid, peer = "" }: KeyQuery) => {
        if (!first.has(btid)) first.set(btid, peer);
        return first.get(btid) !== peer;
      };
      return {
        admit: (query, outcome) =>
          query.wayIn === "uc1.psk-tls" && moved(query)
            ? { admitted: false, reason: "unknown" }
            : conforming.admit(query, outcome),
        provenKey: async (proof) => (moved(proof.query) ? undefined : conforming.provenKey(proof)),
      };
    },
  },
  {
    id: "user-by-address",
    title: "whoever comes from an address is told as the last user who came from it before him",
    requirements: ["1.1", "1.3", "5.1"],
    change: () => {
      const last = new Map<string, { readonly btid: string; readonly user: string }>();
      return {
        identityTold({ identity, peer }) {
          const { user } = last.get(peer) ?? identity;
          last.set(peer, identity);
          return { ...identity, user };
        },
      };
    },
  },
];
