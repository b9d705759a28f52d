/** AVPs by name: both directions follow from the entry in the dictionary. */
import type { Avp } from "./avp.ts";
import { DATA_FORMATS, type DataFormat, type DataOf } from "./data-formats.ts";
import { AVPS, type AvpName } from "./dictionary.ts";
import { DiameterFormatError } from "./format-error.ts";

export type AvpValue<N extends AvpName> = DataOf<(typeof AVPS)[N]["format"]>;

function formatOf<N extends AvpName>(name: N): DataFormat<AvpValue<N>> {
  // The table has for each format the pair of functions whose value DataOf names.
  return DATA_FORMATS[AVPS[name].format] as unknown as DataFormat<AvpValue<N>>;
}

/** An AVP with the flags that its definition demands. @throws RangeError when the format cannot say the value. */
export function makeAvp<N extends AvpName>(name: N, value: AvpValue<N>): Avp {
  const { code, vendor, mandatory } = AVPS[name];
  return { code, vendor, mandatory, protected: false, reserved: 0, data: formatOf(name).encode(value) };
}

/**
 * What an AVP says, whose name is known.
 * @throws DiameterFormatError naming the AVP when its data have not the form of the dictionary.
 */
export function avpValue<N extends AvpName>(name: N, avp: Avp): AvpValue<N> {
  try {
    return formatOf(name).decode(avp.data);
  } catch (error) {
    if (!(error instanceof DiameterFormatError)) throw error;
    throw new DiameterFormatError(`${name}: ${error.message}`, error.offset, avp.code);
  }
}

/** All AVPs of this name, in order. */
export function avpsNamed(avps: readonly Avp[], name: AvpName): readonly Avp[] {
  const { code, vendor } = AVPS[name];
  return avps.filter((avp) => avp.code === code && avp.vendor === vendor);
}

/** What all AVPs of this name say, in order. @throws DiameterFormatError as {@link avpValue}. */
export function allValues<N extends AvpName>(avps: readonly Avp[], name: N): readonly AvpValue<N>[] {
  return avpsNamed(avps, name).map((avp) => avpValue(name, avp));
}

/** What the first AVP of this name says; undefined: there is none. @throws DiameterFormatError as {@link avpValue}. */
export function firstValue<N extends AvpName>(avps: readonly Avp[], name: N): AvpValue<N> | undefined {
  const [first] = avpsNamed(avps, name);
  return first === undefined ? undefined : avpValue(name, first);
}
