/**
 * A model of the client's side of the handshake, states by messages: at each point each message that is not the next
 * one. Every entry is a deviation of its own, so that none has to be thought of.
 */
import type { Hooks, Outgoing, OutgoingName } from "../connection/hooks.ts";
import { encode } from "../layout/layout.ts";
import { HANDSHAKE_TYPE, type HandshakeName, handshakeLayout } from "../messages/handshake.ts";
import { CONTENT_TYPE } from "../records/record.ts";
import type { TlsVersion } from "../versions.ts";
import { ALL, type Expectation, LEGACY, type TlsDeviation } from "./deviation.ts";

/** Before which message of the client something is put, and in which versions there is one. */
const POINTS = {
  "before-hello": { before: "clientHello", versions: ALL, text: "before the ClientHello" },
  "behind-hello": { behind: "clientHello", versions: ALL, text: "behind the ClientHello" },
  "before-key-exchange": { before: "clientKeyExchange", versions: LEGACY, text: "before ClientKeyExchange" },
  "before-change": { before: "changeCipherSpec", versions: LEGACY, text: "before ChangeCipherSpec" },
  "before-finished": { before: "finished", versions: ALL, text: "before Finished" },
  "before-data": { before: "applicationData", versions: ALL, text: "before the first data" },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly before?: OutgoingName;
      readonly behind?: OutgoingName;
      readonly versions: readonly TlsVersion[];
      readonly text: string;
    }
  >
>;
export type Point = keyof typeof POINTS;
// The keys of a record of ours are its type's.
const POINT_NAMES = Object.keys(POINTS) as Point[];

const VERIFY_DATA = Buffer.alloc(12, 0x5a);
const REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: naf\r\n\r\n");

/** Bodies that could stand in such a message. */
const HANDSHAKES = {
  helloRequest: "",
  serverHello: `0303${"5a".repeat(32)}0000a800`,
  newSessionTicket: "00000e10000461626364",
  endOfEarlyData: "",
  encryptedExtensions: "0000",
  certificate: "000000",
  serverKeyExchange: "000568656c6c6f",
  certificateRequest: "01010000",
  serverHelloDone: "",
  certificateVerify: "0804000461626364",
  clientKeyExchange: "000568656c6c6f",
  finished: VERIFY_DATA.toString("hex"),
  certificateStatus: "0100000461626364",
  keyUpdate: "00",
} as const satisfies Partial<Record<HandshakeName, string>>;
type MisplacedHandshake = keyof typeof HANDSHAKES;

const handshake = (name: HandshakeName, body: string): Outgoing => ({
  name,
  type: CONTENT_TYPE.handshake,
  octets: encode(handshakeLayout, { type: HANDSHAKE_TYPE[name], body: Buffer.from(body, "hex") }),
});
const record = (name: OutgoingName, type: number, octets: Buffer): Outgoing => ({ name, type, octets });
const alert = (level: number, description: number) =>
  record("alert", CONTENT_TYPE.alert, Buffer.of(level, description));

/** What is no handshake message, or not one of those that there are. */
const OTHERS = {
  changeCipherSpec: record("changeCipherSpec", CONTENT_TYPE.changeCipherSpec, Buffer.of(1)),
  emptyChangeCipherSpec: record("changeCipherSpec", CONTENT_TYPE.changeCipherSpec, Buffer.alloc(0)),
  data: record("applicationData", CONTENT_TYPE.applicationData, REQUEST),
  emptyData: record("applicationData", CONTENT_TYPE.applicationData, Buffer.alloc(0)),
  warning: alert(1, 90),
  noRenegotiation: alert(1, 100),
  fatalAlert: alert(2, 40),
  emptyAlert: record("alert", CONTENT_TYPE.alert, Buffer.alloc(0)),
  longAlert: record("alert", CONTENT_TYPE.alert, Buffer.of(1, 90, 0)),
  unknownRecord: record("alert", 99, Buffer.of(1)),
  unknownHandshake: record("helloRequest", CONTENT_TYPE.handshake, Buffer.from("63000000", "hex")),
  endlessHandshake: record("helloRequest", CONTENT_TYPE.handshake, Buffer.from("0bffffff00", "hex")),
} as const satisfies Readonly<Record<string, Outgoing>>;
type MisplacedOther = keyof typeof OTHERS;

type MisplacedMessage = MisplacedHandshake | MisplacedOther | "clientHello";
const MESSAGES: readonly MisplacedMessage[] = [
  // The keys of records of ours are their types'.
  ...(Object.keys(HANDSHAKES) as MisplacedHandshake[]),
  "clientHello",
  ...(Object.keys(OTHERS) as MisplacedOther[]),
];
/** `keyUpdate@before-finished`: the message, and the point at which it does not belong. */
export type MisplacedName = `${MisplacedMessage}@${Point}`;

/** Where it is the message that is due, or nothing can be told of it. */
function belongs(message: MisplacedMessage, point: Point): boolean {
  if (message === "clientHello") return point === "before-hello";
  if (message === "clientKeyExchange") return point === "before-key-exchange";
  if (message === "finished") return point === "before-finished";
  if (message === "changeCipherSpec") return point === "before-change";
  return (message === "data" || message === "emptyData") && point === "before-data";
}

/**
 * What a clause leaves open; everything else is unexpected_message, or worse (RFC 5246 7.2.2, 7.4, RFC 8446 4, 5, 6).
 * Before the ClientHello no version is agreed: a server may keep the rules of any that it has.
 */
function isOpen(message: MisplacedMessage, point: Point, version: TlsVersion): boolean {
  switch (message) {
    // RFC 5246 7.2, RFC 8446 6: a warning may be passed over.
    case "warning":
    case "noRenegotiation":
      return true;
    // No clause says what a receiver does with a record that no sender may send (RFC 5246 6.2.1, RFC 8446 5.1).
    case "emptyData":
    case "emptyAlert":
    case "emptyChangeCipherSpec":
      return true;
    // RFC 2246 6, RFC 4346 6: records of unknown types are to be passed over there.
    case "unknownRecord":
      return version === "1.0" || version === "1.1" || point === "before-hello";
    // Up to TLS 1.2 an alert may be cut into records (RFC 5246 6.2.1): a warning, and the begin of another one.
    case "longAlert":
      return version !== "1.3" || point === "before-hello";
    // RFC 8446 5: dropped between ClientHello and Finished. In TLS 1.2 the server may not have chosen the version yet.
    case "changeCipherSpec":
      return point === "behind-hello" && version === "1.3";
    // RFC 5246 7.4.1.2: a wish for another handshake, which may be passed over.
    case "clientHello":
    case "helloRequest":
      return point === "before-data" && version !== "1.3";
    // RFC 8446 4.6.3: legal, and the keys change.
    case "keyUpdate":
      return point === "before-data" && version === "1.3";
    default:
      return false;
  }
}

function hooksFor(message: MisplacedMessage, point: Point): () => Hooks {
  const where: { readonly before?: OutgoingName; readonly behind?: OutgoingName } = POINTS[point];
  return () => {
    let hello: Outgoing | undefined;
    let done = false;
    const insertion = (): Outgoing => {
      if (message === "clientHello") return hello ?? handshake("clientHello", "");
      return message in OTHERS
        ? OTHERS[message as MisplacedOther]
        : handshake(message as MisplacedHandshake, HANDSHAKES[message as MisplacedHandshake]);
    };
    return {
      // The peer may leave out what it does not know, or count it: what is not counted tells of the first.
      hashesWhatWasMeant: true,
      message(outgoing) {
        hello ??= outgoing;
        if (done || (outgoing.name !== where.before && outgoing.name !== where.behind)) return [outgoing];
        done = true;
        return where.before === undefined ? [outgoing, insertion()] : [insertion(), outgoing];
      },
    };
  };
}

function misplaced(message: MisplacedMessage, point: Point): TlsDeviation & { readonly point: Point } {
  const { text, versions } = POINTS[point];
  return {
    title: `${message} stands ${text}`,
    clause: "RFC 5246 7.3, 7.4, RFC 8446 2, 4",
    versions,
    point,
    expects: "refuse",
    expectsIn: (version): Expectation => (isOpen(message, point, version) ? "either" : "refuse"),
    begin: hooksFor(message, point),
  };
}

/** Every wrong next message, by name. */
export const MISPLACED: ReadonlyMap<MisplacedName, TlsDeviation & { readonly point: Point }> = new Map(
  POINT_NAMES.flatMap((point) =>
    MESSAGES.filter((message) => !belongs(message, point)).map(
      (message) => [`${message}@${point}`, misplaced(message, point)] as const,
    ),
  ),
);
