/** The server's side of TLS 1.0 to 1.2 (RFC 5246 7.3), full or abbreviated. */
import { timingSafeEqual } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import { keyLogLine } from "../connection/key-log.ts";
import { legacyExporter, protectionOf, type Terms } from "../connection/terms.ts";
import { extendedMasterSecret, masterSecret, transcriptHash, verifyData } from "../keys/prf.ts";
import { encode } from "../layout/layout.ts";
import {
  EXTENSION,
  extension,
  findExtension,
  flag,
  pointFormatsLayout,
  renegotiationLayout,
} from "../messages/extensions.ts";
import {
  certificateLayout,
  type Extension,
  type ServerHello,
  serverHelloLayout,
  ticket12Layout,
} from "../messages/handshake.ts";
import type { Opener, Sealer } from "../records/protection.ts";
import { type LegacyVersion, VERSION_NUMBER } from "../versions.ts";
import { certificateRequest, certificateVerify, clientChain } from "./certificates-legacy.ts";
import { chooseSuite, newestOf, type ReadHello } from "./client-hello.ts";
import {
  awaited,
  expectMessage,
  type ServerConversation,
  type ServerHandshake,
  type ServerSession,
  unexpected,
} from "./conversation.ts";
import type { Accepted } from "./established.ts";
import { makeServerPart, premasterOf, readClientPart, showsCertificate } from "./legacy-secrets.ts";

/** Seconds of a ticket: an hour. */
const TICKET_LIFETIME = 3_600;

/** Ends of ServerHello.random (RFC 8446 4.1.3). */
const DOWNGRADE = { to12: "444f574e47524401", below12: "444f574e47524400" } as const;

export function* legacyHandshake(
  c: ServerConversation,
  read: ReadHello,
  version: LegacyVersion,
): ServerHandshake<Accepted> {
  c.sender.recordVersion = VERSION_NUMBER[version];
  const session = resumable(c, read, version);
  return session === undefined
    ? yield* full(c, read, version)
    : yield* abbreviated(c, read, version, session);
}

/** RFC 5246 7.4.1.3, RFC 7627 5.3: with what it was made, and for the terminal that offers it. */
function resumable(
  { setup }: ServerConversation,
  { hello, serverName }: ReadHello,
  version: LegacyVersion,
): ServerSession | undefined {
  const ticket = findExtension(hello.extensions, "sessionTicket")?.data;
  const name = ticket !== undefined && ticket.length > 0 ? ticket : hello.sessionId;
  if (name.length === 0) return undefined;
  const session = setup.sessions?.find(name, serverName);
  if (session === undefined || session.version !== version) return undefined;
  const ems = findExtension(hello.extensions, "extendedMasterSecret") !== undefined;
  const same = hello.suites.includes(session.suite.code) && session.extendedMasterSecret === ems;
  return same ? session : undefined;
}

function helloTerms(
  c: ServerConversation,
  { hello, binding }: ReadHello,
  version: LegacyVersion,
  { suite, sessionId }: Pick<Terms, "suite" | "sessionId">,
): Terms {
  const algorithms = algorithmsOf(suite);
  if (algorithms === undefined) throw new TlsAlertError(ALERT.handshakeFailure, `${suite.name} is unknown`);
  const offered = (name: Parameters<typeof findExtension>[1]) =>
    findExtension(hello.extensions, name) !== undefined;
  return {
    version,
    suite,
    algorithms,
    hash: algorithms.hash,
    randoms: { client: hello.random, server: serverRandom(c, version) },
    extendedMasterSecret: offered("extendedMasterSecret"),
    encryptThenMac: offered("encryptThenMac") && algorithms.cipher.kind === "cbc",
    ticketExpected: offered("sessionTicket") && c.setup.sessions !== undefined,
    statusExpected: false,
    secureRenegotiation: binding !== undefined,
    protocol: undefined,
    sessionId,
  };
}

function serverRandom({ setup }: ServerConversation, version: LegacyVersion): Buffer {
  const random = setup.random(32);
  const newest = newestOf(setup.versions);
  if (setup.laxity?.downgrades === true || newest === version || newest === undefined) return random;
  if (newest !== "1.3" && newest !== "1.2") return random;
  const mark = version === "1.2" ? DOWNGRADE.to12 : DOWNGRADE.below12;
  return Buffer.concat([random.subarray(0, 24), Buffer.from(mark, "hex")]);
}

/** Sends ServerHello; gives the terms with what a hook made of it. */
function sayHello(c: ServerConversation, { hello, binding }: ReadHello, terms: Terms): Terms {
  const extensions: Extension[] = [];
  if (binding !== undefined)
    extensions.push(extension(EXTENSION.renegotiationInfo, renegotiationLayout, binding));
  if (terms.extendedMasterSecret) extensions.push(flag("extendedMasterSecret"));
  if (terms.encryptThenMac) extensions.push(flag("encryptThenMac"));
  if (terms.ticketExpected) extensions.push(flag("sessionTicket"));
  if (terms.algorithms.keyExchange.startsWith("ECDHE") && findExtension(hello.extensions, "ecPointFormats"))
    extensions.push(extension(EXTENSION.ecPointFormats, pointFormatsLayout, Buffer.of(0)));
  const meant: ServerHello = {
    version: VERSION_NUMBER[terms.version],
    random: terms.randoms.server,
    sessionId: terms.sessionId,
    suite: terms.suite.code,
    compression: 0,
    extensions: extensions.length === 0 ? undefined : extensions,
  };
  const said = c.setup.hooks?.serverHello?.(meant) ?? meant;
  c.sender.handshake("serverHello", encode(serverHelloLayout, said));
  return { ...terms, randoms: { ...terms.randoms, server: said.random } };
}

function* full(c: ServerConversation, read: ReadHello, version: LegacyVersion): ServerHandshake<Accepted> {
  const { setup, sender, transcript } = c;
  const sessionId = setup.sessions === undefined ? Buffer.alloc(0) : setup.random(32);
  const terms = sayHello(
    c,
    read,
    helloTerms(c, read, version, { suite: chooseSuite(setup, read), sessionId }),
  );
  const exchange = terms.algorithms.keyExchange;
  const byCertificate = showsCertificate(exchange);
  if (byCertificate)
    sender.handshake("certificate", encode(certificateLayout, setup.credential?.chain ?? []));
  const part = makeServerPart(setup, read, terms);
  if (part.body !== undefined) sender.handshake("serverKeyExchange", part.body);
  const asks = byCertificate && setup.clientCertificate !== undefined;
  if (asks) sender.handshake("certificateRequest", certificateRequest(version));
  sender.handshake("serverHelloDone", Buffer.alloc(0));

  const certificates = asks ? yield* clientChain(c) : [];
  const { body } = yield* expectMessage(c, "clientKeyExchange");
  const { share } = part;
  const told = readClientPart(body, exchange, { setup, share, helloVersion: read.hello.version });
  const key = told.identity === undefined ? undefined : yield* pskOf(c, read, terms, told.identity);
  const made = premasterOf(exchange, told.secret, key);
  const premaster = setup.hooks?.secret?.(made) ?? made;
  const master = terms.extendedMasterSecret
    ? extendedMasterSecret(terms, premaster, transcriptHash(terms.version, terms.hash, transcript))
    : masterSecret(terms, premaster, terms.randoms);
  if (certificates.length > 0) yield* certificateVerify(c, terms, certificates);
  tellSecret(c, terms, master);
  const protection = protectionOf("server", terms, master, setup.random, setup.laxity);
  const { finished: client, data } = yield* receiveFinished(c, terms, master, protection.opener);
  const session = { ...common(terms, read, master), identity: told.identity };
  const kept = keep(c, terms, session);
  const server = sendFinished(c, terms, master, protection.sealer);
  return accepted(terms, master, read, {
    finished: { client, server },
    certificates,
    identity: told.identity,
    resumed: false,
    ...(kept === undefined ? {} : { session: kept }),
    ...(data === undefined ? {} : { data }),
  });
}

function* abbreviated(
  c: ServerConversation,
  read: ReadHello,
  version: LegacyVersion,
  session: ServerSession,
): ServerHandshake<Accepted> {
  // The terminal knows by its own identifier that the session goes on (RFC 5246 7.3, RFC 5077 3.4).
  const { sessionId } = read.hello;
  const terms = sayHello(c, read, helloTerms(c, read, version, { suite: session.suite, sessionId }));
  const master = session.secret;
  tellSecret(c, terms, master);
  const protection = protectionOf("server", terms, master, c.setup.random, c.setup.laxity);
  keep(c, terms, { ...session, serverName: read.serverName });
  const server = sendFinished(c, terms, master, protection.sealer);
  const { finished: client, data } = yield* receiveFinished(c, terms, master, protection.opener);
  return accepted(terms, master, read, {
    finished: { client, server },
    certificates: [],
    identity: session.identity,
    resumed: true,
    session,
    ...(data === undefined ? {} : { data }),
  });
}

/** @throws TlsAlertError (unknown_psk_identity), or as the caller says */
function* pskOf(
  c: ServerConversation,
  { serverName }: ReadHello,
  { version, suite }: Terms,
  identity: Buffer,
): ServerHandshake<Buffer> {
  const key = yield* awaited(c.setup.psk?.find({ identity, version, suite, serverName }));
  if (key === undefined) throw new TlsAlertError(ALERT.unknownPskIdentity, "the identity is not known");
  return key;
}

function sendFinished(c: ServerConversation, terms: Terms, master: Buffer, sealer: Sealer): Buffer {
  c.sender.changeCipherSpec();
  c.sender.use(sealer);
  const hash = transcriptHash(terms.version, terms.hash, c.transcript);
  const data = verifyData(terms, master, "server", hash);
  c.sender.handshake("finished", data);
  return data;
}

/** `data`: what came instead of it, where that is passed over. @throws TlsAlertError (unexpected_message, decrypt_error) */
function* receiveFinished(
  c: ServerConversation,
  terms: Terms,
  master: Buffer,
  opener: Opener,
): ServerHandshake<{ readonly finished: Buffer; readonly data?: Buffer }> {
  const { laxity } = c.setup;
  const nothing = Buffer.alloc(0);
  for (;;) {
    const change = yield;
    if (change.kind === "changeCipherSpec") break;
    if (change.kind === "application" && laxity?.dataForFinished === true)
      return { finished: nothing, data: change.octets };
    if (laxity?.skipsUnexpected !== true) throw unexpected(change, "ChangeCipherSpec");
  }
  c.receiver.use(opener);
  const hash = transcriptHash(terms.version, terms.hash, c.transcript);
  const right = verifyData(terms, master, "client", hash);
  for (;;) {
    const message = yield;
    if (message.kind === "application" && laxity?.dataForFinished === true)
      return { finished: nothing, data: message.octets };
    if (message.kind !== "handshake" || message.type !== FINISHED) {
      if (laxity?.skipsUnexpected !== true) throw unexpected(message, "finished");
      continue;
    }
    c.transcript.push(message.octets);
    requireFinished(message.body, right, laxity?.anyFinished === true);
    return { finished: message.body };
  }
}

const FINISHED = 20;

/** @throws TlsAlertError (decrypt_error) */
export function requireFinished(body: Buffer, right: Buffer, any: boolean): void {
  if (any || (body.length === right.length && timingSafeEqual(body, right))) return;
  throw new TlsAlertError(ALERT.decryptError, "the terminal's Finished does not verify");
}

const common = (
  { version, suite, extendedMasterSecret: ems }: Terms,
  { serverName }: ReadHello,
  secret: Buffer,
) => ({
  version,
  suite,
  secret,
  extendedMasterSecret: ems,
  serverName,
  ageAdd: 0,
});

/** Gives the terminal a name for the session, where it wants one. */
function keep(c: ServerConversation, terms: Terms, session: ServerSession): ServerSession | undefined {
  const { sessions } = c.setup;
  if (!terms.ticketExpected || sessions === undefined) return undefined;
  const ticket = sessions.keep(session);
  c.sender.handshake("newSessionTicket", encode(ticket12Layout, { lifetime: TICKET_LIFETIME, ticket }));
  return session;
}

function tellSecret({ setup }: ServerConversation, { randoms }: Terms, master: Buffer): void {
  setup.onSecret?.(keyLogLine("CLIENT_RANDOM", randoms.client, master));
}

function accepted(
  terms: Terms,
  master: Buffer,
  { serverName }: ReadHello,
  more: Pick<Accepted, "finished" | "certificates" | "identity" | "resumed" | "session" | "data">,
): Accepted {
  return {
    version: terms.version,
    suite: terms.suite,
    serverName,
    extendedMasterSecret: terms.extendedMasterSecret,
    earlyDataAccepted: false,
    secureRenegotiation: terms.secureRenegotiation,
    exporter: legacyExporter(terms, master),
    ...more,
  };
}
