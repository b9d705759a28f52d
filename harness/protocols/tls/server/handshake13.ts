/** The server's side of TLS 1.3 (RFC 8446 2, 4). */
import { ALERT, TlsAlertError } from "../alert.ts";
import type { TrafficSecrets } from "../connection/after-handshake13.ts";
import { keyLogLine } from "../connection/key-log.ts";
import { Suite13 } from "../connection/suite13.ts";
import { GROUPS, type GroupName } from "../keys/agreement.ts";
import { finishedMac, hashOf, KeySchedule, ticketPsk } from "../keys/schedule.ts";
import { encode, uint } from "../layout/layout.ts";
import {
  clientSharesLayout,
  EXTENSION,
  extension,
  extensionValue,
  flag,
  type KeyShareEntry,
  keyShareEntryLayout,
  retryGroupLayout,
  selectedPskLayout,
  serverVersionLayout,
} from "../messages/extensions.ts";
import {
  type Extension,
  extensionsLayout,
  HANDSHAKE_TYPE,
  handshakeLayout,
  RETRY_RANDOM,
  type ServerHello,
  serverHelloLayout,
  ticket13Layout,
} from "../messages/handshake.ts";
import { VERSION_NUMBER } from "../versions.ts";
import { shareOfGroup } from "./careless-shares.ts";
import { clientProof, showCertificate } from "./certificates13.ts";
import { chooseSuite, commonGroup, type ReadHello, readClientHello } from "./client-hello.ts";
import {
  expectMessage,
  type ServerConversation,
  type ServerHandshake,
  type ServerSession,
  unexpected,
} from "./conversation.ts";
import type { Accepted } from "./established.ts";
import { requireFinished } from "./legacy-handshake.ts";
import { type SelectedPsk, selectPsk, sendsEarlyData } from "./psk13.ts";

/** legacy_record_version (RFC 8446 5.1). */
const RECORD_VERSION = 0x0303;
/** Octets of early data that are left out when it is refused. */
const SKIPPED = 2 ** 16;
const TICKET_LIFETIME = 3_600;

interface Agreement {
  readonly read: ReadHello;
  readonly psk: SelectedPsk | undefined;
  readonly entry: KeyShareEntry | undefined;
  /** True after a HelloRetryRequest. */
  readonly retried: boolean;
}

export function* handshake13(
  c: ServerConversation,
  first: ReadHello,
  onEarlyData: (octets: Buffer) => void,
): ServerHandshake<{ readonly accepted: Accepted; readonly traffic: TrafficSecrets }> {
  const { setup, sender, receiver } = c;
  sender.recordVersion = RECORD_VERSION;
  receiver.dropsChangeCipherSpec = true;
  const suite = new Suite13(chooseSuite(setup, first));
  const agreement = yield* agree(c, first, suite);
  const { read, psk } = agreement;
  const early =
    psk?.index === 0 && sendsEarlyData(read) && setup.earlyData !== undefined && !agreement.retried;
  const earlySecret = early
    ? psk.schedule.earlyTraffic(hashOf(suite.hash, c.transcript[0] ?? Buffer.alloc(0)))
    : undefined;
  const schedule = psk?.schedule ?? new KeySchedule(suite.hash);
  schedule.enterHandshake(sayHello(c, suite, agreement));
  const afterHello = suite.transcript(c);
  const client = schedule.handshakeTraffic("c", afterHello);
  const server = schedule.handshakeTraffic("s", afterHello);
  tell(c, read, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", client);
  tell(c, read, "SERVER_HANDSHAKE_TRAFFIC_SECRET", server);
  sender.use(suite.sealer(server));
  const finishedServer = sayServerFlight(c, read, { suite, psk, server, early });
  const afterServer = suite.transcript(c);
  const traffic = {
    suite,
    client: schedule.applicationTraffic("c", afterServer),
    server: schedule.applicationTraffic("s", afterServer),
  };
  tell(c, read, "CLIENT_TRAFFIC_SECRET_0", traffic.client);
  tell(c, read, "SERVER_TRAFFIC_SECRET_0", traffic.server);
  sender.use(suite.sealer(traffic.server));

  if (earlySecret !== undefined) yield* takeEarlyData(c, suite, earlySecret, onEarlyData);
  else if (sendsEarlyData(read)) receiver.skipEarlyData(SKIPPED);
  receiver.use(suite.opener(client));
  const certificates =
    psk === undefined && setup.clientCertificate !== undefined ? yield* clientProof(c, suite) : [];
  const right = finishedMac(suite.hash, client, suite.transcript(c));
  const { body, data } = yield* finished(c);
  if (data === undefined) requireFinished(body, right, setup.laxity?.anyFinished === true);
  const resumption = schedule.resumptionMaster(suite.transcript(c));
  if (data === undefined) receiver.use(suite.opener(traffic.client));
  receiver.dropsChangeCipherSpec = false;
  const identity = psk?.identity;
  const session = sendTicket(c, read, suite, { resumption, identity });
  const accepted: Accepted = {
    version: "1.3",
    suite: suite.suite,
    resumed: psk?.session !== undefined,
    serverName: read.serverName,
    identity,
    certificates,
    extendedMasterSecret: true,
    earlyDataAccepted: early,
    secureRenegotiation: false,
    finished: { client: body, server: finishedServer },
    ...(session === undefined ? {} : { session }),
    ...(data === undefined ? {} : { data }),
    exporter: suite.exporter(schedule.exporterMaster(afterServer)),
  };
  return { accepted, traffic };
}

/** Key and share, after a HelloRetryRequest where no share fits (RFC 8446 4.1.4). */
function* agree(c: ServerConversation, first: ReadHello, suite: Suite13): ServerHandshake<Agreement> {
  const psk = yield* selectPsk(c, first, suite.suite, []);
  const entry = shareOf(c, first);
  const group = commonGroup(c.setup, first.groups);
  if (entry !== undefined || psk?.modes.alone === true || group === undefined) {
    requireAgreeable(c, psk, entry);
    return {
      read: first,
      psk,
      entry: goesWithout(c, psk) ? undefined : entry,
      retried: false,
    };
  }
  const read = yield* retry(c, first, suite, group);
  const again = yield* selectPsk(c, read, suite.suite, c.transcript.slice(0, -1));
  const second = shareOf(c, read);
  requireAgreeable(c, again, second);
  return { read, psk: again, entry: second, retried: true };
}

/** The key alone makes the secrets. */
const goesWithout = ({ setup: { laxity } }: ServerConversation, psk: SelectedPsk | undefined): boolean =>
  psk !== undefined && (!psk.modes.withShare || (psk.modes.alone && laxity?.avoidsShares === true));

/** @throws TlsAlertError (handshake_failure, missing_extension) */
function requireAgreeable(
  { setup }: ServerConversation,
  psk: SelectedPsk | undefined,
  entry: KeyShareEntry | undefined,
): void {
  if (psk === undefined && setup.credential === undefined)
    throw new TlsAlertError(ALERT.unknownPskIdentity, "no pre-shared key that is known, and no certificate");
  if (psk?.modes.alone === true) return;
  if (entry === undefined) throw new TlsAlertError(ALERT.handshakeFailure, "no group in common");
}

function shareOf({ setup }: ServerConversation, { hello, groups }: ReadHello): KeyShareEntry | undefined {
  const shares = extensionValue(hello.extensions, "keyShare", clientSharesLayout) ?? [];
  const known = shares.filter(({ group }) => groups.includes(group));
  const name = commonGroup(
    setup,
    known.map(({ group }) => group),
  );
  return name === undefined ? undefined : known.find(({ group }) => group === GROUPS[name]);
}

function* retry(
  c: ServerConversation,
  first: ReadHello,
  suite: Suite13,
  group: GroupName,
): ServerHandshake<ReadHello> {
  const [hello = Buffer.alloc(0)] = c.transcript;
  // RFC 8446 4.4.1: the first ClientHello enters the transcript as its hash.
  const body = hashOf(suite.hash, hello);
  c.transcript.splice(0, 1, encode(handshakeLayout, { type: HANDSHAKE_TYPE.messageHash, body }));
  const extensions = [
    extension(EXTENSION.supportedVersions, serverVersionLayout, VERSION_NUMBER["1.3"]),
    extension(EXTENSION.keyShare, retryGroupLayout, GROUPS[group]),
  ];
  say(c, first, { random: RETRY_RANDOM, suite: suite.suite.code, extensions });
  if (sendsEarlyData(first)) c.receiver.skipEarlyData(SKIPPED);
  const message = yield* expectMessage(c, "clientHello");
  const read = readClientHello(c.setup, message.body);
  if (read.version !== "1.3" || !shareGroups(read).includes(GROUPS[group]))
    throw new TlsAlertError(ALERT.illegalParameter, "the second ClientHello is not what was asked for");
  return read;
}

const shareGroups = ({ hello }: ReadHello): readonly number[] =>
  (extensionValue(hello.extensions, "keyShare", clientSharesLayout) ?? []).map(({ group }) => group);

function say(
  c: ServerConversation,
  { hello }: ReadHello,
  fields: Pick<ServerHello, "random" | "suite" | "extensions">,
): void {
  const meant = { version: VERSION_NUMBER["1.2"], sessionId: hello.sessionId, compression: 0, ...fields };
  const said = c.setup.hooks?.serverHello?.(meant) ?? meant;
  c.sender.handshake("serverHello", encode(serverHelloLayout, said));
}

/** Sends ServerHello; gives the shared secret, undefined with psk_ke. @throws TlsAlertError (illegal_parameter) */
function sayHello(
  c: ServerConversation,
  suite: Suite13,
  { read, psk, entry }: Agreement,
): Buffer | undefined {
  const { setup } = c;
  const extensions: Extension[] = [
    extension(EXTENSION.supportedVersions, serverVersionLayout, VERSION_NUMBER["1.3"]),
  ];
  let secret: Buffer | undefined;
  const name = entry === undefined ? undefined : commonGroup(setup, [entry.group]);
  if (entry !== undefined && name !== undefined) {
    const share = shareOfGroup(setup, name);
    secret = share.agree(entry.key);
    const own = { group: entry.group, key: share.public };
    extensions.push(extension(EXTENSION.keyShare, keyShareEntryLayout, own));
  }
  if (psk !== undefined) extensions.push(extension(EXTENSION.preSharedKey, selectedPskLayout, psk.index));
  say(c, read, { random: setup.random(32), suite: suite.suite.code, extensions });
  // RFC 8446 D.4: for the eyes of middleboxes.
  if (read.hello.sessionId.length > 0) c.sender.changeCipherSpec();
  return secret === undefined ? undefined : (setup.hooks?.secret?.(secret) ?? secret);
}

/** EncryptedExtensions [CertificateRequest] [Certificate CertificateVerify] Finished; gives verify_data. */
function sayServerFlight(
  c: ServerConversation,
  read: ReadHello,
  {
    suite,
    psk,
    server,
    early,
  }: { suite: Suite13; psk: SelectedPsk | undefined; server: Buffer; early: boolean },
): Buffer {
  const { sender } = c;
  sender.handshake("encryptedExtensions", encode(extensionsLayout, early ? [flag("earlyData")] : []));
  if (psk === undefined) showCertificate(c, suite, read);
  const data = finishedMac(suite.hash, server, suite.transcript(c));
  sender.handshake("finished", data);
  return data;
}

/** Everything until EndOfEarlyData (RFC 8446 4.5). @throws TlsAlertError (unexpected_message) */
function* takeEarlyData(
  c: ServerConversation,
  suite: Suite13,
  secret: Buffer,
  onEarlyData: (octets: Buffer) => void,
): ServerHandshake<void> {
  c.receiver.use(suite.opener(secret));
  let left = c.setup.earlyData ?? 0;
  for (;;) {
    const message = yield;
    if (message.kind === "application") {
      left -= message.octets.length;
      if (left < 0) throw new TlsAlertError(ALERT.unexpectedMessage, "more early data than was allowed");
      onEarlyData(message.octets);
    } else if (message.kind === "handshake" && message.type === HANDSHAKE_TYPE.endOfEarlyData) {
      c.transcript.push(message.octets);
      return;
    } else throw unexpected(message, "early data");
  }
}

function* finished(
  c: ServerConversation,
): ServerHandshake<{ readonly body: Buffer; readonly data?: Buffer }> {
  const { laxity } = c.setup;
  for (;;) {
    const message = yield;
    if (message.kind === "handshake" && message.type === HANDSHAKE_TYPE.finished) {
      c.transcript.push(message.octets);
      return { body: message.body };
    }
    if (message.kind === "application" && laxity?.dataForFinished === true)
      return { body: Buffer.alloc(0), data: message.octets };
    if (laxity?.skipsUnexpected !== true) throw unexpected(message, "finished");
  }
}

/** One NewSessionTicket, where sessions can go on (RFC 8446 4.6.1). */
function sendTicket(
  c: ServerConversation,
  { serverName }: ReadHello,
  suite: Suite13,
  { resumption, identity }: { resumption: Buffer; identity: Buffer | undefined },
): ServerSession | undefined {
  const { sessions, random, earlyData } = c.setup;
  if (sessions === undefined) return undefined;
  const nonce = random(8);
  const session: ServerSession = {
    version: "1.3",
    suite: suite.suite,
    secret: ticketPsk(suite.hash, resumption, nonce),
    extendedMasterSecret: true,
    serverName,
    identity,
    ageAdd: random(4).readUInt32BE(0),
  };
  const extensions = earlyData === undefined ? [] : [extension(EXTENSION.earlyData, uint(4), earlyData)];
  const ticket = sessions.keep(session);
  const message = { lifetime: TICKET_LIFETIME, ageAdd: session.ageAdd, nonce, ticket, extensions };
  c.sender.handshake("newSessionTicket", encode(ticket13Layout, message));
  return session;
}

function tell({ setup }: ServerConversation, { hello }: ReadHello, label: string, secret: Buffer): void {
  setup.onSecret?.(keyLogLine(label, hello.random, secret));
}
