/** ClientHello: from an offer to the octets that are sent (RFC 8446 4.1.2, 4.2; RFC 5246 7.4.1.2). */

import { algorithmsOf } from "../algorithms.ts";
import { GROUPS, groupByNumber, type KeyShare, makeShare } from "../keys/agreement.ts";
import { finishedMac, hashOf, KeySchedule, type ScheduleHash } from "../keys/schedule.ts";
import { SCHEME_NUMBERS } from "../keys/signature.ts";
import { decode, encode, rest, uint } from "../layout/layout.ts";
import {
  clientSharesLayout,
  clientVersionsLayout,
  EXTENSION,
  extension,
  flag,
  groupsLayout,
  type KeyShareEntry,
  offeredPsksLayout,
  pointFormatsLayout,
  protocolsLayout,
  pskModesLayout,
  renegotiationLayout,
  STATUS_REQUEST,
  schemesLayout,
  serverNameLayout,
} from "../messages/extensions.ts";
import {
  type ClientHello,
  clientHelloLayout,
  type Extension,
  HANDSHAKE_TYPE,
  handshakeLayout,
} from "../messages/handshake.ts";
import { type LegacyVersion, type TlsVersion, VERSION_NUMBER } from "../versions.ts";
import type { Conversation } from "./conversation.ts";
import { type ClientOffer, DEFAULT_GROUPS, offeredGroups, SIGNALLING_SUITE } from "./offer.ts";

/** A PSK as it stands in a ClientHello of TLS 1.3. */
export interface OfferedPsk {
  readonly kind: "ext" | "res";
  readonly identity: Buffer;
  readonly ticketAge: number;
  readonly schedule: KeySchedule;
}

/** What the answer to a ClientHello is read with. */
export interface SentHello {
  readonly hello: ClientHello;
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly psks: readonly OfferedPsk[];
}

/** What a HelloRetryRequest asks for (RFC 8446 4.1.4). */
export interface Retry {
  readonly group?: number;
  readonly cookie?: Extension;
  /** Hash of the suite that the server chose: keys for another hash are not offered again. */
  readonly hash: ScheduleHash;
}

const MODE = { psk_ke: 0, psk_dhe_ke: 1 } as const;
const HOST_NAME = 0;

/** The versions up to 1.2 of an offer, newest first. */
function legacyVersions({ versions }: ClientOffer): readonly LegacyVersion[] {
  return (["1.2", "1.1", "1.0"] as const).filter((version) => versions.includes(version));
}

/** Makes and sends a ClientHello; a second one answers a HelloRetryRequest with the first one's randomness. */
export function sendClientHello(
  conversation: Conversation,
  first?: { readonly sent: SentHello; readonly retry: Retry },
): SentHello {
  const { setup, sender, transcript } = conversation;
  const { offer, random, hooks } = setup;
  const right = first === undefined ? firstShares(offer, random) : retriedShares(first, random);
  const shares = new Map([...right].map(([group, share]) => [group, hooks?.share?.(share) ?? share]));
  const psks = offeredPsks(conversation, first?.retry.hash);
  const hello = first?.sent.hello;
  const made: ClientHello = {
    version: VERSION_NUMBER[legacyVersions(offer)[0] ?? "1.2"],
    random: hello?.random ?? random(32),
    sessionId: hello?.sessionId ?? sessionIdOf(offer, random),
    suites: suitesOf(conversation),
    compression: Buffer.of(0),
    extensions: extensionsOf(conversation, shares, psks, first?.retry),
  };
  const changed = hooks?.clientHello?.(made) ?? made;
  const body = withBinders(encode(clientHelloLayout, changed), psks, transcript);
  sender.handshake("clientHello", body);
  return { hello: decode(clientHelloLayout, body), shares, psks };
}

function suitesOf({ setup: { offer }, before }: Conversation): readonly number[] {
  const { suites, renegotiationInfo, fallbackSuite } = offer;
  return [
    ...suites.map(({ code }) => code),
    // RFC 5746 3.5: in a later handshake it must not stand there.
    ...(renegotiationInfo === "suite" && before === undefined ? [SIGNALLING_SUITE.renegotiation] : []),
    ...(fallbackSuite === true ? [SIGNALLING_SUITE.fallback] : []),
  ];
}

/** RFC 5077 3.4: with a ticket the client makes an identifier up, by which it sees that the ticket was taken. */
function sessionIdOf({ session }: ClientOffer, random: (octets: number) => Buffer): Buffer {
  if (session === undefined || session.version === "1.3") return Buffer.alloc(0);
  return session.ticket === undefined ? session.sessionId : random(32);
}

function firstShares(offer: ClientOffer, random: (octets: number) => Buffer): Map<number, KeyShare> {
  const group = (offer.groups ?? DEFAULT_GROUPS)[0];
  const needed = offer.versions.includes("1.3") && offer.pskModes?.includes("psk_dhe_ke") !== false;
  if (group === undefined || !needed) return new Map();
  return new Map([[GROUPS[group], makeShare(group, random)]]);
}

function retriedShares(
  { sent, retry }: { readonly sent: SentHello; readonly retry: Retry },
  random: (octets: number) => Buffer,
): ReadonlyMap<number, KeyShare> {
  const { group } = retry;
  if (group === undefined) return sent.shares;
  const found = groupByNumber(group);
  if (found === undefined) throw new Error(`group ${group} was offered and cannot be carried out`);
  return new Map([[group, makeShare(found, random)]]);
}

function offeredPsks({ setup }: Conversation, only?: ScheduleHash): readonly OfferedPsk[] {
  const { offer, now } = setup;
  if (!offer.versions.includes("1.3")) return [];
  const { session, psk } = offer;
  const psks: OfferedPsk[] = [];
  if (session?.version === "1.3") {
    const age = (now() - session.receivedAt + session.ageAdd) % 2 ** 32;
    const hash = algorithmsOf(session.suite)?.hash ?? "sha256";
    const schedule = new KeySchedule(hash, session.psk);
    psks.push({ kind: "res", identity: session.ticket, ticketAge: age, schedule });
  }
  if (psk !== undefined) {
    // An external PSK without a declared hash is one for SHA-256 (RFC 8446 4.2.11).
    const schedule = new KeySchedule("sha256", psk.key);
    psks.push({ kind: "ext", identity: psk.identity, ticketAge: 0, schedule });
  }
  return psks.filter(({ schedule }) => only === undefined || schedule.hash === only);
}

function extensionsOf(
  { setup: { offer }, before }: Conversation,
  shares: ReadonlyMap<number, KeyShare>,
  psks: readonly OfferedPsk[],
  retry: Retry | undefined,
): readonly Extension[] | undefined {
  const all = [
    ...commonExtensions(offer),
    ...(legacyVersions(offer).length > 0 ? legacyExtensions(offer, before?.finished.client) : []),
    ...(offer.versions.includes("1.3") ? extensions13(offer, shares, psks, retry) : []),
  ];
  return all.length === 0 ? undefined : all;
}

function commonExtensions(offer: ClientOffer): readonly Extension[] {
  const { serverName, protocols, statusRequest, versions } = offer;
  const groups = offeredGroups(offer);
  const needsGroups = offer.suites.some(({ name }) => !/^TLS_(PSK|RSA|RSA_PSK|DHE_PSK)_WITH/.test(name));
  const needsSchemes = versions.some((version) => version === "1.2" || version === "1.3");
  return [
    ...(serverName === undefined
      ? []
      : [
          extension(EXTENSION.serverName, serverNameLayout, [
            { type: HOST_NAME, name: Buffer.from(serverName, "ascii") },
          ]),
        ]),
    ...(needsGroups ? [extension(EXTENSION.supportedGroups, groupsLayout, groups)] : []),
    ...(needsSchemes ? [extension(EXTENSION.signatureAlgorithms, schemesLayout, SCHEME_NUMBERS)] : []),
    ...(protocols === undefined
      ? []
      : [
          extension(
            EXTENSION.alpn,
            protocolsLayout,
            protocols.map((name) => Buffer.from(name)),
          ),
        ]),
    ...(statusRequest === true ? [{ type: EXTENSION.statusRequest, data: STATUS_REQUEST }] : []),
  ];
}

/** `bound`: verify_data of the client in the handshake before (RFC 5746 3.5); undefined: this is the first. */
function legacyExtensions(offer: ClientOffer, bound: Buffer | undefined): readonly Extension[] {
  const { session } = offer;
  const ticket = session !== undefined && session.version !== "1.3" ? session.ticket : undefined;
  const elliptic = offer.suites.some(({ name }) => name.includes("_ECDHE_"));
  return [
    ...(elliptic ? [extension(EXTENSION.ecPointFormats, pointFormatsLayout, Buffer.of(0))] : []),
    ...(offer.extendedMasterSecret === false ? [] : [flag("extendedMasterSecret")]),
    ...(offer.encryptThenMac === false ? [] : [flag("encryptThenMac")]),
    ...(offer.tickets === true || ticket !== undefined
      ? [{ type: EXTENSION.sessionTicket, data: ticket ?? Buffer.alloc(0) }]
      : []),
    ...(bound !== undefined || (offer.renegotiationInfo ?? "extension") === "extension"
      ? [extension(EXTENSION.renegotiationInfo, renegotiationLayout, bound ?? Buffer.alloc(0))]
      : []),
  ];
}

function extensions13(
  offer: ClientOffer,
  shares: ReadonlyMap<number, KeyShare>,
  psks: readonly OfferedPsk[],
  retry: Retry | undefined,
): readonly Extension[] {
  const order: readonly TlsVersion[] = ["1.3", "1.2", "1.1", "1.0"];
  const versions = order.filter((version) => offer.versions.includes(version));
  const entries: readonly KeyShareEntry[] = [...shares].map(([group, share]) => ({
    group,
    key: share.public,
  }));
  const modes = (offer.pskModes ?? ["psk_ke", "psk_dhe_ke"]).map((name) => MODE[name]);
  return [
    extension(
      EXTENSION.supportedVersions,
      clientVersionsLayout,
      versions.map((version) => VERSION_NUMBER[version]),
    ),
    ...(entries.length > 0 ? [extension(EXTENSION.keyShare, clientSharesLayout, entries)] : []),
    extension(EXTENSION.pskKeyExchangeModes, pskModesLayout, Buffer.from(modes)),
    ...(retry?.cookie === undefined ? [] : [retry.cookie]),
    // After a HelloRetryRequest there is no early data any more (RFC 8446 4.1.2).
    ...(offer.earlyData !== undefined && retry === undefined ? [flag("earlyData")] : []),
    ...(psks.length > 0 ? [pskExtension(psks)] : []),
  ];
}

const binderOctets = (psk: OfferedPsk): number => (psk.schedule.hash === "sha384" ? 48 : 32);

/** Must be the last (RFC 8446 4.2.11); its binders are filled in when the rest is known. */
function pskExtension(psks: readonly OfferedPsk[]): Extension {
  return extension(EXTENSION.preSharedKey, offeredPsksLayout, {
    identities: psks.map(({ identity, ticketAge }) => ({ identity, ticketAge })),
    binders: psks.map((psk) => Buffer.alloc(binderOctets(psk))),
  });
}

/** Computes the binders over the hello up to them (RFC 8446 4.2.11.2), where the PSK extension still is the last. */
function withBinders(body: Buffer, psks: readonly OfferedPsk[], before: readonly Buffer[]): Buffer {
  const last = decode(clientHelloLayout, body).extensions?.at(-1);
  if (psks.length === 0 || last?.type !== EXTENSION.preSharedKey) return body;
  const octets = 2 + psks.reduce((sum, psk) => sum + 1 + binderOctets(psk), 0);
  const whole = encode(handshakeLayout, { type: HANDSHAKE_TYPE.clientHello, body });
  const partial = Buffer.concat([...before, whole.subarray(0, whole.length - octets)]);
  const binders = psks.map(({ kind, schedule }) =>
    finishedMac(schedule.hash, schedule.binderKey(kind), hashOf(schedule.hash, partial)),
  );
  const tail = Buffer.concat([
    encode(uint(2), octets - 2),
    ...binders.map((binder) => Buffer.concat([Buffer.of(binder.length), binder])),
  ]);
  return Buffer.concat([body.subarray(0, body.length - octets), encode(rest, tail)]);
}
