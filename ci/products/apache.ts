import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IssuedCertificate } from "../../harness/roles/certificate-authority/index.ts";
import { freePort, Product, ProductError, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

const MODULES = "/usr/lib/apache2/modules";
/** Attempts at a port that somebody else took between choosing and listening. */
const ATTEMPTS = 3;

export interface ApacheOptions {
  readonly serverName: string;
  readonly credentials: IssuedCertificate;
  readonly realm: string;
  /** Lines of its user file: `user:realm:H(A1)`. */
  readonly users: readonly string[];
  /** Body of the one protected resource, `/protected`. */
  readonly content: string;
}

/** Apache with mod_ssl and mod_auth_digest on loopback. */
export class Apache {
  readonly port: number;
  readonly #folder: ProductFolder;
  readonly #product: Product;

  private constructor(port: number, folder: ProductFolder, product: Product) {
    this.port = port;
    this.#folder = folder;
    this.#product = product;
  }

  /** @throws ProductError with the end of Apache's log when it does not start. */
  static async start(options: ApacheOptions): Promise<Apache> {
    for (let attempt = 1; ; attempt++) {
      const folder = new ProductFolder();
      const port = await freePort();
      const file = folder.write("apache.conf", configuration(folder, port, options));
      const product = new Product(unprivileged(["apache2", "-DFOREGROUND", "-f", file]));
      const apache = new Apache(port, folder, product);
      try {
        await product.untilListening(port);
        return apache;
      } catch (error) {
        const log = apache.#log();
        await apache.stop();
        if (attempt === ATTEMPTS || !String(error).includes("Address already in use"))
          throw new ProductError(`${error}\n${log}`);
      }
    }
  }

  async stop(): Promise<void> {
    await this.#product.stop();
    this.#folder.remove();
  }

  #log(): string {
    try {
      return readFileSync(join(this.#folder.path, "error.log"), "utf8").slice(-2_000);
    } catch {
      return "It wrote no log.";
    }
  }
}

function configuration(folder: ProductFolder, port: number, options: ApacheOptions): string {
  const modules = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest", "ssl"];
  const { serverName, credentials, realm, users, content } = options;
  return `
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
ServerName ${serverName}
ServerRoot ${folder.path}
DefaultRuntimeDir ${folder.path}
Mutex file:${folder.path}
PidFile ${folder.path}/apache.pid
ErrorLog ${folder.path}/error.log
Listen 127.0.0.1:${port}
DocumentRoot ${folder.folder("www")}
# Served: ${folder.write("www/protected", content)}
SSLEngine on
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLSessionCache none
SSLCertificateFile ${folder.write("server.pem", credentials.certificate)}
SSLCertificateKeyFile ${folder.write("server.key", credentials.privateKey)}
<Location "/">
  AuthType Digest
  AuthName "${realm}"
  AuthDigestProvider file
  AuthUserFile ${folder.write("users", `${users.join("\n")}\n`)}
  AuthDigestAlgorithm MD5
  AuthDigestQop auth
  # At most 30 s: then a next nonce is named with every response.
  AuthDigestNonceLifetime 30
  Require valid-user
</Location>
`;
}
