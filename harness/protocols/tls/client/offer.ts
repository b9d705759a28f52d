import type { Credential } from "../connection/credential.ts";
import { GROUPS, type GroupName } from "../keys/agreement.ts";
import type { CipherSuite } from "../suites.ts";
import type { LegacyVersion, TlsVersion } from "../versions.ts";

/** A pre-shared key with its name, as octets: TLS asks for nothing more (RFC 4279 5.1, RFC 8446 4.2.11). */
export interface ExternalPsk {
  /** Up to 65,535 octets. */
  readonly identity: Buffer;
  readonly key: Buffer;
}

/** What a connection up to TLS 1.2 leaves for the next one. */
export interface LegacySession {
  readonly version: LegacyVersion;
  readonly suite: CipherSuite;
  readonly master: Buffer;
  readonly sessionId: Buffer;
  /** RFC 5077; absent: resumption by identifier. */
  readonly ticket?: Buffer;
  readonly extendedMasterSecret: boolean;
}

/** A ticket of TLS 1.3 (RFC 8446 4.6.1). */
export interface TicketSession {
  readonly version: "1.3";
  readonly suite: CipherSuite;
  readonly psk: Buffer;
  readonly ticket: Buffer;
  readonly ageAdd: number;
  /** Milliseconds, by the clock that the engine was given. */
  readonly receivedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  /** Octets of early data that the server takes; 0: none. */
  readonly maxEarlyData: number;
}
export type ResumableSession = LegacySession | TicketSession;

/** What the client puts into its ClientHello. */
export interface ClientOffer {
  /** Those that are offered; the newest also stands in the old version field, up to 1.2. */
  readonly versions: readonly TlsVersion[];
  readonly suites: readonly CipherSuite[];
  readonly serverName?: string;
  readonly psk?: ExternalPsk;
  /** psk_key_exchange_modes (RFC 8446 4.2.9). */
  readonly pskModes?: readonly ("psk_ke" | "psk_dhe_ke")[];
  /** In order of preference; a share is sent for the first. */
  readonly groups?: readonly GroupName[];
  /** Shown, and its key proven, when the server asks for a certificate; absent: none is shown. */
  readonly credential?: Credential;
  readonly session?: ResumableSession;
  /** Sent before the server has answered; only with a session or PSK of TLS 1.3. */
  readonly earlyData?: Buffer;
  readonly extendedMasterSecret?: boolean;
  readonly encryptThenMac?: boolean;
  /** Asks for tickets up to TLS 1.2 (RFC 5077). */
  readonly tickets?: boolean;
  readonly renegotiationInfo?: "extension" | "suite" | "none";
  readonly statusRequest?: boolean;
  readonly fallbackSuite?: boolean;
  /** ALPN names (RFC 7301). */
  readonly protocols?: readonly string[];
}

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 3.3) and TLS_FALLBACK_SCSV (RFC 7507 4). */
export const SIGNALLING_SUITE = { renegotiation: 0x00ff, fallback: 0x5600 } as const;

export const DEFAULT_GROUPS: readonly GroupName[] = [
  "x25519",
  "secp256r1",
  "secp384r1",
  "secp521r1",
  "ffdhe2048",
];

/** Numbers of the groups that an offer names, in order. */
export const offeredGroups = ({ groups }: ClientOffer): readonly number[] =>
  (groups ?? DEFAULT_GROUPS).map((name) => GROUPS[name]);
