import { randomBytes } from "node:crypto";
import { IdentityModule } from "../../protocols/aka/index.ts";
import { pskIdentity, type UaIdentifier } from "../../protocols/gba/index.ts";
import type { CipherSuite, SuiteVersion } from "../../protocols/tls/index.ts";
import type { Observer } from "../../wire/observer.ts";
import type {
  ConnectionBounds,
  Destination,
  HandshakeOutcome,
  Offer,
  SecureClient,
} from "../../wire/secure-client.ts";
import type { EntryOutcome } from "./access.ts";
import { ConnectionAccess } from "./connection-access.ts";
import type { NafCredential } from "./credential.ts";
import { DigestAccess, type DigestChoice } from "./digest-access.ts";
import { EnablerConnection } from "./enabler-connection.ts";
import type { SecurityAssociation } from "./security-association.ts";
import { bootstrap } from "./ub-client.ts";

export interface TerminalOptions {
  readonly subscriber: { readonly impi: string; readonly k: Uint8Array; readonly opc: Uint8Array };
  readonly client: SecureClient;
  readonly bounds: ConnectionBounds;
  readonly observer: Observer;
  /** SQN_MS of the identity module, 6 octets; absent: that of a new one. */
  readonly sqn?: Uint8Array;
}

/** Where and how to enter. */
export interface EnablerEntrance {
  readonly address: Destination;
  /** FQDN of the enabler: server name, Host, FQDN part of NAF_Id. */
  readonly serverName: string;
  /** What the server_name extension says instead; null: there is none. */
  readonly sentServerName?: string | null;
  readonly version: SuiteVersion;
  /** Offered alone. */
  readonly suites: readonly CipherSuite[];
  /** Instead of the terminal's own. */
  readonly client?: SecureClient;
}

/** How a credential becomes a pre-shared key with its name. */
interface PskUse {
  readonly ua: UaIdentifier;
  readonly separator: "" | ";" | ".";
  /** Instead of prefix, separator and B-TID. */
  readonly identity?: string;
}

/** Identity and key of PSK-TLS with this enabler (TS 33.222 5.4). */
export function pskAuthentication(
  nafFqdn: string,
  credential: NafCredential,
  { ua, separator, identity }: PskUse,
): Offer["authentication"] {
  return {
    kind: "psk",
    identity: identity ?? pskIdentity(credential.name, separator),
    key: credential.key({ nafFqdn, ua }),
  };
}

/** SQN_MS of a new identity module: the authentication centre of the key manager begins just above it. */
const FIRST_SQN = new Uint8Array(6);

/** The mobile terminal with its identity module. */
export class Terminal {
  readonly impi: string;
  readonly #options: TerminalOptions;
  readonly #identityModule: IdentityModule;
  #tmpi: string | undefined;

  /** @throws RangeError when K or OPc are not 16 octets or SQN not 6. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.impi = options.subscriber.impi;
    this.#identityModule = new IdentityModule({ ...options.subscriber, sqn: options.sqn ?? FIRST_SQN });
  }

  /**
   * Runs Ub once. With `tmpi` the terminal says that it knows temporary identities, and names the one that the
   * bootstrapping before gave it instead of its IMPI (TS 33.220 B.4); each is named once.
   * @throws BootstrappingError
   */
  async bootstrap(
    keyManager: { readonly name: string; readonly ub: Destination },
    { tmpi = false }: { readonly tmpi?: boolean } = {},
  ): Promise<SecurityAssociation> {
    const temporary = tmpi ? this.#tmpi : undefined;
    this.#tmpi = undefined;
    const association = await bootstrap({
      keyManager,
      impi: this.impi,
      named: temporary ?? this.impi,
      knowsTmpi: tmpi,
      identityModule: this.#identityModule,
      bounds: this.#options.bounds,
      observer: this.#options.observer,
      cnonce: randomBytes(16).toString("hex"),
    });
    this.#tmpi = association.tmpi;
    return association;
  }

  /** PSK-TLS (TS 33.222 5.4): the credential's key for this enabler and Ua identifier is the PSK. */
  async enterWithPsk(
    entrance: EnablerEntrance,
    credential: NafCredential,
    psk: PskUse,
  ): Promise<EntryOutcome> {
    const open = () => this.#connect(entrance, pskAuthentication(entrance.serverName, credential, psk));
    const outcome = await open();
    if (!outcome.ok) return { entered: false, ...outcome };
    const connection = new EnablerConnection(outcome.session, open);
    return { entered: true, access: new ConnectionAccess(connection, entrance.serverName) };
  }

  /**
   * TLS with the enabler's certificate, then Digest (TS 33.222 5.3). The terminal goes no further than the
   * handshake when the certificate is not the enabler's (RD 5.1.6).
   */
  async enterWithDigest(
    entrance: EnablerEntrance,
    credential: NafCredential,
    digest: {
      readonly trust: string;
      /** The Ua identifier depends on what is negotiated (TS 33.220 H.3). */
      readonly ua: (version: SuiteVersion, suite: CipherSuite) => UaIdentifier;
      readonly choice: DigestChoice;
    },
  ): Promise<EntryOutcome<DigestAccess>> {
    const open = async () => trusted(await this.connectWithCertificate(entrance, digest.trust));
    const outcome = await open();
    if (!outcome.ok) return { entered: false, ...outcome };
    const { session } = outcome;
    const access = new DigestAccess({
      connection: new EnablerConnection(session, open),
      serverName: entrance.serverName,
      credential,
      ua: digest.ua(session.version, session.suite),
      choice: digest.choice,
    });
    return { entered: true, access };
  }

  /** TLS with the enabler's certificate and nothing else: what follows has no user (OMA-RD-SEC_CF 4.2). */
  async enterAsNobody(entrance: EnablerEntrance, trust: string): Promise<EntryOutcome> {
    const open = async () => trusted(await this.connectWithCertificate(entrance, trust));
    const outcome = await open();
    if (!outcome.ok) return { entered: false, ...outcome };
    const connection = new EnablerConnection(outcome.session, open);
    return { entered: true, access: new ConnectionAccess(connection, entrance.serverName) };
  }

  /** Only the handshake, whatever the certificate is worth. */
  connectWithCertificate(entrance: EnablerEntrance, trust: string): Promise<HandshakeOutcome> {
    return this.#connect(entrance, { kind: "certificate", trust });
  }

  #connect(
    entrance: EnablerEntrance,
    authentication: Parameters<SecureClient["connect"]>[1]["authentication"],
  ): Promise<HandshakeOutcome> {
    const { bounds, observer } = this.#options;
    const { address, serverName, sentServerName = serverName, version, suites } = entrance;
    const { client = this.#options.client } = entrance;
    const name = sentServerName === null ? {} : { serverName: sentServerName };
    return client.connect(address, { version, suites, ...name, authentication }, bounds, observer);
  }
}

/** Ends a connection whose certificate is not the enabler's. */
async function trusted(outcome: HandshakeOutcome): Promise<HandshakeOutcome> {
  if (!outcome.ok) return outcome;
  const { certificate, resumed } = outcome.session;
  // No certificate is sent again (RFC 5246 7.3, RFC 8446 2.2): the one of the session that goes on was believed.
  if (resumed && certificate === undefined) return outcome;
  const distrust =
    certificate === undefined ? "there is none" : (certificate.chainError ?? certificate.nameError);
  if (distrust === undefined) return outcome;
  await outcome.session.close();
  const text = `the enabler's certificate is not believed: ${distrust}`;
  return { ok: false, tcpConnected: true, ending: { kind: "given-up", text }, tookMs: 0 };
}
