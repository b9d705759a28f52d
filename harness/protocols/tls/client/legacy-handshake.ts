/** The handshake of TLS 1.0 to 1.2 (RFC 5246 7.3), full or abbreviated. */
import { timingSafeEqual } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import type { Credential } from "../connection/credential.ts";
import { keyLogLine } from "../connection/key-log.ts";
import { legacyExporter, protectionOf, type Terms } from "../connection/terms.ts";
import { extendedMasterSecret, masterSecret, transcriptHash, verifyData } from "../keys/prf.ts";
import { signed, signedLegacy } from "../keys/signature.ts";
import { decode, encode } from "../layout/layout.ts";
import {
  certificateLayout,
  type ServerHello,
  signatureLayout,
  signedLayout,
  ticket12Layout,
} from "../messages/handshake.ts";
import type { Opener, Sealer } from "../records/protection.ts";
import { type LegacyVersion, VERSION_NUMBER } from "../versions.ts";
import type { SentHello } from "./client-hello.ts";
import { type Conversation, type Established, expectMessage, type Handshake } from "./conversation.ts";
import { makeClientPart, NO_SERVER_PART } from "./legacy-secrets.ts";
import { type ServerFlight, serverFlight } from "./legacy-server-flight.ts";
import { termsOf } from "./legacy-terms.ts";
import type { LegacySession } from "./offer.ts";

export function* legacyHandshake(
  conversation: Conversation,
  sent: SentHello,
  answer: ServerHello,
  version: LegacyVersion,
): Handshake<Established> {
  const terms = termsOf(conversation, sent, answer, version);
  conversation.sender.recordVersion = VERSION_NUMBER[version];
  const session = resumedSession(conversation, sent, answer, terms);
  return session === undefined
    ? yield* full(conversation, sent, terms)
    : yield* abbreviated(conversation, terms, session);
}

/** The session that the server takes up again: it answered with the identifier that was sent. */
function resumedSession(
  { setup }: Conversation,
  { hello }: SentHello,
  answer: ServerHello,
  terms: Terms,
): LegacySession | undefined {
  const { session } = setup.offer;
  if (session === undefined || session.version === "1.3") return undefined;
  if (hello.sessionId.length === 0 || !hello.sessionId.equals(answer.sessionId)) return undefined;
  // RFC 5246 7.4.1.3, RFC 7627 5.3: what the session was made with does not change.
  const same =
    session.version === terms.version &&
    session.suite.code === terms.suite.code &&
    session.extendedMasterSecret === terms.extendedMasterSecret;
  if (!same) throw new TlsAlertError(ALERT.illegalParameter, "the session is taken up with other parameters");
  return session;
}

function* full(c: Conversation, sent: SentHello, terms: Terms): Handshake<Established> {
  const { setup, sender, transcript } = c;
  const flight = yield* serverFlight(c, terms);
  const { credential } = setup.offer;
  if (flight.request !== undefined)
    sender.handshake("certificate", encode(certificateLayout, credential?.chain ?? []));
  const part = makeClientPart(terms.algorithms.keyExchange, {
    psk: setup.offer.psk,
    server: flight.part,
    key: flight.key,
    helloVersion: sent.hello.version,
    random: setup.random,
  });
  sender.handshake("clientKeyExchange", part.body);
  const premaster = setup.hooks?.secret?.(part.premaster) ?? part.premaster;
  const master = terms.extendedMasterSecret
    ? extendedMasterSecret(terms, premaster, transcriptHash(terms.version, terms.hash, transcript))
    : masterSecret(terms, premaster, terms.randoms);
  if (flight.request !== undefined && credential !== undefined)
    sender.handshake("certificateVerify", proofOf(credential, terms, transcript, flight.request.schemes));
  tellSecret(c, terms, master);
  const protection = protectionOf("client", terms, master, c.setup.random);
  const client = sendFinished(c, terms, master, protection.sealer);
  const ticket = terms.ticketExpected ? yield* newTicket(c) : undefined;
  const server = yield* receiveFinished(c, terms, master, protection.opener);
  keepSession(c, terms, master, ticket);
  return established(terms, master, { client, server }, { ...flight, resumed: false });
}

/** Body of CertificateVerify (RFC 5246 7.4.8). @throws TlsAlertError (handshake_failure) */
function proofOf(
  { key }: Credential,
  { version }: Terms,
  transcript: readonly Buffer[],
  schemes: readonly number[],
): Buffer {
  const octets = Buffer.concat(transcript);
  if (version === "1.2") return encode(signedLayout, signed(key, octets, schemes, "1.2"));
  return encode(signatureLayout, signedLegacy(key, octets));
}

function* abbreviated(c: Conversation, terms: Terms, session: LegacySession): Handshake<Established> {
  const { master } = session;
  tellSecret(c, terms, master);
  const protection = protectionOf("client", terms, master, c.setup.random);
  const ticket = terms.ticketExpected ? yield* newTicket(c) : undefined;
  const server = yield* receiveFinished(c, terms, master, protection.opener);
  const client = sendFinished(c, terms, master, protection.sealer);
  keepSession(c, terms, master, ticket ?? session.ticket);
  const nothing = { certificates: [], staple: undefined, part: NO_SERVER_PART };
  return established(terms, master, { client, server }, { ...nothing, resumed: true });
}

function sendFinished(c: Conversation, terms: Terms, master: Buffer, sealer: Sealer): Buffer {
  c.sender.changeCipherSpec();
  c.sender.use(sealer);
  const hash = transcriptHash(terms.version, terms.hash, c.transcript);
  const data = verifyData(terms, master, "client", hash);
  c.sender.handshake("finished", data);
  return data;
}

function* receiveFinished(c: Conversation, terms: Terms, master: Buffer, opener: Opener): Handshake<Buffer> {
  const change = yield;
  if (change.kind !== "changeCipherSpec")
    throw new TlsAlertError(ALERT.unexpectedMessage, `${change.kind} instead of ChangeCipherSpec`);
  c.receiver.use(opener);
  const hash = transcriptHash(terms.version, terms.hash, c.transcript);
  const right = verifyData(terms, master, "server", hash);
  const { body } = yield* expectMessage(c, "finished");
  if (body.length !== right.length || !timingSafeEqual(body, right))
    throw new TlsAlertError(ALERT.decryptError, "the server's Finished does not verify");
  return right;
}

function* newTicket(c: Conversation): Handshake<Buffer> {
  const { body } = yield* expectMessage(c, "newSessionTicket");
  return decode(ticket12Layout, body).ticket;
}

function keepSession(c: Conversation, terms: Terms, master: Buffer, ticket: Buffer | undefined): void {
  const { version, suite, sessionId, extendedMasterSecret: ems } = terms;
  if (sessionId.length === 0 && (ticket === undefined || ticket.length === 0)) return;
  c.onSession({
    version,
    suite,
    master,
    sessionId,
    extendedMasterSecret: ems,
    ...(ticket === undefined || ticket.length === 0 ? {} : { ticket }),
  });
}

function tellSecret({ setup }: Conversation, { randoms }: Terms, master: Buffer): void {
  setup.onSecret?.(keyLogLine("CLIENT_RANDOM", randoms.client, master));
}

function established(
  terms: Terms,
  master: Buffer,
  finished: Established["finished"],
  more: Pick<ServerFlight, "certificates" | "staple" | "part"> & { readonly resumed: boolean },
): Established {
  const { version, suite } = terms;
  return {
    version,
    suite,
    resumed: more.resumed,
    pskInUse: terms.algorithms.keyExchange.endsWith("PSK"),
    certificates: more.certificates,
    staple: more.staple,
    hint: more.part.hint,
    extendedMasterSecret: terms.extendedMasterSecret,
    encryptThenMac: terms.encryptThenMac,
    protocol: terms.protocol,
    earlyDataAccepted: false,
    secureRenegotiation: terms.secureRenegotiation,
    finished,
    exporter: legacyExporter(terms, master),
  };
}
