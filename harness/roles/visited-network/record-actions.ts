import { randomBytes } from "node:crypto";
import { CONTENT_TYPE, encodeRecord, forge, RECORD_HEADER } from "../../protocols/tls/index.ts";
import { octetOf } from "./regions.ts";
import type { Action } from "./treatment.ts";

/** What becomes of one record: records that go on in its place, in order, and records for its sender. */
interface Changed {
  readonly onward: readonly Buffer[];
  readonly back?: readonly Buffer[];
}

/** Actions that need nothing but the record. */
export type RecordAction = Exclude<
  Action,
  { readonly kind: "swap" | "replay" | "delay" | "fragment" | "cut" }
>;

const CONTENT_TYPES: ReadonlySet<number | undefined> = new Set(Object.values(CONTENT_TYPE));
const PLAIN_REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: injected.example\r\n\r\n");

/** `record`: with its header. @throws Error when the record has no such region, RangeError for what does not fit a length */
export function changeRecord(action: RecordAction, record: Buffer): Changed {
  switch (action.kind) {
    case "alter":
      return { onward: [altered(action, record)] };
    case "truncate": {
      const left = Math.max(record.length - action.octets, RECORD_HEADER);
      const onward = action.mend
        ? mended(record.subarray(0, left))
        : record.subarray(0, endThatShows(record, left));
      return { onward: [onward] };
    }
    case "extend": {
      const more = Buffer.concat([record, Buffer.alloc(action.octets)]);
      return { onward: [action.mend ? mended(more) : more] };
    }
    case "drop":
      return { onward: [] };
    case "repeat":
      return { onward: [record, record] };
    case "splice":
      return { onward: [Buffer.from(action.record)] };
    case "inject":
      return { onward: [injected(action.what, record), record] };
    case "forge":
      return { onward: [forge(action.what, record)] };
    case "reflect":
      return { onward: action.pass ? [record] : [], back: [record] };
    case "refragment":
      return {
        onward: pieces(record.subarray(RECORD_HEADER), action.octets).map((one) => headed(record, one)),
      };
  }
}

/** Pieces of so many octets, at least 1; the last may be shorter. */
export function pieces(octets: Buffer, size: number): readonly Buffer[] {
  const step = Math.max(Math.floor(size), 1);
  const count = Math.max(Math.ceil(octets.length / step), 1);
  return Array.from({ length: count }, (_, index) => octets.subarray(index * step, (index + 1) * step));
}

function altered(
  { region, protection, bit = 0 }: Extract<Action, { kind: "alter" }>,
  record: Buffer,
): Buffer {
  const changed = Buffer.from(record);
  const at = octetOf(region, record, protection);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
  return changed;
}

/** The next record's header must not make up for what was cut off: its type would be the octet that is missing. */
function endThatShows(record: Buffer, end: number): number {
  const looksLikeType = CONTENT_TYPES.has(record[end]);
  return looksLikeType && end > RECORD_HEADER ? endThatShows(record, end - 1) : end;
}

function mended(record: Buffer): Buffer {
  const changed = Buffer.from(record);
  changed.writeUInt16BE(record.length - RECORD_HEADER, 3);
  return changed;
}

const headed = (record: Buffer, fragment: Buffer): Buffer =>
  encodeRecord({ type: record.readUInt8(0), version: record.readUInt16BE(1), fragment });

function injected(what: "plain" | "random", record: Buffer): Buffer {
  if (what === "random") return headed(record, randomBytes(record.length - RECORD_HEADER));
  return encodeRecord({
    type: CONTENT_TYPE.applicationData,
    version: record.readUInt16BE(1),
    fragment: PLAIN_REQUEST,
  });
}
