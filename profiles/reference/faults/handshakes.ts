import type { Fault } from "./fault.ts";

/** Defects in the states of the handshake and in what it agrees upon, of both ways in. */
export const handshakeFaults: readonly Fault[] = [
  {
    id: "tls-accepts-any-finished",
    title:
      "what Finished says is not looked at, so that nobody knows whether both ends saw the same handshake",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { anyFinished: true } } }),
  },
  {
    id: "tls-data-for-finished",
    title: "data that comes before Finished, or instead of it, is served",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { dataForFinished: true } } }),
  },
  {
    id: "tls-skips-unexpected",
    title: "messages that are not due are passed over",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { skipsUnexpected: true } } }),
  },
  {
    id: "tls-binder-unverified",
    title: "the binder of a pre-shared key is not looked at",
    requirements: ["1.1", "5.1"],
    change: () => ({ ownTls: { laxity: { anyBinder: true } } }),
  },
];
