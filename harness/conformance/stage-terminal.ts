import { type CipherSuite, suiteHex } from "../protocols/tls/index.ts";
import type { Subscriber } from "../roles/key-manager/index.ts";
import {
  type DigestAccess,
  type EnablerEntrance,
  type EntryOutcome,
  type NafCredential,
  type SecurityAssociation,
  Terminal,
} from "../roles/terminal/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import { NodeSecureClient } from "../wire/node-secure-client.ts";
import type { Observer } from "../wire/observer.ts";
import type { ConnectionBounds, HandshakeOutcome } from "../wire/secure-client.ts";
import type { EntryOptions } from "./case-context.ts";
import { claimedUa } from "./claimed-ua.ts";
import { claimedLinks, type Instance, type Link } from "./parameters.ts";

const CLIENT = new NodeSecureClient();

/** A terminal that enters as the parameters of one instance say. */
export class StageTerminal {
  readonly subscriber: Subscriber;
  readonly #terminal: Terminal;
  readonly #system: TestSystem;
  readonly #instance: Instance;
  readonly #link: Link;
  readonly #onSession: (session: { close(): Promise<void> }) => void;

  constructor(options: {
    system: TestSystem;
    instance: Instance;
    observer: Observer;
    onSession: (session: { close(): Promise<void> }) => void;
  }) {
    this.#system = options.system;
    this.#instance = options.instance;
    this.#onSession = options.onSession;
    this.#link = linkOf(options.system, options.instance);
    this.subscriber = options.system.keyManager.addSubscriber(options.system.subscriber());
    this.#terminal = new Terminal({
      subscriber: this.subscriber,
      client: CLIENT,
      bounds: boundsOf(options.system),
      observer: options.observer,
    });
  }

  bootstrap(): Promise<SecurityAssociation> {
    return this.#terminal.bootstrap(this.#system.keyManager);
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
    return this.#watched(await this.#terminal.enterWithPsk(entrance, credential, { ua, separator }));
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

  async handshakeWithCertificate(options: EntryOptions = {}): Promise<HandshakeOutcome> {
    const { wayIn } = this.#instance.case.needs;
    const entrance = this.#entrance(wayIn === "uc1.psk-tls" ? wayIn : "uc1.https-digest", options);
    const outcome = await this.#terminal.connectWithCertificate(entrance, this.#system.trust);
    if (outcome.ok) this.#onSession(outcome.session);
    return outcome;
  }

  #watched<A extends EntryOutcome>(outcome: A): A {
    if (outcome.entered) {
      const { access } = outcome;
      // The session of then: the enabler may have made the terminal connect anew.
      this.#onSession({ close: () => access.session.close() });
    }
    return outcome;
  }

  #ua(wayIn: "uc1.psk-tls" | "uc1.https-digest", version: "1.2" | "1.3", suite: CipherSuite) {
    return claimedUa(this.#system.profile.ics, wayIn, version, suite);
  }

  #entrance(wayIn: "uc1.psk-tls" | "uc1.https-digest", options: EntryOptions): EnablerEntrance {
    const address = this.#system.endpoints[wayIn];
    if (address === undefined) {
      throw new Error(`the system under test announced no address for ${wayIn}, which its ICS claims`);
    }
    return {
      address,
      serverName: options.serverName ?? this.#system.profile.ixit.enabler.serverName,
      version: options.suites === undefined ? this.#link.version : "1.2",
      suites: options.suites ?? [this.#link.suite],
    };
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
  const links =
    wayIn === "uc1.psk-tls" || wayIn === "uc1.https-digest" ? claimedLinks(system.profile.ics, wayIn) : [];
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
