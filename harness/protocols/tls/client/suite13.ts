/** What a cipher suite of TLS 1.3 does on a connection: hash its transcript, protect its records (RFC 8446 7.3). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { algorithmsOf } from "../algorithms.ts";
import { type ScheduleHash, trafficKeys } from "../keys/schedule.ts";
import { type AeadCipher, aeadOpener13, aeadSealer13 } from "../records/aead.ts";
import type { CipherSuite } from "../suites.ts";
import { type Conversation, hashMessages } from "./conversation.ts";

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

  transcript({ transcript }: Conversation): Buffer {
    return hashMessages(this.hash, transcript);
  }

  sealer(secret: Buffer) {
    return aeadSealer13({ cipher: this.cipher, ...trafficKeys(this.hash, secret, this.cipher.key) });
  }

  opener(secret: Buffer) {
    return aeadOpener13({ cipher: this.cipher, ...trafficKeys(this.hash, secret, this.cipher.key) });
  }
}
