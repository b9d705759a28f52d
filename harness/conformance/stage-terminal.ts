import { type CipherSuite, suiteHex, tlsDeviation } from "../protocols/tls/index.ts";
import type { Subscriber } from "../roles/key-manager/index.ts";
import {
  type Access,
  type DigestAccess,
  type EnablerEntrance,
  type EntryOutcome,
  type NafCredential,
  pskAuthentication,
  requestOctets,
  type SecurityAssociation,
  Terminal,
} from "../roles/terminal/index.ts";
import type { VisitedNetwork } from "../roles/visited-network/index.ts";
import type { ClaimedWayIn, TlsVersion } from "../system/profile/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import type { AddressTranslation } from "../wire/address-translation.ts";
import { EngineSecureClient } from "../wire/engine/engine-secure-client.ts";
import { NodeSecureClient } from "../wire/node-secure-client.ts";
import type { Observer } from "../wire/observer.ts";
import type {
  ConnectionBounds,
  Destination,
  HandshakeOutcome,
  RenegotiationOutcome,
  SecureClient,
} from "../wire/secure-client.ts";
import type { BootstrapOptions, EntryOptions, SecondHandshakeOptions } from "./case-context.ts";
import { claimedUa } from "./claimed-ua.ts";
import { claimedLinks, type Instance, isClaimable, type Link } from "./parameters.ts";
import { CaseDefect, NothingToAsk } from "./verdict.ts";

/** A terminal that enters as the parameters of one instance say. */
export class StageTerminal {
  readonly subscriber: Subscriber;
  readonly #terminal: Terminal;
  readonly #system: TestSystem;
  readonly #instance: Instance;
  readonly #link: Link;
  readonly #onSession: (session: { close(): Promise<void> }) => void;
  readonly #onEntered: (access: Access) => void;
  readonly #behind: AddressTranslation | VisitedNetwork | undefined;
  readonly #onSecret: ((line: string) => void) | undefined;

  constructor(options: {
    system: TestSystem;
    instance: Instance;
    observer: Observer;
    onSession: (session: { close(): Promise<void> }) => void;
    onEntered: (access: Access) => void;
    sqn?: Uint8Array;
    /** What stands between the terminal and everybody else. */
    behind?: AddressTranslation | VisitedNetwork;
    /** Lines of a key log. */
    onSecret?: (line: string) => void;
  }) {
    this.#system = options.system;
    this.#instance = options.instance;
    this.#onSession = options.onSession;
    this.#onEntered = options.onEntered;
    this.#behind = options.behind;
    this.#onSecret = options.onSecret;
    this.#link = linkOf(options.system, options.instance);
    this.subscriber = options.system.keyManager.addSubscriber(options.system.subscriber());
    this.#terminal = new Terminal({
      subscriber: this.subscriber,
      client: new NodeSecureClient(options.onSecret === undefined ? {} : { onSecret: options.onSecret }),
      bounds: boundsOf(options.system),
      observer: options.observer,
      ...(options.sqn === undefined ? {} : { sqn: options.sqn }),
    });
  }

  bootstrap({ btid, ...options }: BootstrapOptions = {}): Promise<SecurityAssociation> {
    if (btid !== undefined) this.#system.keyManager.chooseBTid(this.subscriber.impi, btid);
    const { name, ub } = this.#system.keyManager;
    return this.#terminal.bootstrap({ name, ub: this.#seen(ub) }, options);
  }

  async enter(credential: NafCredential, options: EntryOptions = {}): Promise<EntryOutcome> {
    if (this.#instance.case.needs.wayIn === "uc1.https-digest")
      return this.enterWithDigest(credential, options);
    return this.enterWithPsk(credential, options);
  }

  async enterWithPsk(
    credential: NafCredential,
    options: EntryOptions,
    separator = this.#system.profile.ixit.psk.separator,
  ): Promise<EntryOutcome> {
    const entrance = this.#entrance("uc1.psk-tls", options);
    const ua = this.#ua("uc1.psk-tls", entrance.version, entrance.suites[0] ?? this.#link.suite);
    const { identity } = options;
    const psk = { ua, separator, ...(identity === undefined ? {} : { identity }) };
    return this.#watched(await this.#terminal.enterWithPsk(entrance, credential, psk));
  }

  async renegotiate(
    { session }: Access,
    { credential, misbehaviour }: SecondHandshakeOptions = {},
  ): Promise<RenegotiationOutcome> {
    if (session.renegotiate === undefined)
      throw new CaseDefect("the case renegotiates on a connection that it did not enter with client: engine");
    const { separator } = this.#system.profile.ixit.psk;
    const { serverName } = this.#system.profile.ixit.enabler;
    const ua = this.#ua("uc1.psk-tls", session.version, session.suite);
    return session.renegotiate({
      ...(credential === undefined
        ? {}
        : { authentication: pskAuthentication(serverName, credential, { ua, separator }) }),
      ...(misbehaviour === undefined ? {} : { misbehave: tlsDeviation(misbehaviour).begin }),
    });
  }

  async enterWithDigest(
    credential: NafCredential,
    options: EntryOptions = {},
  ): Promise<EntryOutcome<DigestAccess>> {
    const outcome = await this.#terminal.enterWithDigest(
      this.#entrance("uc1.https-digest", options),
      credential,
      {
        trust: this.#system.trust,
        ua: (version, suite) => this.#ua("uc1.https-digest", version, suite),
        choice: this.#digestChoice(),
      },
    );
    return this.#watched(outcome);
  }

  async enterAsNobody(options: EntryOptions = {}): Promise<EntryOutcome> {
    const entrance = this.#entrance("server-only", options);
    return this.#watched(await this.#terminal.enterAsNobody(entrance, this.#system.trust));
  }

  async handshakeWithCertificate(options: EntryOptions = {}): Promise<HandshakeOutcome> {
    const { wayIn } = this.#instance.case.needs;
    const entrance = this.#entrance(isClaimable(wayIn) ? wayIn : "uc1.https-digest", options);
    const outcome = await this.#terminal.connectWithCertificate(entrance, this.#system.trust);
    if (outcome.ok) this.#onSession(outcome.session);
    return outcome;
  }

  #watched<A extends EntryOutcome>(outcome: A): A {
    if (outcome.entered) {
      const { access } = outcome;
      // The session of then: the enabler may have made the terminal connect anew.
      this.#onSession({ close: () => access.session.close() });
      this.#onEntered(access);
    }
    return outcome;
  }

  #ua(wayIn: "uc1.psk-tls" | "uc1.https-digest", version: TlsVersion, suite: CipherSuite) {
    return claimedUa(this.#system.profile.ics, wayIn, version, suite);
  }

  #entrance(wayIn: ClaimedWayIn, options: EntryOptions): EnablerEntrance {
    const second = options.secondInstance === true;
    const address = this.#system.endpoints[second ? "uc1.https-digest.second" : wayIn];
    if (address === undefined && second) {
      throw new NothingToAsk(
        "no second instance is known: name enabler.addresses.uc1.https-digest.second in the IXIT, or announce it",
      );
    }
    if (address === undefined) {
      throw new Error(`the system under test announced no address for ${wayIn}, which its ICS claims`);
    }
    const serverName = options.serverName ?? this.#system.profile.ixit.enabler.serverName;
    return {
      address: this.#seen(address),
      serverName,
      ...(options.sentServerName === undefined ? {} : { sentServerName: options.sentServerName }),
      version: options.version ?? (options.suites === undefined ? this.#link.version : "1.2"),
      suites: options.suites ?? [this.#link.suite],
      ...this.#ownClient(options, serverName),
    };
  }

  /** What only the suite's own TLS can do is done by it. */
  #ownClient(options: EntryOptions, serverName: string): { readonly client?: SecureClient } {
    const { client, misbehaviour, identityOctets, onTicket, resume, earlyRequest, offering, naive } = options;
    const own = [client, misbehaviour, identityOctets, onTicket, resume, earlyRequest, offering, naive];
    if (own.every((one) => one === undefined)) return {};
    const onSecret = this.#onSecret;
    return {
      client: new EngineSecureClient({
        ...(misbehaviour === undefined ? {} : { misbehave: tlsDeviation(misbehaviour).begin }),
        ...(identityOctets === undefined ? {} : { identity: identityOctets }),
        ...(naive === undefined ? {} : { naive }),
        ...(onSecret === undefined ? {} : { onSecret }),
        ...(onTicket === undefined ? {} : { onSession: onTicket }),
        offer: {
          ...offering,
          ...(onTicket === undefined ? {} : { tickets: true }),
          ...(resume === undefined ? {} : { session: resume }),
          ...(earlyRequest === undefined ? {} : { earlyData: requestOctets(serverName, earlyRequest) }),
        },
      }),
    };
  }

  /** Where the terminal connects to reach this address. */
  #seen(address: Destination): Destination {
    return this.#behind?.inside(address) ?? address;
  }

  #digestChoice() {
    const { digest } = this.#system.profile.ics;
    const { algorithm, qop } = this.#instance.parameters;
    return {
      algorithm: digest.algorithms.find((one) => one === algorithm) ?? digest.algorithms[0] ?? "MD5",
      qop: digest.qop.find((one) => one === qop) ?? digest.qop[0] ?? "auth",
    };
  }
}

/** The link that the parameters name; of those left open the first that the ICS claims. */
function linkOf(system: TestSystem, instance: Instance): Link {
  const { wayIn } = instance.case.needs;
  const { tls, suite } = instance.parameters;
  const links = isClaimable(wayIn) ? claimedLinks(system.profile.ics, wayIn) : [];
  const link = links.find(
    (one) =>
      (tls === undefined || one.version === tls) && (suite === undefined || suiteHex(one.suite) === suite),
  );
  if (link === undefined) throw new Error(`the ICS claims no TLS version and suite for ${instance.key}`);
  return link;
}

/** An exchange that waits for the SUT to give its key manager up must not end before the SUT may. */
function boundsOf(system: TestSystem): ConnectionBounds {
  const { connectMs, responseMs, keyManagerMs } = system.profile.ixit.bounds;
  return { connectMs, responseMs: Math.max(responseMs, keyManagerMs + 1_000) };
}
