import { utf8 } from "./octets.ts";
import type { UaIdentifier } from "./ua-identifier.ts";

declare const brand: unique symbol;

/** NAF_Id: FQDN of the enabler in UTF-8, then the Ua identifier, P3 of the key derivation (TS 33.220 B.3). */
export type NafId = Uint8Array & { readonly [brand]: "NafId" };

/**
 * NAF_Id = FQDN || Ua security protocol identifier.
 * The FQDN is taken as it is, because the name counts that the terminal used: letters are not folded, and a port
 * would become part of the key.
 * @throws RangeError when the FQDN is empty.
 */
export function nafId(fqdn: string, ua: UaIdentifier): NafId {
  if (fqdn === "") throw new RangeError("the FQDN of a NAF_Id must not be empty");
  // The brand has no value at run time; this is the only place where one is made.
  return Uint8Array.from([...utf8(fqdn), ...ua]) as NafId;
}
