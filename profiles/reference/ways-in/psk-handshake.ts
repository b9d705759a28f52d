import type { Admission, Association, KeyQuery } from "../association.ts";
import type { Policy, PskAttempt, PskChoice } from "../policy/policy.ts";
import { binderFits } from "../tls/binder.ts";
import type { ClientHello } from "../tls/client-hello.ts";
import { UA_SHARED_KEY_TLS_13, uaOfSuiteCode } from "../tls/suites.ts";

/** Descriptions of alerts (RFC 8446 6, RFC 5246 7.2). */
const ALERT = {
  handshakeFailure: 40,
  accessDenied: 49,
  internalError: 80,
  missingExtension: 109,
  unrecognizedName: 112,
  unknownPskIdentity: 115,
} as const;

/** A handshake that the enabler does not go on with. */
export class HandshakeRefused extends Error {
  readonly alert: number;

  constructor(message: string, alert: number) {
    super(message);
    this.name = "HandshakeRefused";
    this.alert = alert;
  }
}

/** The key manager is not asked about more identities of one ClientHello than this. */
const MAX_IDENTITIES = 4;

const ALERT_OF: Readonly<Record<Extract<Admission, { admitted: false }>["reason"], number>> = {
  unknown: ALERT.unknownPskIdentity,
  expired: ALERT.unknownPskIdentity,
  "not-authorised": ALERT.accessDenied,
  unavailable: ALERT.internalError,
};

/** The key for one identity, or the certificate instead of it. */
export interface Prepared {
  readonly kind: "key" | "certificate";
  /** The identity as OpenSSL will ask for it. */
  readonly identity: string;
  readonly association: Association;
}

/** Finds the key of a PSK handshake before OpenSSL needs it. One for each handshake. */
export class PskHandshake {
  readonly #policy: Policy;
  readonly #nafFqdn: string;
  readonly #obtain: (query: KeyQuery) => Promise<Admission>;

  /** @throws HandshakeRefused when the terminal did not name this enabler (TS 24.109 F.3, RFC 6066 3) */
  constructor(
    policy: Policy,
    serverNames: readonly string[],
    hello: ClientHello,
    obtain: (query: KeyQuery) => Promise<Admission>,
  ) {
    this.#policy = policy;
    this.#obtain = obtain;
    const nafFqdn = policy.nafFqdn(hello.serverName, serverNames);
    if (nafFqdn === undefined) {
      const sent = hello.serverName;
      if (sent !== undefined) throw new HandshakeRefused("another server name", ALERT.unrecognizedName);
      // RFC 8446 9.2 binds the alert of TLS 1.3; TLS 1.2 has none for a name that is missing.
      const alert = hello.offersTls13 ? ALERT.missingExtension : ALERT.handshakeFailure;
      throw new HandshakeRefused("no server name", alert);
    }
    this.#nafFqdn = nafFqdn;
  }

  /**
   * TLS 1.3: the first offered identity that has a key; an unknown one does not spoil those after it.
   * @throws HandshakeRefused when there is none (this way in has no certificate to go on with)
   */
  async prepareTls13(hello: ClientHello): Promise<Prepared> {
    if (hello.identities.length === 0) {
      throw new HandshakeRefused("TLS 1.3 without a PSK", ALERT.handshakeFailure);
    }
    if (!hello.hasPskModes) {
      throw new HandshakeRefused("pre_shared_key without psk_key_exchange_modes", ALERT.missingExtension);
    }
    for (const [index, octets] of hello.identities.slice(0, MAX_IDENTITIES).entries()) {
      const btid = this.#btidOf(octets);
      if (btid === undefined) continue;
      const choice = await this.#choose(btid, UA_SHARED_KEY_TLS_13, {
        tls: "1.3",
        proves: async (key) => binderFits(hello, index, key),
      });
      if (choice.kind !== "refused") return { ...choice, identity: openSslText(octets) };
      if (choice.reason !== "unknown") throw refusal(choice.reason);
    }
    throw refusal("unknown");
  }

  /**
   * TLS 1.2 and older: the key of the identity for the negotiated suite.
   * @throws HandshakeRefused when there is none
   */
  async prepareTls12(
    octets: Buffer,
    suite: number,
    proof: Pick<PskAttempt, "tls" | "proves">,
  ): Promise<Prepared> {
    const btid = this.#btidOf(octets);
    if (btid === undefined) throw refusal("unknown");
    const choice = await this.#choose(btid, uaOfSuiteCode(suite), proof);
    if (choice.kind === "refused") throw refusal(choice.reason);
    return { ...choice, identity: openSslText(octets) };
  }

  #btidOf(octets: Buffer): string | undefined {
    const identity = this.#policy.identityText(octets);
    return identity === undefined ? undefined : this.#policy.btidOf(identity);
  }

  #choose(btid: string, ua: string, proof: Pick<PskAttempt, "tls" | "proves">): Promise<PskChoice> {
    const query: KeyQuery = { wayIn: "uc1.psk-tls", btid, nafFqdn: this.#nafFqdn, ua };
    return this.#policy.choosePsk({ query, obtain: this.#obtain, ...proof });
  }
}

function refusal(reason: keyof typeof ALERT_OF): HandshakeRefused {
  return new HandshakeRefused(`PSK identity ${reason}`, ALERT_OF[reason]);
}

/**
 * As OpenSSL and Node will name it: a string of C, read as UTF-8. Two identities can look the same so, which does no
 * harm: the key was looked up for the octets that came.
 */
function openSslText(octets: Buffer): string {
  const end = octets.indexOf(0);
  return octets.toString("utf8", 0, end < 0 ? octets.length : end);
}
