import { setTimeout as wait } from "node:timers/promises";
import {
  type ClientOffer,
  type Hooks,
  serverShareIn,
  shareDeviation,
  type TlsDeviationName,
  tlsDeviation,
} from "../../../../harness/protocols/tls/index.ts";
import { RecordStream } from "../../../../harness/roles/visited-network/record-stream.ts";
import { DrivenClient, suiteNamed } from "../../../../harness/wire/engine/testing/driven-client.ts";
import { type Bench, OTHER_SERVER_NAME, SERVER_NAME } from "../bench.ts";
import { type Link, pskOffer } from "../clients.ts";
import { type Probe, TLS_12, TLS_13 } from "./probe.ts";

const SOON_MS = 500;
const IMPI = "user1@home1.example";
const GET = `GET /protected HTTP/1.1\r\nHost: ${SERVER_NAME}\r\n\r\n`;
const SUITE = { "TLSv1.2": "TLS_PSK_WITH_AES_128_GCM_SHA256", "TLSv1.3": "TLS_AES_128_GCM_SHA256" } as const;
const ECDHE = "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256";
const CBC = "TLS_PSK_WITH_AES_128_CBC_SHA256";
const CBC_LINK: Link = ["TLSv1.2", "PSK-AES128-CBC-SHA256", "01000100ae"];
const BLOCK = 16;
const APPLICATION = 23;
const NO_NONCE = Buffer.alloc(8);
const DATA = "applicationData";
const ECDHE_LINK: Link = ["TLSv1.2", "ECDHE-PSK-AES128-CBC-SHA256", "010001c037"];
/** DOWNGRD (RFC 8446 4.1.3). */
const MARK = "444f574e475244";

/** What the suite's own TLS offers for a user, and with which key. */
function offerOf(bench: Bench, link: Link, more: Partial<ClientOffer> = {}): ClientOffer {
  const { identity, key } = pskOffer(bench.keyManager.bootstrap(IMPI), ...link);
  const is13 = link[0] === "TLSv1.3";
  return {
    versions: [is13 ? "1.3" : "1.2"],
    suites: [suiteNamed(is13 ? SUITE["TLSv1.3"] : SUITE["TLSv1.2"])],
    serverName: SERVER_NAME,
    psk: { identity: Buffer.from(identity), key },
    ...more,
  };
}

/** A client that asked for what is protected; it is left to the caller to close it. */
async function visit(
  bench: Bench,
  offer: ClientOffer,
  deviation: TlsDeviationName | Hooks = {},
): Promise<DrivenClient> {
  const hooks = typeof deviation === "string" ? tlsDeviation(deviation).begin() : deviation;
  const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, offer, hooks);
  await client.until(() => client.established !== undefined);
  if (client.established !== undefined && client.end === undefined) client.send(GET);
  await client.until(() => client.received.includes("\r\n\r\n"));
  client.close();
  return client;
}

/** A record of CBC whose last octet, the length of its padding, is another one. */
function padded(record: Buffer): Buffer {
  const changed = Buffer.from(record);
  const at = changed.length - BLOCK - 1;
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

const served = ({ received }: DrivenClient): boolean => received.startsWith("HTTP/1.1 200");

/** True when a terminal is served whose TLS does this. */
const servedAfter =
  (deviation: TlsDeviationName, ...links: readonly Link[]): Probe =>
  async (bench) => {
    const seen = await Promise.all(
      links.map(async (link) => served(await visit(bench, offerOf(bench, link), deviation))),
    );
    return seen.every(Boolean);
  };

/** ServerHello.random as hex. */
const serverRandom = async (bench: Bench): Promise<string> =>
  (await visit(bench, offerOf(bench, TLS_12))).serverRandom;

/** What a user, or another one, is told when the first one's session goes on. */
async function toldWhenResumed(bench: Bench, more: Partial<ClientOffer> = {}): Promise<string> {
  const offer = offerOf(bench, TLS_12, { tickets: true });
  const first = await visit(bench, offer);
  const [session] = first.sessions;
  if (session === undefined) return "";
  const other = pskOffer(bench.keyManager.bootstrap("user2@home1.example"), ...TLS_12);
  await visit(bench, { ...offer, psk: { identity: Buffer.from(other.identity), key: other.key } });
  const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, { ...offer, ...more, session });
  await client.until(() => client.established !== undefined);
  if (client.established?.resumed !== true || client.end !== undefined) return "";
  client.send(GET.replace("/protected", "/identity"));
  await client.until(() => client.received.endsWith("}"));
  client.close();
  return client.received;
}

/** On a connection that a second handshake was made on, as another user and with this misbehaviour: what he is told. */
async function toldWhenRenegotiated(
  bench: Bench,
  change: (other: NonNullable<ClientOffer["psk"]>, own: Buffer) => NonNullable<ClientOffer["psk"]>,
  deviation?: TlsDeviationName,
): Promise<string> {
  const offer = offerOf(bench, TLS_12);
  const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, offer);
  await client.shaken();
  const { identity, key } = pskOffer(bench.keyManager.bootstrap("user2@home1.example"), ...TLS_12);
  const psk = change({ identity: Buffer.from(identity), key }, offer.psk?.key ?? Buffer.alloc(0));
  const hooks = deviation === undefined ? {} : tlsDeviation(deviation).begin();
  const second = await client.renegotiate({ ...offer, psk }, hooks);
  if (typeof second !== "object" || client.end !== undefined) return "";
  client.send(GET.replace("/protected", "/identity"));
  await client.until(() => client.received.endsWith("}"));
  client.close();
  return client.received;
}

type WrongShare = Parameters<typeof shareDeviation>[0];

/** Whether one of so many connections is served as it takes to meet the secret of this share. */
async function servedWith(
  bench: Bench,
  link: Parameters<typeof offerOf>[1],
  name: WrongShare,
): Promise<boolean> {
  const { connections, group } = shareDeviation(name);
  const suites = link === ECDHE_LINK ? { suites: [suiteNamed(ECDHE)] } : {};
  const groups = [group === "finite-field" ? "ffdhe2048" : group] as const;
  for (let nth = 0; nth < connections; nth += 1)
    if (
      served(await visit(bench, offerOf(bench, link, { ...suites, groups, pskModes: ["psk_dhe_ke"] }), name))
    )
      return true;
  return false;
}

/** By id of the fault that each one finds. */
export const handshakeProbes: Readonly<Record<string, Probe>> = {
  "tls-accepts-any-finished": servedAfter("wrongFinished", TLS_12, TLS_13),
  "tls-data-for-finished": servedAfter("dataForFinished", TLS_12),
  "tls-skips-unexpected": servedAfter("certificate@before-finished", TLS_12, TLS_13),
  "tls-binder-unverified": servedAfter("wrongBinder", TLS_13),
  "tls-any-share": async (bench) =>
    (await servedWith(bench, TLS_13, "one@x25519")) &&
    (await servedWith(bench, TLS_13, "orderThree@secp384r1")) &&
    (await servedWith(bench, TLS_13, "minusOne@finite-field")) &&
    (await servedWith(bench, ECDHE_LINK, "zero@x448")) &&
    (await servedWith(bench, ECDHE_LINK, "orderThree@secp256r1")),
  "tls-random-repeats": async (bench) => {
    const first = await serverRandom(bench);
    return first === (await serverRandom(bench));
  },
  "tls-shares-repeat": async (bench) => {
    const shareOf = async () => {
      const { heard } = await visit(bench, offerOf(bench, ECDHE_LINK, { suites: [suiteNamed(ECDHE)] }));
      return serverShareIn(new RecordStream().push(heard), suiteNamed(ECDHE))?.toString("hex");
    };
    const first = await shareOf();
    return first !== undefined && first === (await shareOf());
  },
  "tls-nonces-repeat": async (bench) => {
    const { heard } = await visit(bench, offerOf(bench, TLS_12));
    const behindHeader = new RecordStream().push(heard).filter((record) => record[0] === APPLICATION);
    return behindHeader.length > 0 && behindHeader.every((record) => record.subarray(5, 13).equals(NO_NONCE));
  },
  "tls-tells-padding": async (bench) => {
    const offer = offerOf(bench, CBC_LINK, { suites: [suiteNamed(CBC)], encryptThenMac: false });
    const client = await visit(bench, offer, {
      wire: (octets, of) => [of === DATA ? padded(octets) : octets],
    });
    return client.end?.by === "server" && client.end.alert === 21;
  },
  "psk-avoids-shares": async (bench) => {
    const { heard } = await visit(bench, offerOf(bench, TLS_13));
    return serverShareIn(new RecordStream().push(heard), suiteNamed(SUITE["TLSv1.3"])) === undefined;
  },
  "tls-downgrades-silently": async (bench) => !(await serverRandom(bench)).includes(MARK),
  "tls-tickets-of-memory": async (bench) => {
    await visit(bench, offerOf(bench, TLS_12));
    const { sessions } = await visit(bench, offerOf(bench, TLS_12, { tickets: true }));
    return sessions.some(
      (session) => "ticket" in session && session.ticket?.includes("GET /protected") === true,
    );
  },
  "tls-renegotiates-unbound": async (bench) =>
    (await toldWhenRenegotiated(bench, (other) => other, "wrongVerifyData")).includes("user2@home1.example"),
  "tls-renegotiates-without-binding": async (bench) => {
    const offer = offerOf(bench, TLS_12);
    const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, offer);
    await client.shaken();
    await client.renegotiate(offer);
    const { end } = client;
    client.destroy();
    return end?.by === "client" && end.text.includes("renegotiation_info");
  },
  "tls-renegotiates-any-finished": async (bench) =>
    (await toldWhenRenegotiated(bench, (other) => other, "wrongFinished")).includes("user2@home1.example"),
  "psk-renegotiates-as-first-user": async (bench) =>
    (await toldWhenRenegotiated(bench, (other) => other)).includes(IMPI),
  "psk-renegotiates-with-first-key": async (bench) =>
    (await toldWhenRenegotiated(bench, (other, key) => ({ ...other, key }))).includes("user2@home1.example"),
  "psk-resumes-for-any-name": async (bench) =>
    (await toldWhenResumed(bench, { serverName: OTHER_SERVER_NAME })).includes(IMPI),
  "psk-resumes-as-latest-user": async (bench) =>
    (await toldWhenResumed(bench)).includes("user2@home1.example"),
  "psk-renegotiates-beyond-expiry": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    user.expiresAt = Date.now() + SOON_MS;
    const { identity, key } = pskOffer(user, ...TLS_12);
    const offer = offerOf(bench, TLS_12, { psk: { identity: Buffer.from(identity), key } });
    const client = new DrivenClient(bench.endpoints["uc1.psk-tls"].port, offer);
    await client.shaken();
    const second = await client.renegotiate(offer, {});
    if (typeof second !== "object" || client.end !== undefined) return false;
    await wait(user.expiresAt - Date.now() + 50);
    client.send(GET);
    await client.until(() => client.received.includes("\r\n\r\n"));
    client.close();
    return served(client);
  },
  "psk-resumes-expired": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    user.expiresAt = Date.now() + SOON_MS;
    const { identity, key } = pskOffer(user, ...TLS_12);
    const offer = offerOf(bench, TLS_12, { tickets: true, psk: { identity: Buffer.from(identity), key } });
    const [session] = (await visit(bench, offer)).sessions;
    await wait(user.expiresAt - Date.now() + 50);
    return session !== undefined && served(await visit(bench, { ...offer, session }));
  },
};
