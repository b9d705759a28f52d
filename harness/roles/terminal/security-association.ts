import type { BTid, Ks } from "../../protocols/gba/index.ts";
import { NafCredential } from "./credential.ts";

/** What a bootstrapping left in the terminal: the key, its name and its end. */
export class SecurityAssociation {
  readonly btid: BTid;
  /** When the key expires, by the key manager's clock. */
  readonly lifetime: Date;
  /** What the terminal may name instead of its IMPI next time; absent when the key manager knows no TMPI. */
  readonly tmpi: string | undefined;
  /** The name and the key with which the terminal goes to an enabler. */
  readonly credential: NafCredential;

  constructor(bootstrapped: {
    readonly btid: BTid;
    readonly ks: Ks;
    /** 16 octets. */
    readonly rand: Uint8Array;
    readonly impi: string;
    readonly lifetime: Date;
    readonly tmpi?: string | undefined;
  }) {
    this.btid = bootstrapped.btid;
    this.lifetime = bootstrapped.lifetime;
    this.tmpi = bootstrapped.tmpi;
    this.credential = NafCredential.of(bootstrapped);
  }
}
