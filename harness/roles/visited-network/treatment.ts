import { FORGERIES, type ForgeryName } from "../../protocols/tls/index.ts";
import type { Protection } from "./protection.ts";
import type { RegionName } from "./regions.ts";

export type Direction = "towards-server" | "towards-client";

/** What is counted on one direction of a connection, from 1. */
const COUNTED = {
  any: "records",
  "change-cipher-spec": "records of type 20",
  alert: "records of type 21",
  handshake: "records of type 22",
  data: "records of type 23",
  protected:
    "records that keys protect: up to TLS 1.2 those behind ChangeCipherSpec, in TLS 1.3 those of type 23",
  application:
    "records of type 23 from the mark on; without a mark, up to TLS 1.2, from the begin. In TLS 1.3 the Finished has that type too, so nothing is counted before the mark",
} as const;
export type Counted = keyof typeof COUNTED;

/** `{ nth: 2, of: "application" }`: the second one; `every`: each of them. */
export interface Selection {
  readonly nth: number | "every";
  readonly of: Counted;
}

/**
 * What the path can do with a record. `must`: what is expected of whoever receives it. `detect`: it ends the
 * connection, nothing of it acts; `bear`: it notices nothing; `wait`: it does not act on what is incomplete;
 * `depends`: on whether the record is protected. `reaches`: who receives what is wrong, the one for whom the record
 * was meant or its sender.
 */
export const ACTIONS = {
  alter: {
    title: "one bit of a record is changed",
    clause: "RFC 5246 6.2.3, RFC 8446 5.2",
    must: "detect",
    reaches: "receiver",
  },
  truncate: {
    title: "the last octets of a record are left out",
    clause: "RFC 5246 6.2.3, RFC 8446 5.2",
    must: "detect",
    reaches: "receiver",
  },
  extend: {
    title: "octets are put behind a record",
    clause: "RFC 5246 6.2.3, RFC 8446 5.2",
    must: "detect",
    reaches: "receiver",
  },
  drop: {
    title: "a record is left out",
    clause: "RFC 5246 6.2.3.1, RFC 8446 5.3 (sequence numbers)",
    must: "detect",
    reaches: "receiver",
  },
  repeat: {
    title: "a record is sent twice",
    clause: "RFC 5246 6.2.3.1, RFC 8446 5.3 (sequence numbers)",
    must: "detect",
    reaches: "receiver",
  },
  swap: {
    title: "a record and the next one change places",
    clause: "RFC 5246 6.2.3.1, RFC 8446 5.3 (sequence numbers)",
    must: "detect",
    reaches: "receiver",
  },
  replay: {
    title: "a record is sent again behind later ones",
    clause: "RFC 5246 6.2.3.1, RFC 8446 5.3, RD 3.2 (replay)",
    must: "detect",
    reaches: "receiver",
  },
  splice: {
    title: "a record of another session stands in the place of a record",
    clause: "RFC 5246 6.3, RFC 8446 7.1 (keys of one session)",
    must: "detect",
    reaches: "receiver",
  },
  inject: {
    title: "a record of the path's own stands before a record",
    clause: "RFC 5246 6.2.3, RFC 8446 5.2",
    must: "detect",
    reaches: "receiver",
  },
  forge: {
    title: "a message in which both ends negotiate is changed before anything protects it",
    clause: "RFC 5246 7.4.9, F.1.4; RFC 8446 4.2.11.2, 4.4.4",
    must: "detect",
    reaches: "receiver",
  },
  reflect: {
    title: "a record is sent back to the one that sent it",
    clause: "RFC 5246 6.3, RFC 8446 7.3 (keys of one direction), RD 3.2 (consistent view)",
    must: "detect",
    reaches: "sender",
  },
  delay: {
    title: "a record, and what is behind it, waits",
    clause: "RFC 9293 3.8 (TCP promises no time)",
    must: "bear",
    reaches: "receiver",
  },
  fragment: {
    title: "a record is carried in small segments of TCP",
    clause: "RFC 9293 3.8 (TCP is a stream)",
    must: "bear",
    reaches: "receiver",
  },
  refragment: {
    title: "the content of a record is cut into several records",
    clause: "RFC 5246 6.2.1, RFC 8446 5.1 (unprotected: legal); RFC 5246 6.2.3, RFC 8446 5.2 (protected)",
    must: "depends",
    reaches: "receiver",
  },
  cut: {
    title: "the connection is cut",
    clause: "RFC 5246 7.2.1, RFC 8446 6.1, RFC 9112 8",
    must: "wait",
    reaches: "receiver",
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly title: string;
      readonly clause: string;
      readonly must: "detect" | "bear" | "wait" | "depends";
      readonly reaches: "receiver" | "sender";
    }
  >
>;

export type Action =
  /** `bit` counts from 0, the least; of the octet that stands for the region. `protection` tells where regions are. */
  | {
      readonly kind: "alter";
      readonly region: RegionName;
      readonly protection?: Protection;
      readonly bit?: number;
    }
  /**
   * `mend`: the length in the header is that of what is left; else more octets are left out where the next record could
   * make up for them. At most the whole fragment is left out.
   */
  | { readonly kind: "truncate"; readonly octets: number; readonly mend: boolean }
  /** Octets of value 0. `mend`: the header counts them; else the record is whole and acts, and what follows is none. */
  | { readonly kind: "extend"; readonly octets: number; readonly mend: boolean }
  | { readonly kind: "drop" }
  | { readonly kind: "repeat" }
  /** Where no other record follows within the path's bound, the record goes on alone, and the treatment was not carried out. */
  | { readonly kind: "swap" }
  /** Sent again behind the `after`-th record that follows (0: at once, as `repeat`), or before the end. */
  | { readonly kind: "replay"; readonly after: number }
  /** A whole record with its header. */
  | { readonly kind: "splice"; readonly record: Uint8Array }
  /** `plain`: an HTTP request as data that nothing protects; `random`: the record's own header and random octets. */
  | { readonly kind: "inject"; readonly what: "plain" | "random" }
  /** Of a record that nothing protects, with a whole message in it. */
  | { readonly kind: "forge"; readonly what: ForgeryName }
  /** `pass`: the record also goes where it was meant to. */
  | { readonly kind: "reflect"; readonly pass: boolean }
  /** Until the treatment is released, at most so many milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Octets of each segment. */
  | { readonly kind: "fragment"; readonly octets: number }
  /** Octets of content of each record. */
  | { readonly kind: "refragment"; readonly octets: number }
  /** `end`: this direction ends as TCP does (FIN), the other goes on; `reset`: both end at once (RST). */
  | {
      readonly kind: "cut";
      readonly where: "before" | "middle" | "after";
      readonly how: "end" | "reset";
    };

/** A named misbehaviour of the visited network, as data. It is carried out once, unless it is for every record. */
export interface Treatment {
  readonly direction: Direction;
  readonly which: Selection;
  readonly action: Action;
  /** Of the connection with this number, from 1; absent: of the first in which such a record comes by. */
  readonly connection?: number;
}

/**
 * Who receives what is wrong. Only what the system under test receives judges its detection; what the other end receives
 * shows that the system protects what it sends (RD 1.3, 3.1). An enabler is the server of terminals, and the client of
 * its key manager.
 */
export function receiverOf({ direction, action }: Treatment): "server" | "client" {
  const meant = direction === "towards-server";
  const reaches: "receiver" | "sender" = ACTIONS[action.kind].reaches;
  return meant === (reaches === "receiver") ? "server" : "client";
}

/** `one bit of a record is changed: tag, application record 2 towards the server` */
export function describeTreatment({ direction, which, action }: Treatment): string {
  const what = detailOf(action);
  const whereTo = direction === "towards-server" ? "towards the server" : "towards the client";
  return `${ACTIONS[action.kind].title}${what}, ${which.of} record ${which.nth} ${whereTo}`;
}

function detailOf(action: Action): string {
  if (action.kind === "forge") return `: ${FORGERIES[action.what].title}`;
  return action.kind === "alter" ? `: ${action.region}` : "";
}
