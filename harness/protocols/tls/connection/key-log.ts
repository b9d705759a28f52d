/** A line of a key log in the form of NSS. */
export const keyLogLine = (label: string, clientRandom: Buffer, secret: Buffer): string =>
  `${label} ${clientRandom.toString("hex")} ${secret.toString("hex")}`;
