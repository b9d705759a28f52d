/** Alert descriptions that this engine raises (RFC 8446 6, RFC 5246 7.2). */
export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  decryptionFailed: 21,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
  inappropriateFallback: 86,
  noRenegotiation: 100,
  missingExtension: 109,
  unsupportedExtension: 110,
  unrecognizedName: 112,
  unknownPskIdentity: 115,
  certificateRequired: 116,
} as const;

export type AlertNumber = (typeof ALERT)[keyof typeof ALERT];

/** The peer did something that ends the connection; the only error that a decoder of this folder throws. */
export class TlsAlertError extends Error {
  override readonly name = "TlsAlertError";
  /** The alert that tells the peer so. */
  readonly alert: AlertNumber;

  constructor(alert: AlertNumber, message: string) {
    super(message);
    this.alert = alert;
  }
}
