/** What a cipher suite of TLS 1.3 does on a connection: hash its transcript, protect its records (RFC 8446 7.3). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import { deriveSecret, expandLabel, hashOf, type ScheduleHash, trafficKeys } from "../keys/schedule.ts";
import { type AeadCipher, aeadOpener13, aeadSealer13 } from "../records/aead.ts";
import type { CipherSuite } from "../suites.ts";
import { hashMessages } from "./messages.ts";

/** The cipher suite of a connection, and the hash of its transcript. */
export class Suite13 {
  readonly suite: CipherSuite;
  readonly hash: ScheduleHash;
  readonly cipher: AeadCipher;

  /** @throws TlsAlertError (illegal_parameter) */
  constructor(suite: CipherSuite) {
    const algorithms = algorithmsOf(suite);
    if (algorithms?.keyExchange !== "any" || algorithms.cipher.kind !== "aead")
      throw new TlsAlertError(ALERT.illegalParameter, `${suite.name} is no suite of TLS 1.3`);
    this.suite = suite;
    this.hash = algorithms.hash;
    this.cipher = algorithms.cipher;
  }

  transcript({ transcript }: { readonly transcript: readonly Buffer[] }): Buffer {
    return hashMessages(this.hash, transcript);
  }

  sealer(secret: Buffer) {
    return aeadSealer13({ cipher: this.cipher, ...trafficKeys(this.hash, secret, this.cipher.key) });
  }

  opener(secret: Buffer) {
    return aeadOpener13({ cipher: this.cipher, ...trafficKeys(this.hash, secret, this.cipher.key) });
  }

  /** RFC 8446 7.5. */
  exporter(master: Buffer): (label: string, context: Buffer | undefined, octets: number) => Buffer {
    const { hash } = this;
    return (label, context, octets) => {
      const secret = deriveSecret(hash, master, label, hashOf(hash, Buffer.alloc(0)));
      return expandLabel(hash, secret, "exporter", hashOf(hash, context ?? Buffer.alloc(0)), octets);
    };
  }
}
