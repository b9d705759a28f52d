import { type BTid, deriveKsNaf, type Ks, nafId, type UaIdentifier } from "../../protocols/gba/index.ts";

/** What the key of a credential is derived for (TS 33.220 B.2: NAF_Id = FQDN || Ua identifier). */
export interface KeyUse {
  readonly nafFqdn: string;
  readonly ua: UaIdentifier;
}

/** What a bootstrapping left in the terminal. */
export interface Bootstrapped {
  readonly btid: BTid;
  readonly ks: Ks;
  /** 16 octets. */
  readonly rand: Uint8Array;
  readonly impi: string;
}

/**
 * A name and a key for one enabler. The `with…` and `for…` methods give credentials that lie in one
 * respect, named in {@link lie}, which is what a case says instead of how it is done.
 */
export class NafCredential {
  /** B-TID that is named to the enabler. */
  readonly name: string;
  /** The one respect in which the credential is not what was bootstrapped; undefined when it is valid. */
  readonly lie: string | undefined;
  readonly #bootstrapped: Bootstrapped;
  readonly #key: (use: KeyUse) => Uint8Array;

  private constructor(
    bootstrapped: Bootstrapped,
    name: string,
    key: (use: KeyUse) => Uint8Array,
    lie: string | undefined,
  ) {
    this.#bootstrapped = bootstrapped;
    this.name = name;
    this.#key = key;
    this.lie = lie;
  }

  static of(bootstrapped: Bootstrapped): NafCredential {
    return new NafCredential(bootstrapped, bootstrapped.btid, (use) => ksNaf(bootstrapped, use), undefined);
  }

  /** 32 octets, unless the credential lies about just that. */
  key(use: KeyUse): Uint8Array {
    return this.#key(use);
  }

  /** The valid name with other octets as the key. */
  withKey(key: Uint8Array, lie: string): NafCredential {
    return new NafCredential(this.#bootstrapped, this.name, () => key, lie);
  }

  /** The valid key under another name. */
  withName(name: string, lie: string): NafCredential {
    return new NafCredential(this.#bootstrapped, name, this.#key, lie);
  }

  /** The valid name with the key of another bootstrapping. */
  withKeyOf(other: NafCredential): NafCredential {
    return new NafCredential(this.#bootstrapped, this.name, (use) => other.key(use), "key of another B-TID");
  }

  /** The valid key cut to its first `octets`, as a key manager that hands out short keys would make the enabler use. */
  withKeyCutTo(octets: number): NafCredential {
    const cut = (use: KeyUse) => this.#key(use).subarray(0, octets);
    return new NafCredential(this.#bootstrapped, this.name, cut, `key of ${octets} octets`);
  }

  /** The valid name of the terminal's key with the key that only the UICC should use (GBA_U, TS 33.220 5.3). */
  withUiccKey(): NafCredential {
    const bootstrapped = this.#bootstrapped;
    const key = (use: KeyUse) => ksNaf(bootstrapped, use, "gba-u");
    return new NafCredential(bootstrapped, this.name, key, "Ks_int_NAF under the name of Ks_ext_NAF");
  }

  /** The key that the terminal would use with another enabler. */
  forOtherNaf(nafFqdn: string): NafCredential {
    const key = (use: KeyUse) => this.#key({ ...use, nafFqdn });
    return new NafCredential(this.#bootstrapped, this.name, key, `key for NAF ${nafFqdn}`);
  }

  /** The key that the terminal would use with another Ua security protocol. */
  forOtherUa(ua: UaIdentifier, text: string): NafCredential {
    const key = (use: KeyUse) => this.#key({ ...use, ua });
    return new NafCredential(this.#bootstrapped, this.name, key, `key for Ua identifier ${text}`);
  }
}

function ksNaf(
  { ks, rand, impi }: Bootstrapped,
  { nafFqdn, ua }: KeyUse,
  variant: "gba-me" | "gba-u" = "gba-me",
): Uint8Array {
  return deriveKsNaf({ ks, rand, impi, nafId: nafId(nafFqdn, ua), variant });
}
