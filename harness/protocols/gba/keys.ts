/** Keys of GBA and their derivations (TS 33.220 annex B). */
import { kdf } from "./kdf.ts";
import { type NafId, nafId } from "./naf-id.ts";
import { requireLength, utf8 } from "./octets.ts";
import { uaFromHex } from "./ua-identifier.ts";

declare const brand: unique symbol;

/** The bootstrapped key, 32 octets: never leaves terminal and key manager. */
export type Ks = Uint8Array & { readonly [brand]: "Ks" };

/** The key of one enabler and one Ua protocol, 32 octets: Ks_NAF, Ks_ext_NAF or Ks_int_NAF. */
export type KsNaf = Uint8Array & { readonly [brand]: "KsNaf" };

const FC = 0x01;
/** UaId of a BSF_Id, from which TMPI is derived (TS 33.220 B.4, H.3). */
const UA_TMPI = uaFromHex("0100000100");

/**
 * A copy of 32 octets, as Ks.
 * @throws RangeError when there are not 32.
 */
export function asKs(octets: Uint8Array): Ks {
  requireLength("Ks", octets, 32);
  // The brand has no value at run time, and the length was just checked.
  return Uint8Array.from(octets) as Ks;
}

/**
 * A copy of 32 octets, as Ks_NAF.
 * @throws RangeError when there are not 32.
 */
export function asKsNaf(octets: Uint8Array): KsNaf {
  requireLength("Ks_NAF", octets, 32);
  // The brand has no value at run time, and the length was just checked.
  return Uint8Array.from(octets) as KsNaf;
}

/**
 * Ks = CK || IK (TS 33.220 4.5.2).
 * @throws RangeError naming the key that does not have 16 octets.
 */
export function deriveKs(ck: Uint8Array, ik: Uint8Array): Ks {
  requireLength("CK", ck, 16);
  requireLength("IK", ik, 16);
  return asKs(Uint8Array.from([...ck, ...ik]));
}

/** What Ks is bound to when a key is derived from it. */
interface Binding {
  readonly ks: Ks;
  /** RAND of the bootstrapping, 16 octets. */
  readonly rand: Uint8Array;
  /** Private identity of the subscriber. */
  readonly impi: string;
}

function derive({ ks, rand, impi }: Binding, label: "gba-me" | "gba-u", id: NafId): Uint8Array {
  requireLength("RAND", rand, 16);
  return kdf(ks, FC, [utf8(label), rand, utf8(impi), id]);
}

/**
 * The key for one NAF_Id (TS 33.220 B.3): `gba-me` (the default) gives Ks_NAF and Ks_ext_NAF, `gba-u` Ks_int_NAF.
 * @throws RangeError when RAND does not have 16 octets, or IMPI or NAF_Id have more than 65,535.
 */
export function deriveKsNaf({
  nafId: id,
  variant = "gba-me",
  ...binding
}: Binding & { readonly nafId: NafId; readonly variant?: "gba-me" | "gba-u" }): KsNaf {
  return asKsNaf(derive(binding, variant, id));
}

/**
 * TMPI, the temporary identity that stands for the IMPI at the next bootstrapping (TS 33.220 B.4).
 * @throws RangeError as {@link deriveKsNaf}, and when the FQDN of the key manager is empty.
 */
export function deriveTmpi({ bsfFqdn, ...binding }: Binding & { readonly bsfFqdn: string }): string {
  const derived = derive(binding, "gba-me", nafId(bsfFqdn, UA_TMPI));
  return `${Buffer.from(derived.subarray(0, 24)).toString("base64")}@tmpi.bsf.3gppnetwork.org`;
}

/**
 * The password of HTTP Digest on Ua: base64 with padding, in one line, 44 characters for the 32 octets of Ks_NAF.
 * Takes octets of any number, for a terminal that lies about its key.
 */
export function ksNafPassword(ksNaf: Uint8Array): string {
  return Buffer.from(ksNaf).toString("base64");
}
