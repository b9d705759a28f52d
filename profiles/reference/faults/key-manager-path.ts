import type { Fault } from "./fault.ts";
import { acceptInAnyOrder, acceptPart, acceptUnchecked, ignoreOwn, leaveOutWrong } from "./records.ts";

/** Defects in what protects the enabler's connection to the key manager. */
export const keyManagerPathFaults: readonly Fault[] = [
  {
    id: "zn-records-unverified",
    title:
      "tag, MAC and header of records from the key manager are not checked, so that altered ones give keys",
    requirements: ["3.1"],
    change: () => ({ keyManagerRecords: { accept: acceptUnchecked } }),
  },
  {
    id: "zn-records-of-any-length",
    title: "records from the key manager that were cut are accepted",
    requirements: ["3.1"],
    change: () => ({ keyManagerRecords: { accept: acceptPart } }),
  },
  {
    id: "zn-records-in-any-order",
    title: "nobody notices that records from the key manager are missing, came before or changed places",
    requirements: ["3.1"],
    change: () => ({ keyManagerRecords: { accept: acceptInAnyOrder } }),
  },
  {
    id: "zn-records-reflected",
    title: "a record of the enabler's own that comes back instead of the key manager's is passed over",
    requirements: ["3.1"],
    change: () => ({ keyManagerRecords: { accept: ignoreOwn } }),
  },
  {
    id: "zn-records-left-out",
    title:
      "a record from the key manager that does not verify is left out with all that follows, until the answer is given up",
    requirements: ["3.1"],
    change: () => ({ keyManagerRecords: { accept: leaveOutWrong }, keyManagerSilence: "ended" }),
  },
  {
    id: "zn-tells-in-clear",
    title: "keys and identities are confirmed to the key manager over a connection that nothing protects",
    requirements: ["4.1", "S2"],
    change: () => ({ keyManagerConfirmation: "in-clear" }),
  },
];
