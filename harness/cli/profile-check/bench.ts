import type { EnablerView } from "../../conformance/case-context.ts";
import { claimedUa } from "../../conformance/claimed-ua.ts";
import { enablerView } from "../../conformance/enabler-view.ts";
import { claimedLinks, type Link } from "../../conformance/parameters.ts";
import {
  type DigestAccess,
  type EnablerEntrance,
  type EntryOutcome,
  type SecurityAssociation,
  Terminal,
} from "../../roles/terminal/index.ts";
import type { ClaimedWayIn, Ics, Ixit, Profile } from "../../system/profile/index.ts";
import type { Address, EndpointName } from "../../system/profile/profile.ts";
import { urlHost } from "../../system/started-system.ts";
import type { TestSystem } from "../../system/test-system.ts";
import { NodeSecureClient } from "../../wire/node-secure-client.ts";
import type { Observer } from "../../wire/observer.ts";
import type { ConnectionBounds, HandshakeOutcome } from "../../wire/secure-client.ts";

const SILENT: Observer = { event: () => undefined };
const CLIENT = new NodeSecureClient();

export type Separator = Ixit["psk"]["separator"];

/** A terminal that has bootstrapped, and how it came in. */
export interface Visitor<A extends EntryOutcome = EntryOutcome> {
  readonly association: SecurityAssociation;
  readonly identities: { readonly impi: string; readonly impus: readonly string[] };
  readonly link: Link;
  readonly outcome: A;
}

/** Valid terminals for one preflight. What turns out to be claimed wrongly is corrected here, to see what comes after. */
export class Bench {
  readonly system: TestSystem;
  readonly enabler: EnablerView;
  separator: Separator;
  uaIdentifier: string;
  /** Whether terminals believe the certificate at an address; two ways in may share one. */
  readonly believed = new Map<string, boolean>();
  readonly #sessions: { close(): Promise<void> }[] = [];

  constructor(system: TestSystem) {
    this.system = system;
    this.enabler = enablerView(system, SILENT);
    this.separator = system.profile.ixit.psk.separator;
    this.uaIdentifier = system.profile.ics.ua.identifier;
  }

  get profile(): Profile {
    return this.system.profile;
  }

  /** The claims, with a Ua identifier that was corrected. */
  get ics(): Ics {
    return { ...this.profile.ics, ua: { identifier: this.uaIdentifier } };
  }

  get ixit(): Ixit {
    return this.profile.ixit;
  }

  /** An exchange that waits for the system to give its key manager up must not end before it may. */
  get bounds(): ConnectionBounds {
    const { connectMs, responseMs, keyManagerMs } = this.ixit.bounds;
    return { connectMs, responseMs: Math.max(responseMs, keyManagerMs + 1_000) };
  }

  /** The links of a way in, in the order in which they are tried: one of each version first. */
  linksOf(wayIn: ClaimedWayIn): { readonly first: readonly Link[]; readonly others: readonly Link[] } {
    const links = claimedLinks(this.profile.ics, wayIn);
    const first = links.filter((link) => links.find(({ version }) => version === link.version) === link);
    return { first, others: links.filter((link) => !first.includes(link)) };
  }

  addressOf(wayIn: EndpointName): Address | undefined {
    return this.system.endpoints[wayIn];
  }

  /** `uc1.psk-tls at 192.0.2.1:8443` */
  nameOf(wayIn: EndpointName): string {
    const address = this.addressOf(wayIn);
    return address === undefined ? wayIn : `${wayIn} at ${urlHost(address)}`;
  }

  /** @throws BootstrappingError, which is no fault of the system under test */
  async enterWithPsk(link: Link, separator = this.separator): Promise<Visitor> {
    const { terminal, association, identities } = await this.#bootstrapped();
    const outcome = await terminal.enterWithPsk(this.#entrance("uc1.psk-tls", link), association.credential, {
      ua: claimedUa(this.ics, "uc1.psk-tls", link.version, link.suite),
      separator,
    });
    return { association, identities, link, outcome: this.#watched(outcome) };
  }

  /** @throws BootstrappingError */
  async enterWithDigest(
    link: Link,
    choice: { readonly algorithm: Ics["digest"]["algorithms"][number]; readonly qop: "auth" | "auth-int" },
  ): Promise<Visitor<EntryOutcome<DigestAccess>>> {
    const { terminal, association, identities } = await this.#bootstrapped();
    const outcome = await terminal.enterWithDigest(
      this.#entrance("uc1.https-digest", link),
      association.credential,
      {
        trust: this.system.trust,
        ua: (version, suite) => claimedUa(this.ics, "uc1.https-digest", version, suite),
        choice,
      },
    );
    return { association, identities, link, outcome: this.#watched(outcome) };
  }

  async enterAsNobody(link: Link): Promise<EntryOutcome> {
    const entrance = this.#entrance("server-only", link);
    return this.#watched(await this.#terminal().terminal.enterAsNobody(entrance, this.system.trust));
  }

  /** Whatever the certificate is worth. */
  async handshake(wayIn: ClaimedWayIn, link: Link): Promise<HandshakeOutcome> {
    const { terminal } = this.#terminal();
    const outcome = await terminal.connectWithCertificate(this.#entrance(wayIn, link), this.system.trust);
    if (outcome.ok) this.#sessions.push(outcome.session);
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }

  async #bootstrapped() {
    const { terminal, identities } = this.#terminal();
    const { name, ub } = this.system.keyManager;
    return { terminal, identities, association: await terminal.bootstrap({ name, ub }) };
  }

  #terminal() {
    const subscriber = this.system.keyManager.addSubscriber(this.system.subscriber());
    const terminal = new Terminal({ subscriber, client: CLIENT, bounds: this.bounds, observer: SILENT });
    return { terminal, identities: subscriber };
  }

  #watched<A extends EntryOutcome>(outcome: A): A {
    if (outcome.entered) {
      const { access } = outcome;
      this.#sessions.push({ close: () => access.session.close() });
    }
    return outcome;
  }

  #entrance(wayIn: ClaimedWayIn, { version, suite }: Link): EnablerEntrance {
    const address = this.addressOf(wayIn);
    if (address === undefined) throw new Error(`no address of ${wayIn} is known`);
    return { address, serverName: this.ixit.enabler.serverName, version, suites: [suite] };
  }
}
