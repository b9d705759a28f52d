/** Octets of a peer that are no Diameter; the message says what is wrong, and where. */
export class DiameterFormatError extends Error {
  override readonly name = "DiameterFormatError";
  /** Octets before the field at fault, from the begin of what was given to the decoder. */
  readonly offset: number;
  /** Code of the AVP at fault; undefined when the fault is in the header. */
  readonly avpCode: number | undefined;

  constructor(problem: string, offset: number, avpCode?: number) {
    super(`${problem} (at octet ${offset}${avpCode === undefined ? "" : `, AVP ${avpCode}`})`);
    this.offset = offset;
    this.avpCode = avpCode;
  }
}
