import { outputOf, type ProgramResult, runProgram } from "./run-program.ts";

export interface OsmoInput {
  readonly k: Uint8Array;
  /** OPc, or OP in its place. */
  readonly operator: { readonly opc: Uint8Array } | { readonly op: Uint8Array };
  readonly rand: Uint8Array;
  readonly amf: Uint8Array;
  readonly sqn: number;
  readonly auts?: Uint8Array;
}

/** One vector of `osmo-auc-gen`, octets in lower-case hexadecimal digits. */
export interface OsmoVector {
  readonly autn: string;
  readonly res: string;
  readonly ck: string;
  readonly ik: string;
  /** base64(RAND || AUTN), the nonce of Digest AKAv1-MD5. */
  readonly imsNonce: string;
  /** Of an AUTS that was given; absent without one. */
  readonly sqnMs?: number;
}

export const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
export const octets = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, "hex"));

function command({ k, operator, rand, amf, sqn, auts }: OsmoInput): readonly string[] {
  const variant = "opc" in operator ? ["-o", hex(operator.opc)] : ["-O", hex(operator.op)];
  const resynchronisation = auts === undefined ? [] : ["-A", hex(auts)];
  return [
    ...["osmo-auc-gen", "-3", "-a", "milenage", "-k", hex(k), ...variant],
    ...["-f", hex(amf), "-s", String(sqn), "-r", hex(rand), ...resynchronisation],
  ];
}

/** The authentication centre of Osmocom, an independent implementation of TS 35.206 and TS 33.102 6.3. */
export async function osmoAucGen(input: OsmoInput): Promise<OsmoVector> {
  const text = await outputOf(command(input));
  const value = (name: string) => new RegExp(`^${name}:\\s*(\\S+)$`, "m").exec(text)?.[1];
  const needed = (name: string) => {
    const found = value(name);
    if (found === undefined) throw new Error(`osmo-auc-gen wrote no ${name}: ${text}`);
    return found;
  };
  const sqnMs = value("SQN\\.MS");
  return {
    autn: needed("AUTN"),
    res: needed("RES"),
    ck: needed("CK"),
    ik: needed("IK"),
    imsNonce: needed("IMS nonce"),
    ...(sqnMs === undefined ? {} : { sqnMs: Number(sqnMs) }),
  };
}

/** As {@link osmoAucGen}, for an AUTS that it should refuse. */
export function refusedByOsmo(input: OsmoInput): Promise<ProgramResult> {
  return runProgram(command(input));
}
