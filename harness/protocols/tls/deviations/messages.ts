import type { Outgoing } from "../connection/hooks.ts";
import { CONTENT_TYPE } from "../records/record.ts";
import {
  ALL,
  flipped,
  handshakeMessage,
  LEGACY,
  late,
  onMessage,
  type TlsDeviation,
  withBody,
} from "./deviation.ts";

const application = (text: string): Outgoing => ({
  name: "applicationData",
  type: CONTENT_TYPE.applicationData,
  octets: Buffer.from(text),
});

const ORDER = "RFC 5246 7.3, 7.4";
const REQUEST = "GET / HTTP/1.1\r\nHost: naf\r\n\r\n";

/** Misbehaviour in which messages are sent, and in which order. */
export const MESSAGE_DEVIATIONS = {
  wrongFinished: {
    title: "verify_data of Finished differs in one bit",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage(
      "finished",
      withBody((body) => flipped(body, 0)),
    ),
  },
  wrongEndOfFinished: {
    title: "the last octet of verify_data is another",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage(
      "finished",
      withBody((body) => flipped(body, -1)),
    ),
  },
  emptyFinished: {
    title: "Finished has no verify_data",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage(
      "finished",
      withBody(() => Buffer.alloc(0)),
    ),
  },
  longFinished: {
    title: "an octet stands behind verify_data",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage(
      "finished",
      withBody((body) => Buffer.concat([body, Buffer.of(0)])),
    ),
  },
  omittedFinished: {
    title: "application data follows without a Finished",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage("finished", () => [application(REQUEST)]),
  },
  dataForFinished: {
    title: "an empty record of application data stands where Finished belongs",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage("finished", () => [application("")]),
  },
  repeatedFinished: {
    title: "Finished is sent twice",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage("finished", (message) => [message, message]),
  },
  earlyApplicationData: {
    title: "application data stands before Finished",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.4",
    versions: ALL,
    expects: "refuse",
    begin: onMessage("finished", (message) => [application(REQUEST), message]),
  },
  omittedChangeCipherSpec: {
    title: "the protected Finished comes without ChangeCipherSpec before it",
    clause: "RFC 5246 7.4.9",
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("changeCipherSpec", () => []),
  },
  repeatedChangeCipherSpec: {
    title: "ChangeCipherSpec is sent twice",
    clause: "RFC 5246 7.1",
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("changeCipherSpec", (message) => [message, message]),
  },
  earlyChangeCipherSpec: {
    title: "ChangeCipherSpec stands before ClientKeyExchange",
    clause: "RFC 5246 7.4.9",
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("clientKeyExchange", (message) => [
      { name: "changeCipherSpec", type: CONTENT_TYPE.changeCipherSpec, octets: Buffer.of(1) },
      message,
    ]),
  },
  strangeChangeCipherSpec: {
    title: "ChangeCipherSpec holds the octet 2",
    clause: "RFC 5246 7.1",
    versions: LEGACY,
    // No clause makes a receiver look at the octet, and Finished verifies both ends all the same.
    expects: "either",
    begin: onMessage("changeCipherSpec", (message) => [{ ...message, octets: Buffer.of(2) }]),
  },
  omittedKeyExchange: {
    title: "ClientKeyExchange is left out",
    clause: ORDER,
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("clientKeyExchange", () => []),
  },
  repeatedKeyExchange: {
    title: "ClientKeyExchange is sent twice",
    clause: ORDER,
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("clientKeyExchange", (message) => [message, message]),
  },
  lateKeyExchange: {
    title: "ClientKeyExchange comes behind ChangeCipherSpec",
    clause: ORDER,
    versions: LEGACY,
    expects: "refuse",
    begin: late("clientKeyExchange"),
  },
  longKeyExchange: {
    title: "an octet stands behind ClientKeyExchange",
    clause: "RFC 5246 7.4.7, RFC 4279 2",
    versions: LEGACY,
    // Both ends hash the octet: no clause says that a receiver has to look behind the fields.
    expects: "either",
    begin: onMessage(
      "clientKeyExchange",
      withBody((body) => Buffer.concat([body, Buffer.of(0)])),
    ),
  },
  emptyKeyExchange: {
    title: "ClientKeyExchange is empty",
    clause: "RFC 5246 7.4.7, RFC 4279 2",
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage(
      "clientKeyExchange",
      withBody(() => Buffer.alloc(0)),
    ),
  },
  changedKeyExchange: {
    title: "the last octet of ClientKeyExchange is another than the one that the client computes with",
    clause: "RFC 5246 7.4.9, RFC 4279 2",
    versions: LEGACY,
    expects: "refuse",
    begin: () => ({
      ...onMessage(
        "clientKeyExchange",
        withBody((body) => flipped(body, -1)),
      )(),
      hashesWhatWasMeant: true,
    }),
  },
  changedClientHello: {
    title: "the client computes with another ClientHello than the one that it sent",
    clause: "RFC 5246 7.4.9, RFC 8446 4.4.1",
    versions: ALL,
    expects: "refuse",
    begin: () => ({
      ...onMessage(
        "clientHello",
        withBody((body) => flipped(body, 10)),
      )(),
      hashesWhatWasMeant: true,
    }),
  },
  secondClientHello: {
    title: "a ClientHello stands where the client's next message belongs",
    clause: "RFC 5246 7.4.1.2, RFC 8446 4.1.2",
    versions: ALL,
    expects: "refuse",
    begin: () => {
      let hello: Outgoing | undefined;
      let done = false;
      return {
        message(message) {
          hello ??= message;
          if (message === hello || done) return [message];
          done = true;
          return [hello, message];
        },
      };
    },
  },
  unexpectedCertificate: {
    title: "an empty Certificate is sent that nobody asked for",
    clause: "RFC 5246 7.4.6, RFC 8446 4.4.2",
    versions: ALL,
    expects: "refuse",
    begin: () => {
      let done = false;
      return {
        message(message) {
          const first = message.name === "clientKeyExchange" || message.name === "finished";
          if (!first || done) return [message];
          done = true;
          return [handshakeMessage("certificate", Buffer.from("000000", "hex")), message];
        },
      };
    },
  },
  helloRequestOfClient: {
    title: "a HelloRequest is sent, which only servers send",
    clause: "RFC 5246 7.4.1.1",
    versions: LEGACY,
    expects: "refuse",
    begin: onMessage("clientKeyExchange", (message) => [
      handshakeMessage("helloRequest", Buffer.alloc(0)),
      message,
    ]),
  },
  wrongSecret: {
    title: "the shared secret differs in one bit from the one that was agreed",
    clause: "RFC 5246 8.1, RFC 8446 7.1",
    versions: ALL,
    expects: "refuse",
    begin: () => ({ secret: (secret) => flipped(secret, -1) }),
  },
} as const satisfies Readonly<Record<string, TlsDeviation>>;
