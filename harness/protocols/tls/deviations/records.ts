import type { Hooks, OutgoingName } from "../connection/hooks.ts";
import { CONTENT_TYPE, RECORD_HEADER } from "../records/record.ts";
import { ALL, flipped, LEGACY, type TlsDeviation } from "./deviation.ts";

/** Hooks that replace the first protected record of application data. */
function onWire(replace: (octets: Buffer) => readonly Buffer[]): () => Hooks {
  return () => {
    let done = false;
    return {
      wire(octets, of) {
        if (of !== "applicationData" || done) return [octets];
        done = true;
        return replace(octets);
      },
    };
  };
}

/** Cuts the content of messages of these names into records of so many octets. */
const cut = (octets: number, names: readonly OutgoingName[]) => (): Hooks => ({
  record(content, of) {
    if (!names.includes(of)) return [content];
    const pieces = Math.max(Math.ceil(content.octets.length / octets), 1);
    return Array.from({ length: pieces }, (_, index) => ({
      type: content.type,
      octets: content.octets.subarray(index * octets, (index + 1) * octets),
    }));
  },
});

const resized = (octets: Buffer): Buffer => {
  const changed = Buffer.from(octets);
  changed.writeUInt16BE(octets.length - RECORD_HEADER, 3);
  return changed;
};

const PROTECTION = "RFC 5246 6.2.3, RFC 8446 5.2";

/** Misbehaviour of the record layer. */
export const RECORD_DEVIATIONS = {
  alteredRecord: {
    title: "one bit of the first protected record of data is changed",
    clause: PROTECTION,
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [flipped(octets, Math.floor((octets.length + RECORD_HEADER) / 2))]),
  },
  alteredTag: {
    title: "the last octet of the first protected record of data is changed",
    clause: PROTECTION,
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [flipped(octets, -1)]),
  },
  truncatedRecord: {
    title: "the first protected record of data lacks its last octet, and its header says so",
    clause: PROTECTION,
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [resized(octets.subarray(0, -1))]),
  },
  extendedRecord: {
    title: "an octet stands behind the first protected record of data, and its header counts it",
    clause: PROTECTION,
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [resized(Buffer.concat([octets, Buffer.of(0)]))]),
  },
  repeatedRecord: {
    title: "the first protected record of data is sent twice",
    clause: "RFC 5246 6.2.3.1, RFC 8446 5.3",
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [octets, octets]),
  },
  plaintextRecord: {
    title: "the data after the handshake is not protected",
    clause: PROTECTION,
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [
      resized(Buffer.concat([octets.subarray(0, RECORD_HEADER), Buffer.from("GET / HTTP/1.1\r\n\r\n")])),
    ]),
  },
  unknownRecordType: {
    title: "a record of a type that there is not stands before the data",
    clause: "RFC 5246 6, RFC 8446 5",
    versions: ALL,
    expects: "refuse",
    begin: onWire((octets) => [Buffer.from("6303030001ff", "hex"), octets]),
  },
  giantRecord: {
    title: "a record announces 65,535 octets",
    clause: "RFC 5246 6.2.3, RFC 8446 5.2",
    versions: ALL,
    expects: "refuse",
    begin: onWire(() => [Buffer.concat([Buffer.from("170303ffff", "hex"), Buffer.alloc(2 ** 14)])]),
  },
  emptyHandshakeRecord: {
    title: "a handshake record without content stands before the ClientHello",
    clause: "RFC 5246 6.2.1, RFC 8446 5.1",
    versions: ALL,
    // A sender MUST NOT; neither clause says what a receiver has to do.
    expects: "either",
    begin: () => {
      let count = 0;
      return {
        wire(octets, of) {
          count += of === "clientHello" ? 1 : 0;
          return of === "clientHello" && count === 1 ? [Buffer.from("1603010000", "hex"), octets] : [octets];
        },
      };
    },
  },
  fragmentedHandshake: {
    title: "each handshake message is cut into records of 16 octets",
    clause: "RFC 5246 6.2.1, RFC 8446 5.1",
    versions: ALL,
    expects: "accept",
    begin: cut(16, ["clientHello", "clientKeyExchange", "finished"]),
  },
  fragmentedData: {
    title: "data is cut into records of one octet",
    clause: "RFC 5246 6.2.1, RFC 8446 5.1",
    versions: ALL,
    expects: "accept",
    begin: cut(1, ["applicationData"]),
  },
  emptyDataRecord: {
    title: "a protected record without data stands before the data",
    clause: "RFC 5246 6.2.1, RFC 8446 5.1",
    versions: ALL,
    expects: "accept",
    begin: () => ({
      record: (content, of) =>
        of === "applicationData" ? [{ ...content, octets: Buffer.alloc(0) }, content] : [content],
    }),
  },
  otherRecordVersion: {
    title: "the header of the first record says {03,00}",
    clause: "RFC 5246 E.1, RFC 8446 5.1",
    versions: LEGACY,
    expects: "either",
    begin: () => ({
      wire(octets, of) {
        if (of !== "clientHello") return [octets];
        const changed = Buffer.from(octets);
        changed.writeUInt16BE(0x0300, 1);
        return [changed];
      },
    }),
  },
  warningAlert: {
    title: "a warning alert that says nothing stands before the data",
    clause: "RFC 5246 7.2",
    versions: LEGACY,
    expects: "either",
    begin: () => ({
      record: (content, of) =>
        of === "applicationData"
          ? [{ type: CONTENT_TYPE.alert, octets: Buffer.of(1, 90) }, content]
          : [content],
    }),
  },
} as const satisfies Readonly<Record<string, TlsDeviation>>;
