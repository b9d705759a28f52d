import { Playbacks } from "../tls/playbacks.ts";
import { CONTENT, type Content, encodeRecord, type RecordCipher } from "../tls/record-cipher.ts";
import {
  type Accepted,
  type Arrival,
  type RecordPath,
  verified,
  verifiedBehindGap,
} from "../tls/record-path.ts";
import type { Fault } from "./fault.ts";

/** Records that may be missing, or have come before, without being missed. */
const WINDOW = 16;
/** Records of all connections that are known again. */
const MOST_KNOWN = 2_000;

/** Header, tag or MAC, and padding are not looked at; a record that came before is one all the same. */
export function acceptUnchecked(arrival: Arrival) {
  const { cipher, sequence, record } = arrival;
  const right = verified(arrival);
  if (right !== undefined) return right;
  const content = cipher.openUnchecked(sequence, record);
  if (content === undefined || earlier(arrival) !== undefined) return undefined;
  // Up to TLS 1.2 the header says what the content is; nobody looks.
  const type = content.type === CONTENT.alert ? CONTENT.alert : CONTENT.application;
  return { content: { type, octets: content.octets }, next: sequence + 1 };
}

/** Tag or MAC are looked at as far as they are there, and nothing behind them. */
export function acceptPart(arrival: Arrival) {
  const { cipher, sequence, record } = arrival;
  const right = verified(arrival);
  if (right !== undefined) return right;
  const content = cipher.openPart(sequence, record);
  return content === undefined ? undefined : { content, next: sequence + 1 };
}

/** Any number near the next one will do. */
export function acceptInAnyOrder(arrival: Arrival) {
  return verifiedBehindGap(arrival, WINDOW) ?? earlier(arrival);
}

/** A record that has come before. */
function earlier(arrival: Arrival): Accepted | undefined {
  const { sequence } = arrival;
  for (let number = sequence - 1; number >= Math.max(sequence - WINDOW, 0); number -= 1) {
    const found = verified({ ...arrival, sequence: number });
    if (found !== undefined) return { ...found, next: sequence };
  }
  return undefined;
}

/** A policy that knows the records of all connections, and takes each wherever it comes. */
function knowsAllRecords(): RecordPath {
  const known = new Map<string, { readonly content: Content; readonly cipher: RecordCipher }>();
  return {
    accept(arrival) {
      const { record, sequence, cipher } = arrival;
      const key = encodeRecord(record).toString("latin1");
      // The record may stand in the place of another one.
      const right = verifiedBehindGap(arrival, 1);
      if (right?.content !== undefined && known.size < MOST_KNOWN) {
        known.set(key, { content: right.content, cipher });
      }
      if (right !== undefined) return right;
      const found = known.get(key);
      // Each connection has keys of its own.
      if (found === undefined || found.cipher === cipher) return undefined;
      return { content: found.content, next: sequence };
    },
  };
}

export function ignoreOwn(arrival: Arrival) {
  const { isOwn, sequence } = arrival;
  return verified(arrival) ?? (isOwn ? { content: undefined, next: sequence } : undefined);
}

/** Something that begins as a request is one. */
function acceptInClear(arrival: Arrival) {
  const { record, sequence } = arrival;
  const right = verified(arrival);
  if (right !== undefined || !/^[A-Z]+ \//.test(record.fragment.toString("latin1", 0, 16))) return right;
  return { content: { type: CONTENT.application, octets: record.fragment }, next: sequence };
}

function skipWrong(arrival: Arrival) {
  const { sequence } = arrival;
  return verifiedBehindGap(arrival, WINDOW) ?? { content: undefined, next: sequence };
}

/** Nobody is told of what does not verify. */
export function leaveOutWrong(arrival: Arrival): Accepted {
  return verified(arrival) ?? { content: undefined, next: arrival.sequence };
}

/** Defects in what protects records, those of both ways in. */
export const recordFaults: readonly Fault[] = [
  {
    id: "records-unverified",
    title: "tag, MAC, padding and header of records are not checked, so that altered ones act",
    requirements: ["3.1", "1.3"],
    change: () => ({ recordPath: { accept: acceptUnchecked } }),
  },
  {
    id: "records-of-any-length",
    title: "records that were cut, or that something was put behind, are accepted",
    requirements: ["3.1", "1.3"],
    change: () => ({ recordPath: { accept: acceptPart } }),
  },
  {
    id: "records-in-any-order",
    title: "nobody notices that records are missing, came before or changed places",
    requirements: ["1.4", "1.1", "3.1"],
    change: () => ({ recordPath: { accept: acceptInAnyOrder } }),
  },
  {
    id: "records-of-other-connections",
    title: "records of another connection are accepted on this one",
    requirements: ["1.3", "3.1", "1.4", "1.1"],
    change: () => ({ recordPath: knowsAllRecords() }),
  },
  {
    id: "records-reflected",
    title: "a record of the enabler's own that comes back is passed over",
    requirements: ["1.3", "3.1"],
    change: () => ({ recordPath: { accept: ignoreOwn } }),
  },
  {
    id: "records-in-clear",
    title: "requests in records that nothing protects are served on a protected connection",
    requirements: ["1.3", "3.1"],
    change: () => ({ recordPath: { accept: acceptInClear } }),
  },
  {
    id: "records-skipped",
    title: "a record that does not verify is left out and the connection goes on",
    // Of a handshake too: a Finished is waited for until one verifies.
    requirements: ["3.1", "1.3", "1.1", "5.1"],
    change: () => ({ recordPath: { accept: skipWrong } }),
  },
  {
    id: "psk-connection-played-back",
    title: "a whole connection that is played back is answered as it was once, and its requests act again",
    requirements: ["1.4", "1.1"],
    change: () => ({ recordPath: { accept: verified, playbacks: new Playbacks() } }),
  },
  {
    id: "psk-early-data-processed",
    title: "early data is said to be left out, and its requests are processed all the same, each time",
    requirements: ["1.4", "1.1"],
    change: () => ({ earlyData: "processed" }),
  },
  {
    id: "cut-bodies-processed",
    title: "a request whose body was cut by the end of the connection is processed",
    requirements: ["3.1"],
    change: () => ({ cutBody: "processed" }),
  },
  {
    id: "hello-fragments-refused",
    title: "a ClientHello in more than one record is refused",
    requirements: ["3.1"],
    change: () => ({ recordPath: { accept: verified, wholeHello: true } }),
  },
];
