import type { BTid, Ks } from "../../protocols/gba/index.ts";
import { NafCredential } from "./credential.ts";

/** What a bootstrapping left in the terminal: the key, its name and its end. */
export class SecurityAssociation {
  readonly btid: BTid;
  /** When the key expires, by the key manager's clock. */
  readonly lifetime: Date;
  /** The name and the key with which the terminal goes to an enabler. */
  readonly credential: NafCredential;

  constructor(bootstrapped: {
    readonly btid: BTid;
    readonly ks: Ks;
    /** 16 octets. */
    readonly rand: Uint8Array;
    readonly impi: string;
    readonly lifetime: Date;
  }) {
    this.btid = bootstrapped.btid;
    this.lifetime = bootstrapped.lifetime;
    this.credential = NafCredential.of(bootstrapped);
  }
}
