import type { KeyOutcome, KeyQuery } from "../../association.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Avp, decodeAvps, MalformedMessage } from "./avp.ts";
import { BASE_AVP, GBA_AVP, VENDOR_3GPP } from "./dictionary.ts";

/** Longest IMPI that is taken: RFC 7542 2.2 asks for at least 253 octets. */
const MAX_IMPI = 255;

/** What a Bootstrapping-Info-Answer says (TS 29.109 6.2, 6.3). Expiry is told, not judged. */
export function readAnswer(
  error: boolean,
  avps: readonly Avp[],
  query: KeyQuery,
  policy: Policy,
): KeyOutcome {
  try {
    return outcomeOf(error, avps, query, policy);
  } catch (failure) {
    if (failure instanceof MalformedMessage) return { kind: "malformed", detail: failure.message };
    throw failure;
  }
}

function outcomeOf(error: boolean, avps: readonly Avp[], query: KeyQuery, policy: Policy): KeyOutcome {
  const unknown = avps.find((avp) => !policy.diameter.understands(avp));
  if (unknown !== undefined)
    throw new MalformedMessage(`AVP ${unknown.code} of vendor ${unknown.vendor} is mandatory and not known`);
  const result = {
    error,
    resultCodes: valuesOf(avps, BASE_AVP.resultCode).map((data) => unsigned(data, "Result-Code")),
    experimentalCodes: valuesOf(avps, BASE_AVP.experimentalResult).map(experimentalCode),
  };
  const success = policy.diameter.success(result);
  switch (success) {
    case "unknown":
    case "not-authorised":
      return { kind: success };
    case "refused":
      return { kind: "unavailable", why: "refused", detail: JSON.stringify(result) };
    case "malformed":
      throw new MalformedMessage(`the result is ${JSON.stringify(result)}`);
    case "success":
      return { kind: "key", association: association(avps, query, policy) };
  }
}

function association(avps: readonly Avp[], query: KeyQuery, policy: Policy) {
  const one = (values: readonly Buffer[], name: string): Buffer => {
    const value = values.length === 0 ? undefined : policy.diameter.single(values);
    if (value === undefined) throw new MalformedMessage(`${name} stands ${values.length} times`);
    return value;
  };
  const material = one(valuesOf(avps, GBA_AVP.meKeyMaterial, VENDOR_3GPP), "ME-Key-Material");
  const key = policy.keyMaterial(material.toString("hex"), query.wayIn);
  if (key === undefined) throw new MalformedMessage(`ME-Key-Material has ${material.length} octets`);
  const expiry = one(valuesOf(avps, GBA_AVP.keyExpiryTime, VENDOR_3GPP), "Key-ExpiryTime");
  const expiresAt = policy.diameter.instant(unsigned(expiry, "Key-ExpiryTime"));
  const names = valuesOf(avps, BASE_AVP.userName);
  const impi = names.length === 0 ? undefined : utf8(one(names, "User-Name"));
  if (impi !== undefined && (impi === "" || impi.length > MAX_IMPI || /\p{C}/u.test(impi)))
    throw new MalformedMessage("User-Name is no identity");
  const [uiccKey] = valuesOf(avps, GBA_AVP.uiccKeyMaterial, VENDOR_3GPP);
  const { btid, ua } = query;
  return {
    btid,
    ua,
    key,
    expiresAt,
    ...(uiccKey === undefined ? {} : { uiccKey }),
    ...(impi === undefined ? {} : { impi }),
  };
}

function experimentalCode(data: Buffer): number {
  const members = decodeAvps(data);
  const [vendor, ...vendors] = valuesOf(members, BASE_AVP.vendorId);
  const [code, ...codes] = valuesOf(members, BASE_AVP.experimentalResultCode);
  if (vendor === undefined || code === undefined || vendors.length + codes.length > 0)
    throw new MalformedMessage("Experimental-Result is not Vendor-Id and Experimental-Result-Code");
  if (unsigned(vendor, "Vendor-Id") !== VENDOR_3GPP)
    throw new MalformedMessage("Experimental-Result is of another vendor");
  return unsigned(code, "Experimental-Result-Code");
}

export function valuesOf(avps: readonly Avp[], code: number, vendor = 0): readonly Buffer[] {
  return avps.filter((avp) => avp.code === code && avp.vendor === vendor).map(({ data }) => data);
}

export function unsigned(data: Buffer, name: string): number {
  if (data.length !== 4) throw new MalformedMessage(`${name} has ${data.length} octets`);
  return data.readUInt32BE();
}

function utf8(data: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new MalformedMessage("User-Name is not UTF-8");
  }
}
