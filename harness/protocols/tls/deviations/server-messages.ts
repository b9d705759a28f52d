import { decode, encode } from "../layout/layout.ts";
import { EXTENSION } from "../messages/extensions.ts";
import { extensionsLayout, type HandshakeName, signedLayout, ticket13Layout } from "../messages/handshake.ts";
import { ALL, flipped, handshakeMessage, LEGACY, late, onMessage, withBody } from "./deviation.ts";
import type { ServerDeviation } from "./of-servers.ts";

const V13: ServerDeviation["versions"] = ["1.3"];
const leftOut = (name: HandshakeName) => onMessage(name, () => []);
const twice = (name: HandshakeName) => onMessage(name, (message) => [message, message]);
const changed = (name: HandshakeName, change: (body: Buffer) => Buffer) => onMessage(name, withBody(change));
const before = (name: HandshakeName, sent: HandshakeName, body: Buffer) =>
  onMessage(name, (message) => [handshakeMessage(sent, body), message]);

const NOTHING = Buffer.alloc(0);
/** certificate_request_context and a list of nothing. */
const NO_CERTIFICATES_13 = Buffer.from("00000000", "hex");
/** Types, schemes and authorities of CertificateRequest up to TLS 1.2. */
const REQUEST_12 = Buffer.from("0101000204010000", "hex");
/** A context, and signature_algorithms with one scheme. */
const REQUEST_13 = Buffer.from("000008000d000400020804", "hex");
/** With what DER of a certificate begins (X.690 8.9), and what stands behind a single one in TLS 1.3. */
const SEQUENCE = Buffer.from("3082", "hex");
const EXTENSIONS_LENGTH = 2;
const RSA_PKCS1_SHA256 = 0x0401;
const SERVER_ORDER = "RFC 5246 7.3, 7.4";

/** Misbehaviour in which messages a server sends, what stands in them, and in which order. */
export const SERVER_MESSAGE_DEVIATIONS = {
  repeatedServerHello: {
    title: "ServerHello is sent twice",
    clause: "RFC 5246 7.3, RFC 8446 4",
    versions: ALL,
    expects: "refuse",
    begin: twice("serverHello"),
  },
  helloRequestInside: {
    title: "a HelloRequest stands within the handshake, where it is passed over",
    clause: "RFC 5246 7.4.1.1",
    versions: LEGACY,
    expects: "accept",
    // It enters no hash of Finished.
    begin: () => ({
      ...onMessage("serverHelloDone", (message) => [handshakeMessage("helloRequest", NOTHING), message])(),
      hashesWhatWasMeant: true,
    }),
  },
  filledDone: {
    title: "ServerHelloDone has an octet in it",
    clause: "RFC 5246 7.4.5",
    versions: LEGACY,
    expects: "refuse",
    begin: changed("serverHelloDone", () => Buffer.of(0)),
  },
  repeatedDone: {
    title: "ServerHelloDone is sent twice",
    clause: SERVER_ORDER,
    versions: LEGACY,
    expects: "refuse",
    begin: twice("serverHelloDone"),
  },
  emptyServerCertificate: {
    title: "the server's Certificate holds none",
    clause: "RFC 5246 7.4.2, RFC 8446 4.4.2.4",
    versions: ALL,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("certificate", (body) =>
      body.readUInt8(0) === 0 && body.length > 4 && body.readUIntBE(1, 3) === body.length - 4
        ? NO_CERTIFICATES_13
        : Buffer.alloc(3),
    ),
  },
  garbageCertificate: {
    title: "what the server shows as its certificate is none",
    clause: "RFC 5246 7.4.2, RFC 8446 4.4.2",
    versions: ALL,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("certificate", (body) => {
      const garbage = Buffer.from(body);
      return garbage.fill(0xff, garbage.indexOf(SEQUENCE), garbage.length - EXTENSIONS_LENGTH);
    }),
  },
  certificateLeftOut: {
    title: "the server shows no certificate where its suite needs one",
    clause: "RFC 5246 7.4.2, RFC 8446 4.4.2",
    versions: ALL,
    authentication: "certificate",
    expects: "refuse",
    begin: leftOut("certificate"),
  },
  repeatedServerCertificate: {
    title: "the server's Certificate is sent twice",
    clause: "RFC 5246 7.3, RFC 8446 4",
    versions: ALL,
    authentication: "certificate",
    expects: "refuse",
    begin: twice("certificate"),
  },
  proofLeftOut: {
    title: "the server's CertificateVerify is left out",
    clause: "RFC 8446 4.4.3",
    versions: V13,
    authentication: "certificate",
    expects: "refuse",
    begin: leftOut("certificateVerify"),
  },
  wrongProof: {
    title: "the signature of the server's CertificateVerify is wrong",
    clause: "RFC 8446 4.4.3",
    versions: V13,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("certificateVerify", (body) => flipped(body, -1)),
  },
  proofOfOldScheme: {
    title: "the server's CertificateVerify names a scheme that TLS 1.3 has for certificates only",
    clause: "RFC 8446 4.2.3, 4.4.3",
    versions: V13,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("certificateVerify", (body) =>
      encode(signedLayout, { ...decode(signedLayout, body), scheme: RSA_PKCS1_SHA256 }),
    ),
  },
  serverKeyExchangeLeftOut: {
    title: "ServerKeyExchange is left out where the suite needs it",
    clause: "RFC 5246 7.4.3",
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: leftOut("serverKeyExchange"),
  },
  wrongServerSignature: {
    title: "the signature of ServerKeyExchange is wrong",
    clause: "RFC 5246 7.4.3",
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("serverKeyExchange", (body) => flipped(body, -1)),
  },
  otherServerShare: {
    title: "the share in ServerKeyExchange is not the one that was signed",
    clause: "RFC 5246 7.4.3",
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    // Type of the curve, its number, and the length of the point stand before it; 4 is the form of the point.
    begin: changed("serverKeyExchange", (body) => flipped(body, 5)),
  },
  shortServerKeyExchange: {
    title: "ServerKeyExchange ends too soon",
    clause: "RFC 5246 7.4.3",
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: changed("serverKeyExchange", (body) => body.subarray(0, -1)),
  },
  repeatedServerKeyExchange: {
    title: "ServerKeyExchange is sent twice",
    clause: SERVER_ORDER,
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: twice("serverKeyExchange"),
  },
  lateServerKeyExchange: {
    title: "ServerKeyExchange comes behind ServerHelloDone",
    clause: SERVER_ORDER,
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: late("serverKeyExchange"),
  },
  certificateWithPsk: {
    title: "a certificate is shown where the pre-shared key alone authenticates",
    clause: "RFC 4279 2, RFC 8446 4.4.2",
    versions: ALL,
    authentication: "psk",
    expects: "refuse",
    begin: () => ({
      message: (message) =>
        message.name === "serverHello"
          ? [message]
          : message.name === "encryptedExtensions"
            ? [message, handshakeMessage("certificate", NO_CERTIFICATES_13)]
            : message.name === "serverHelloDone"
              ? [handshakeMessage("certificate", Buffer.alloc(3)), message]
              : [message],
    }),
  },
  requestWithPsk: {
    title: "a certificate of the client is asked for where the pre-shared key alone authenticates",
    clause: "RFC 5246 7.4.4, RFC 8446 4.3.2",
    versions: ALL,
    authentication: "psk",
    expects: "refuse",
    begin: () => ({
      message: (message) =>
        message.name === "encryptedExtensions"
          ? [message, handshakeMessage("certificateRequest", REQUEST_13)]
          : message.name === "serverHelloDone"
            ? [handshakeMessage("certificateRequest", REQUEST_12), message]
            : [message],
    }),
  },
  encryptedExtensionsLeftOut: {
    title: "EncryptedExtensions is left out",
    clause: "RFC 8446 4.3.1",
    versions: V13,
    expects: "refuse",
    begin: leftOut("encryptedExtensions"),
  },
  shareInEncryptedExtensions: {
    title: "EncryptedExtensions holds a key_share, which has no place there",
    clause: "RFC 8446 4.2, 4.3.1",
    versions: V13,
    expects: "refuse",
    begin: changed("encryptedExtensions", () =>
      encode(extensionsLayout, [{ type: EXTENSION.keyShare, data: Buffer.from("001d", "hex") }]),
    ),
  },
  protocolInEncryptedExtensions: {
    title: "EncryptedExtensions chooses an application protocol though none was offered",
    clause: "RFC 7301 3.1, RFC 8446 4.2",
    versions: V13,
    expects: "refuse",
    begin: changed("encryptedExtensions", () =>
      encode(extensionsLayout, [{ type: EXTENSION.alpn, data: Buffer.from("0003026832", "hex") }]),
    ),
  },
  earlyDataUnasked: {
    title: "EncryptedExtensions takes early data that nobody sent",
    clause: "RFC 8446 4.2.10, 4.2",
    versions: V13,
    expects: "refuse",
    begin: changed("encryptedExtensions", () =>
      encode(extensionsLayout, [{ type: EXTENSION.earlyData, data: NOTHING }]),
    ),
  },
  ticketBeforeFinished: {
    title: "NewSessionTicket comes before the server's Finished",
    clause: "RFC 8446 4.6.1",
    versions: V13,
    expects: "refuse",
    begin: before(
      "finished",
      "newSessionTicket",
      encode(ticket13Layout, {
        lifetime: 3_600,
        ageAdd: 0,
        nonce: NOTHING,
        ticket: Buffer.from("ticket"),
        extensions: [],
      }),
    ),
  },
  keyUpdateBeforeFinished: {
    title: "KeyUpdate comes before the server's Finished",
    clause: "RFC 8446 4.6.3",
    versions: V13,
    expects: "refuse",
    begin: before("finished", "keyUpdate", Buffer.of(0)),
  },
  statusOfNobody: {
    title: "CertificateStatus is sent though ServerHello did not promise it",
    clause: "RFC 6066 8",
    versions: LEGACY,
    authentication: "certificate",
    expects: "refuse",
    begin: before("serverKeyExchange", "certificateStatus", Buffer.from("0100000100", "hex")),
  },
  clientMessageOfServer: {
    title: "a ClientKeyExchange is sent, which only clients send",
    clause: "RFC 5246 7.3",
    versions: LEGACY,
    expects: "refuse",
    begin: before("serverHelloDone", "clientKeyExchange", Buffer.from("0000", "hex")),
  },
} as const satisfies Readonly<Record<string, ServerDeviation>>;
