/** The handshake of TLS 1.3 (RFC 8446 2, 4). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { keyLogLine } from "../connection/key-log.ts";
import type { HandshakeMessage } from "../connection/receiver.ts";
import { Suite13 } from "../connection/suite13.ts";
import { finishedMac, hashOf, KeySchedule } from "../keys/schedule.ts";
import { encode } from "../layout/layout.ts";
import {
  extensionValue,
  findExtension,
  keyShareEntryLayout,
  retryGroupLayout,
  selectedPskLayout,
  serverVersionLayout,
} from "../messages/extensions.ts";
import { HANDSHAKE_TYPE, handshakeLayout, type ServerHello } from "../messages/handshake.ts";
import { unprotected } from "../records/protection.ts";
import { VERSION_NUMBER } from "../versions.ts";
import type { Traffic } from "./after-handshake13.ts";
import { type SentHello, sendClientHello } from "./client-hello.ts";
import {
  type Conversation,
  chosenSuite,
  type Established,
  expectMessage,
  type Handshake,
} from "./conversation.ts";
import { requireFitting } from "./fitting.ts";
import { offeredGroups } from "./offer.ts";
import { answerRequest, serverFlight } from "./server-flight13.ts";

/** legacy_record_version of every record but a first ClientHello (RFC 8446 5.1). */
const RECORD_VERSION = 0x0303;

/** Answers a HelloRetryRequest (RFC 8446 4.1.4) and gives the second ServerHello. @throws TlsAlertError */
export function* retried(
  c: Conversation,
  sent: SentHello,
  retry: ServerHello,
): Handshake<{ readonly sent: SentHello; readonly message: HandshakeMessage }> {
  const suite = new Suite13(chosenSuite(c.setup, retry.suite));
  requireFitting(sent, retry.extensions, ["keyShare", "cookie", "supportedVersions"]);
  const cookie = findExtension(retry.extensions, "cookie");
  const group = extensionValue(retry.extensions, "keyShare", retryGroupLayout);
  if ((cookie === undefined && group === undefined) || (group !== undefined && sent.shares.has(group)))
    throw new TlsAlertError(ALERT.illegalParameter, "a HelloRetryRequest changes nothing");
  if (group !== undefined && !offeredGroups(c.setup.offer).includes(group))
    throw new TlsAlertError(
      ALERT.illegalParameter,
      `a HelloRetryRequest asks for group ${group}, not offered`,
    );
  // RFC 8446 4.4.1: the first ClientHello enters the transcript as its hash.
  const [hello, answer] = c.transcript;
  if (hello === undefined || answer === undefined) throw new Error("a retry without hello");
  const body = hashOf(suite.hash, hello);
  const hashed = encode(handshakeLayout, { type: HANDSHAKE_TYPE.messageHash, body });
  c.transcript.splice(0, 2, hashed, answer);
  const ask = { ...(group === undefined ? {} : { group }), ...(cookie === undefined ? {} : { cookie }) };
  // Early data was refused with this: what follows is not protected (RFC 8446 4.2.10), nor of version 1.0 (5.1).
  c.sender.use(unprotected);
  c.sender.recordVersion = RECORD_VERSION;
  const second = sendClientHello(c, { sent, retry: { ...ask, hash: suite.hash } });
  return { sent: second, message: yield* expectMessage(c, "serverHello") };
}

export function* handshake13(
  c: Conversation,
  sent: SentHello,
  answer: ServerHello,
): Handshake<{ readonly established: Established; readonly traffic: Traffic }> {
  const { setup, sender, receiver } = c;
  const suite = new Suite13(chosenSuite(setup, answer.suite));
  requireFitting(sent, answer.extensions, ["preSharedKey", "keyShare", "supportedVersions"]);
  const selected = selectedPsk(sent, answer, suite);
  const schedule = selected?.schedule ?? new KeySchedule(suite.hash);
  const early = sentEarlyData(c, sent);
  const octets = suite.hash === "sha384" ? 48 : 32;
  schedule.enterHandshake(sharedSecret(c, sent, answer, { byPsk: selected !== undefined, octets }));
  const afterHello = suite.transcript(c);
  const client = schedule.handshakeTraffic("c", afterHello);
  const server = schedule.handshakeTraffic("s", afterHello);
  tell(c, sent, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", client);
  tell(c, sent, "SERVER_HANDSHAKE_TRAFFIC_SECRET", server);
  receiver.use(suite.opener(server));
  const flight = yield* serverFlight(c, sent, suite, selected !== undefined, server);
  // RFC 8446 4.2.10: early data is taken with the first key only.
  if (flight.earlyDataAccepted && (selected === undefined || selected !== sent.psks[0]))
    throw new TlsAlertError(ALERT.illegalParameter, "early data is taken without the key that protects it");
  const afterServer = suite.transcript(c);
  const traffic = {
    suite,
    client: schedule.applicationTraffic("c", afterServer),
    server: schedule.applicationTraffic("s", afterServer),
  };
  tell(c, sent, "CLIENT_TRAFFIC_SECRET_0", traffic.client);
  tell(c, sent, "SERVER_TRAFFIC_SECRET_0", traffic.server);
  if (early && flight.earlyDataAccepted) sender.handshake("endOfEarlyData", Buffer.alloc(0));
  sender.recordVersion = RECORD_VERSION;
  sender.use(suite.sealer(client));
  if (flight.request !== undefined) answerRequest(c, suite, flight.request);
  const finished = finishedMac(suite.hash, client, suite.transcript(c));
  sender.handshake("finished", finished);
  const exporterMaster = schedule.exporterMaster(afterServer);
  tell(c, sent, "EXPORTER_SECRET", exporterMaster);
  const resumption = schedule.resumptionMaster(suite.transcript(c));
  receiver.use(suite.opener(traffic.server));
  sender.use(suite.sealer(traffic.client));
  receiver.dropsChangeCipherSpec = false;
  const established: Established = {
    version: "1.3",
    suite: suite.suite,
    resumed: selected?.kind === "res",
    pskInUse: selected !== undefined,
    certificates: flight.certificates,
    staple: flight.staple,
    hint: null,
    extendedMasterSecret: true,
    encryptThenMac: false,
    protocol: flight.protocol,
    secureRenegotiation: false,
    earlyDataAccepted: early && flight.earlyDataAccepted,
    finished: { client: finished, server: flight.finished },
    exporter: suite.exporter(exporterMaster),
  };
  return { established, traffic: { ...traffic, resumption } };
}

/** @throws TlsAlertError (illegal_parameter) when the server selects what was not offered (RFC 8446 4.2.11) */
function selectedPsk({ psks }: SentHello, { extensions }: ServerHello, { hash }: Suite13) {
  const index = extensionValue(extensions, "preSharedKey", selectedPskLayout);
  if (index === undefined) return undefined;
  const selected = psks[index];
  if (selected === undefined || selected.schedule.hash !== hash)
    throw new TlsAlertError(ALERT.illegalParameter, `pre-shared key ${index} was not offered for this hash`);
  return selected;
}

/** undefined: psk_ke. @throws TlsAlertError */
function sharedSecret(
  { setup }: Conversation,
  { shares }: SentHello,
  { extensions }: ServerHello,
  { byPsk, octets }: { readonly byPsk: boolean; readonly octets: number },
): Buffer | undefined {
  const entry = extensionValue(extensions, "keyShare", keyShareEntryLayout);
  const modes = setup.offer.pskModes ?? ["psk_ke", "psk_dhe_ke"];
  if (entry === undefined) {
    // RFC 8446 7.1: zeros stand where there is no shared secret; a hook may want others.
    if (byPsk && modes.includes("psk_ke")) return setup.hooks?.secret?.(Buffer.alloc(octets));
    throw new TlsAlertError(ALERT.missingExtension, "key_share is missing");
  }
  if (byPsk && !modes.includes("psk_dhe_ke"))
    throw new TlsAlertError(ALERT.illegalParameter, "psk_dhe_ke was not offered");
  const share = shares.get(entry.group);
  if (share === undefined)
    throw new TlsAlertError(ALERT.illegalParameter, `no share of group ${entry.group} was offered`);
  const secret = share.agree(entry.key);
  return setup.hooks?.secret?.(secret) ?? secret;
}

const sentEarlyData = ({ setup }: Conversation, { hello }: SentHello): boolean =>
  setup.offer.earlyData !== undefined && findExtension(hello.extensions, "earlyData") !== undefined;

/** Sends early data right behind the ClientHello (RFC 8446 4.2.10). */
export function sendEarlyData(c: Conversation, sent: SentHello): void {
  const { earlyData } = c.setup.offer;
  const [psk] = sent.psks;
  const [hello] = c.transcript;
  const suite = c.setup.offer.session?.suite ?? c.setup.offer.suites[0];
  if (earlyData === undefined || psk === undefined || hello === undefined || suite === undefined) return;
  const suite13 = new Suite13(suite);
  const secret = psk.schedule.earlyTraffic(hashOf(suite13.hash, hello));
  tell(c, sent, "CLIENT_EARLY_TRAFFIC_SECRET", secret);
  c.sender.recordVersion = RECORD_VERSION;
  c.sender.use(suite13.sealer(secret));
  c.sender.application(earlyData);
}

function tell({ setup }: Conversation, { hello }: SentHello, label: string, secret: Buffer): void {
  setup.onSecret?.(keyLogLine(label, hello.random, secret));
}

/**
 * Whether supported_versions of a ServerHello names TLS 1.3, and nothing else.
 * @throws TlsAlertError (illegal_parameter) (RFC 8446 4.2.1)
 */
export function names13({ version, extensions }: ServerHello): boolean {
  const selected = extensionValue(extensions, "supportedVersions", serverVersionLayout);
  if (selected === undefined) return false;
  if (selected !== VERSION_NUMBER["1.3"] || version !== VERSION_NUMBER["1.2"])
    throw new TlsAlertError(ALERT.illegalParameter, `supported_versions names 0x${selected.toString(16)}`);
  return true;
}
