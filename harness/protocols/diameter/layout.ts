/** Which AVPs a message or a group holds, and how often: writer and reader follow from the same declaration. */
import type { Avp } from "./avp.ts";
import { DATA_FORMATS } from "./data-formats.ts";
import { AVPS, type AvpName, avpName } from "./dictionary.ts";
import { DiameterFormatError } from "./format-error.ts";
import { RESULT } from "./result-codes.ts";
import { type AvpValue, avpsNamed, avpValue, makeAvp } from "./typed-avps.ts";

/** `one`: `{AVP}` of RFC 6733 3.2; `optional`: `[AVP]`; `some`: `1*{AVP}`; `many`: `*[AVP]`. */
type Occurrence = "one" | "optional" | "some" | "many";

/** In the order in which they are sent. Every layout ends with `*[AVP]`: others may stand beside these. */
export type Layout = Readonly<Partial<Record<AvpName, Occurrence>>>;

/** The values of a message, by the names of its layout. */
export type FieldsOf<L extends Layout> = {
  readonly [N in keyof L & AvpName as L[N] extends "one" ? N : never]: AvpValue<N>;
} & {
  readonly [N in keyof L & AvpName as L[N] extends "optional" ? N : never]?: AvpValue<N>;
} & {
  readonly [N in keyof L & AvpName as L[N] extends "some" ? N : never]: readonly AvpValue<N>[];
} & {
  readonly [N in keyof L & AvpName as L[N] extends "many" ? N : never]?: readonly AvpValue<N>[];
};

/** Why a request is refused: what an answer says of it (RFC 6733 7.1.5, 7.5). */
export interface LayoutProblem {
  readonly resultCode: number;
  readonly text: string;
  /** For Failed-AVP. */
  readonly failed: Avp;
}

export type Fields<L extends Layout> =
  | { readonly ok: true; readonly fields: FieldsOf<L> }
  | { readonly ok: false; readonly problem: LayoutProblem };

function names(layout: Layout): readonly (readonly [AvpName, Occurrence])[] {
  // Object.entries forgets which strings the keys are.
  return Object.entries(layout) as [AvpName, Occurrence][];
}

/** The AVPs of a message, in the order of its layout. @throws RangeError when a format cannot say a value. */
export function writeFields<L extends Layout>(layout: L, fields: FieldsOf<L>): readonly Avp[] {
  // Each member of FieldsOf is a value of its AVP, or a list of them.
  const all = fields as Readonly<Record<string, unknown>>;
  return names(layout).flatMap(([name, occurs]) => {
    const value = all[name];
    if (value === undefined) return [];
    const values = occurs === "one" || occurs === "optional" ? [value] : (value as readonly unknown[]);
    return values.map((one) => makeAvp(name, one as AvpValue<typeof name>));
  });
}

/** What the AVPs of a received message say, or the first thing that is wrong with them. Never throws. */
export function readFields<L extends Layout>(layout: L, avps: readonly Avp[]): Fields<L> {
  const unknown = avps.find((avp) => avp.mandatory && avpName(avp) === undefined);
  if (unknown !== undefined) {
    const vendor = unknown.vendor === undefined ? "" : ` of vendor ${unknown.vendor}`;
    const text = `AVP ${unknown.code}${vendor} has the M flag and is not known`;
    return { ok: false, problem: { resultCode: RESULT.avpUnsupported, text, failed: unknown } };
  }
  const fields: Record<string, unknown> = {};
  for (const [name, occurs] of names(layout)) {
    const problem = readField(fields, name, occurs, avpsNamed(avps, name));
    if (problem !== undefined) return { ok: false, problem };
  }
  // readField has put a value, or a list of them, under each name as the layout has it.
  return { ok: true, fields: fields as FieldsOf<L> };
}

/** RFC 6733 7.1.5: 5005 has the missing AVP as it would stand there, with the least data. */
function missing(name: AvpName): LayoutProblem {
  const { code, vendor, mandatory, format } = AVPS[name];
  const data = Buffer.alloc(DATA_FORMATS[format].length ?? 0);
  return {
    resultCode: RESULT.missingAvp,
    text: `${name} is missing`,
    failed: { code, vendor, mandatory, protected: false, reserved: 0, data },
  };
}

function readField(
  fields: Record<string, unknown>,
  name: AvpName,
  occurs: Occurrence,
  avps: readonly Avp[],
): LayoutProblem | undefined {
  const [first, second] = avps;
  const single = occurs === "one" || occurs === "optional";
  if (first === undefined) return occurs === "one" || occurs === "some" ? missing(name) : undefined;
  if (single && second !== undefined) {
    const text = `${name} stands there ${avps.length} times`;
    return { resultCode: RESULT.occursTooManyTimes, text, failed: second };
  }
  const values: unknown[] = [];
  for (const avp of avps) {
    try {
      values.push(avpValue(name, avp));
    } catch (error) {
      if (!(error instanceof DiameterFormatError)) throw error;
      const due = DATA_FORMATS[AVPS[name].format].length;
      const wrongLength = due !== undefined && due !== avp.data.length;
      const resultCode = wrongLength ? RESULT.invalidAvpLength : RESULT.invalidAvpValue;
      return { resultCode, text: error.message, failed: avp };
    }
  }
  fields[name] = single ? values[0] : values;
  return undefined;
}
