/** A GBA message of a peer that has not the form of its specification; the message names the field. */
export class GbaFormatError extends Error {
  override readonly name = "GbaFormatError";
}
