/** Pre-shared keys of TLS 1.3 as a server takes them (RFC 8446 4.2.11). */
import { timingSafeEqual } from "node:crypto";
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import { finishedMac, hashOf, KeySchedule, type ScheduleHash } from "../keys/schedule.ts";
import { extensionValue, findExtension, offeredPsksLayout, pskModesLayout } from "../messages/extensions.ts";
import type { CipherSuite } from "../suites.ts";
import type { ReadHello } from "./client-hello.ts";
import {
  awaited,
  type ServerConversation,
  type ServerHandshake,
  type ServerSession,
} from "./conversation.ts";

/** More identities of one ClientHello are not looked for. */
const MAX_IDENTITIES = 4;
const MODE = { psk_ke: 0, psk_dhe_ke: 1 } as const;

export interface SelectedPsk {
  readonly index: number;
  readonly schedule: KeySchedule;
  readonly identity: Buffer | undefined;
  /** Of the session that goes on; undefined for an external key. */
  readonly session: ServerSession | undefined;
  readonly modes: { readonly alone: boolean; readonly withShare: boolean };
}

/**
 * The first identity that has a key for this suite, whose binder has to be right.
 * @throws TlsAlertError (missing_extension, illegal_parameter, decrypt_error)
 */
export function* selectPsk(
  c: ServerConversation,
  read: ReadHello,
  suite: CipherSuite,
  before: readonly Buffer[],
): ServerHandshake<SelectedPsk | undefined> {
  const { extensions } = read.hello;
  const offered = extensionValue(extensions, "preSharedKey", offeredPsksLayout);
  if (offered === undefined) return undefined;
  const modes = extensionValue(extensions, "pskKeyExchangeModes", pskModesLayout);
  if (modes === undefined)
    throw new TlsAlertError(ALERT.missingExtension, "pre_shared_key without psk_key_exchange_modes");
  const { identities, binders } = offered;
  if (identities.length !== binders.length)
    throw new TlsAlertError(ALERT.illegalParameter, "as many binders as identities are needed");
  const taken = { alone: modes.includes(MODE.psk_ke), withShare: modes.includes(MODE.psk_dhe_ke) };
  for (const [index, { identity }] of identities.slice(0, MAX_IDENTITIES).entries()) {
    const found = yield* keyFor(c, read, suite, identity);
    if (found === undefined) continue;
    requireBinder(c, found, { binder: binders[index], behind: binderOctets(binders), before });
    return { index, modes: taken, ...found, identity: found.session?.identity ?? identity };
  }
  return undefined;
}

type Found = Pick<SelectedPsk, "schedule" | "session"> & { readonly kind: "ext" | "res" };

function* keyFor(
  c: ServerConversation,
  { serverName }: ReadHello,
  suite: CipherSuite,
  identity: Buffer,
): ServerHandshake<Found | undefined> {
  const hash = hashOfSuite(suite);
  const session = c.setup.sessions?.find(identity, serverName);
  if (session?.version === "1.3") {
    const fits = hashOfSuite(session.suite) === hash;
    return fits ? { kind: "res", schedule: new KeySchedule(hash, session.secret), session } : undefined;
  }
  // An external PSK without a declared hash is one for SHA-256.
  if (hash !== "sha256") return undefined;
  const key = yield* awaited(c.setup.psk?.find({ identity, version: "1.3", suite, serverName }));
  return key === undefined
    ? undefined
    : { kind: "ext", schedule: new KeySchedule(hash, key), session: undefined };
}

const hashOfSuite = (suite: CipherSuite): ScheduleHash => algorithmsOf(suite)?.hash ?? "sha256";

/** Of the list, with its own length. */
const binderOctets = (binders: readonly Buffer[]): number =>
  2 + binders.reduce((sum, { length }) => sum + 1 + length, 0);

function requireBinder(
  { transcript, setup }: ServerConversation,
  { schedule, kind }: Found,
  {
    binder = Buffer.alloc(0),
    behind,
    before,
  }: { readonly binder: Buffer | undefined; readonly behind: number; readonly before: readonly Buffer[] },
): void {
  if (setup.laxity?.anyBinder === true) return;
  const hello = transcript.at(-1) ?? Buffer.alloc(0);
  const partial = Buffer.concat([...before, hello.subarray(0, hello.length - behind)]);
  const right = finishedMac(schedule.hash, schedule.binderKey(kind), hashOf(schedule.hash, partial));
  if (binder.length !== right.length || !timingSafeEqual(binder, right))
    throw new TlsAlertError(ALERT.decryptError, "the binder does not verify");
}

/** Whether the terminal sends early data, with the first of its keys. */
export const sendsEarlyData = ({ hello }: ReadHello): boolean =>
  findExtension(hello.extensions, "earlyData") !== undefined;
