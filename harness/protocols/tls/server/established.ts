import type { CipherSuite } from "../suites.ts";
import type { TlsVersion } from "../versions.ts";
import type { ServerSession } from "./conversation.ts";

/** What a handshake has led to, as the server knows it. */
export interface Accepted {
  readonly version: TlsVersion;
  readonly suite: CipherSuite;
  readonly resumed: boolean;
  readonly serverName: string | undefined;
  /** Of the pre-shared key that authenticated the terminal, also in a session that went on. */
  readonly identity: Buffer | undefined;
  /** The terminal's certificates, DER, its own first; whose key it proved. They are not judged. */
  readonly certificates: readonly Buffer[];
  readonly extendedMasterSecret: boolean;
  readonly earlyDataAccepted: boolean;
  /** verify_data of each end. */
  readonly finished: { readonly client: Buffer; readonly server: Buffer };
  /** The terminal knows RFC 5746, up to TLS 1.2. */
  readonly secureRenegotiation: boolean;
  /** What can go on later. */
  readonly session?: ServerSession;
  /** With a laxity: what came where Finished was due. */
  readonly data?: Buffer;
  /** RFC 5705, RFC 8446 7.5. */
  readonly exporter: (label: string, context: Buffer | undefined, octets: number) => Buffer;
}
