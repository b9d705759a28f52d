import type { IssuedCertificate } from "../../harness/roles/certificate-authority/index.ts";
import { Product, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

export interface FreeDiameterOptions {
  /** DiameterIdentity; its certificate has this name. */
  readonly identity: string;
  readonly realm: string;
  /** IPv4 address other than loopback: it ignores that, listens on every address, and refuses to start without. */
  readonly address: string;
  /** TCP without TLS, and TLS from the start. */
  readonly port: number;
  readonly securePort: number;
  readonly credentials: IssuedCertificate;
  /** PEM of the CAs of its peers. */
  readonly trust: string;
  /** The peer to which it opens a connection. */
  readonly peer: { readonly identity: string; readonly port: number; readonly protection: "tls" | "none" };
  /** Peers that it accepts, also without TLS; `*` stands for labels. */
  readonly accepts: string;
}

/** freeDiameterd as an agent that relays every application. Only in a private network: it listens everywhere. */
export class FreeDiameter {
  readonly #product: Product;
  readonly #folder: ProductFolder;

  private constructor(product: Product, folder: ProductFolder) {
    this.#product = product;
    this.#folder = folder;
  }

  /** Ready when the connection to its peer is open. @throws ProductError with its last output when it is not. */
  static async start(options: FreeDiameterOptions): Promise<FreeDiameter> {
    const folder = new ProductFolder();
    const file = folder.write("freediameter.conf", configuration(folder, options));
    const started = new FreeDiameter(new Product(unprivileged(["freeDiameterd", "-c", file])), folder);
    try {
      const open = `'STATE_OPEN'\t'${options.peer.identity}'`;
      await started.#product.line((line) => line.includes(open) || undefined);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** Waits until it has got this message of a peer. @throws ProductError when it has not within 20 s. */
  async received(message: string, peer: string): Promise<void> {
    await this.#product.lines(
      (all) =>
        all.some((line, i) => line.includes(`RCV from '${peer}'`) && all[i + 1]?.includes(`'${message}'`)) ||
        undefined,
    );
  }

  /** Disconnects from its peers as RFC 6733 5.4 has it, and ends. */
  async stop(): Promise<void> {
    await this.#product.stop();
    this.#folder.remove();
  }
}

function configuration(folder: ProductFolder, options: FreeDiameterOptions): string {
  const { identity, realm, address, port, securePort, credentials, trust, peer, accepts } = options;
  const certificate = folder.write("certificate.pem", credentials.certificate);
  const accepted = folder.write("accepted.conf", `ALLOW_IPSEC ALLOW_OLD_TLS ${accepts}\n`);
  const protection = peer.protection === "none" ? "No_TLS; " : "";
  return [
    `Identity = "${identity}";`,
    `Realm = "${realm}";`,
    `Port = ${port};`,
    `SecPort = ${securePort};`,
    "No_SCTP;",
    "No_IPv6;",
    // The shortest interval that RFC 3539 allows.
    "TwTimer = 6;",
    `ListenOn = "${address}";`,
    `TLS_Cred = "${certificate}", "${folder.write("private.key", credentials.privateKey)}";`,
    `TLS_CA = "${folder.write("trust.pem", trust)}";`,
    `LoadExtension = "acl_wl.fdx" : "${accepted}";`,
    'LoadExtension = "dbg_msg_dumps.fdx" : "0x0080";',
    `ConnectPeer = "${peer.identity}" { ${protection}Port = ${peer.port}; ConnectTo = "${address}"; };`,
    "",
  ].join("\n");
}
