const PADDING = Buffer.alloc(64, 0x20);

/** What CertificateVerify of TLS 1.3 signs, from the hash of the messages before it (RFC 8446 4.4.3). */
export const signedContent13 = (end: "client" | "server", transcript: Buffer): Buffer =>
  Buffer.concat([PADDING, Buffer.from(`TLS 1.3, ${end} CertificateVerify\0`, "latin1"), transcript]);
