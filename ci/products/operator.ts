import { UA_TLS13_PSK, type UaIdentifier, uaTlsSuite } from "../../harness/protocols/gba/index.ts";
import { type CipherSuite, suiteByName } from "../../harness/protocols/tls/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { KeyManager, randomSubscriber, type Subscriber } from "../../harness/roles/key-manager/index.ts";
import { type EnablerEntrance, type NafCredential, Terminal } from "../../harness/roles/terminal/index.ts";
import { NodeSecureClient } from "../../harness/wire/node-secure-client.ts";

const DOMAIN = "home1.example";
export const KEY_MANAGER = `bsf.${DOMAIN}`;
/** FQDN under which the terminal goes to each product, and that of the reference system. */
export const ENABLER = `naf.${DOMAIN}`;
const BOUNDS = { connectMs: 10_000, responseMs: 20_000 } as const;
const UNOBSERVED = { event: () => undefined } as const;

/** The harness's side of a test: key manager and certificate authority of one operator, on loopback. */
export class Operator {
  readonly authority: CertificateAuthority;
  readonly keyManager: KeyManager;

  private constructor(authority: CertificateAuthority, keyManager: KeyManager) {
    this.authority = authority;
    this.keyManager = keyManager;
  }

  static async start(): Promise<Operator> {
    const authority = await CertificateAuthority.create("seccf test operator");
    const keyManager = await KeyManager.start({
      name: KEY_MANAGER,
      ub: { host: "127.0.0.1", port: 0 },
      zn: { host: "127.0.0.1", port: 0 },
      ...(await authority.issue({ commonName: KEY_MANAGER, names: [KEY_MANAGER], usage: "server" })),
      trust: authority.certificate,
      authorisedNafs: [ENABLER],
    });
    return new Operator(authority, keyManager);
  }

  /** The terminal of a new subscriber. */
  user(): Promise<User> {
    return User.bootstrap(this.keyManager, randomSubscriber(DOMAIN));
  }

  close(): Promise<void> {
    return this.keyManager.close();
  }
}

/** A subscriber whose terminal has run Ub. */
export class User {
  readonly subscriber: Subscriber;
  readonly terminal: Terminal;
  readonly credential: NafCredential;

  private constructor(subscriber: Subscriber, terminal: Terminal, credential: NafCredential) {
    this.subscriber = subscriber;
    this.terminal = terminal;
    this.credential = credential;
  }

  static async bootstrap(keyManager: KeyManager, subscriber: Subscriber): Promise<User> {
    keyManager.addSubscriber(subscriber);
    const client = new NodeSecureClient();
    const terminal = new Terminal({ subscriber, client, bounds: BOUNDS, observer: UNOBSERVED });
    const { credential } = await terminal.bootstrap(keyManager);
    return new User(subscriber, terminal, credential);
  }

  /** PSK-TLS to a port of loopback, with the Ua identifier that TS 33.220 H.3 gives the suite. */
  enterWithPsk(port: number, suite: CipherSuite, credential = this.credential) {
    return this.terminal.enterWithPsk(entrance(port, suite), credential, {
      ua: pskUa(suite),
      separator: ";",
    });
  }

  /** Identity in PSK-TLS, as products are configured with it (TS 24.109 5.3.3). */
  get pskIdentity(): string {
    return `3GPP-bootstrapping;${this.credential.name}`;
  }

  /** Ks_NAF in 64 hexadecimal digits, as products are configured with it. */
  keyHex(ua: UaIdentifier): string {
    return Buffer.from(this.credential.key({ nafFqdn: ENABLER, ua })).toString("hex");
  }
}

export function pskUa(suite: CipherSuite): UaIdentifier {
  return suite.version === "1.3" ? UA_TLS13_PSK : uaTlsSuite(suite.code);
}

export function entrance(port: number, suite: CipherSuite): EnablerEntrance {
  return {
    address: { host: "127.0.0.1", port },
    serverName: ENABLER,
    version: suite.version,
    suites: [suite],
  };
}

/** @throws Error when the table has no such suite. */
export function suiteNamed(name: string): CipherSuite {
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`the suite table has no ${name}`);
  return suite;
}
