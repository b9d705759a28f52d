import { randomBytes } from "node:crypto";
import { conforming } from "../policy/conforming.ts";
import type { Fault } from "./fault.ts";

/** Defects in what is open to everyone. */
export const serverOnlyFaults: readonly Fault[] = [
  {
    id: "open-challenged",
    title: "what is open to everyone is served to users only",
    requirements: [],
    clauses: ["RD 4.2"],
    change: () => ({ open: () => undefined }),
  },
  {
    id: "open-unlocks-connection",
    title: "a connection over which the open resource was served is open for everything",
    requirements: ["4.1"],
    change: () => {
      const unlocked = new WeakSet<object>();
      return {
        open(visit) {
          const opened = conforming.open(visit);
          if (opened !== undefined) unlocked.add(visit.connection);
          return unlocked.has(visit.connection) ? { path: visit.target, user: undefined } : undefined;
        },
      };
    },
  },
  {
    id: "open-by-prefix",
    title: "whatever begins with the path of the open resource is open, before dots in it are resolved",
    requirements: ["4.1"],
    change: () => ({
      open: ({ target }) =>
        target.startsWith("/open")
          ? { path: new URL(target, "https://enabler.invalid").pathname, user: undefined }
          : undefined,
    }),
  },
  {
    id: "open-trusts-presented-identity",
    title: "a visitor who proves nothing is told to the application as whom he presents himself",
    requirements: [],
    clauses: ["RD 4.2"],
    change: () => ({
      open(visit) {
        const opened = conforming.open(visit);
        return opened === undefined ? undefined : { ...opened, user: visit.intended };
      },
    }),
  },
  {
    id: "open-asks-key-manager",
    title: "for a visitor who names no key the key manager is asked for one",
    requirements: ["5.1"],
    change: () => ({
      open(visit) {
        const opened = conforming.open(visit);
        if (opened !== undefined) void visit.obtain(`${randomBytes(16).toString("base64")}@visitors.example`);
        return opened;
      },
    }),
  },
  {
    id: "https-lacks-claimed-suite",
    title: "a suite that is claimed for certificates is not negotiated",
    requirements: ["1.2", "5.1"],
    change: () => ({
      httpsSuites: conforming.httpsSuites.filter(
        (name) => name !== "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      ),
    }),
  },
];
