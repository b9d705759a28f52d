import type { SecureVersion, TLSSocket } from "node:tls";

/** The versions that the enabler can be configured to accept, oldest first. */
export const TLS_VERSIONS = ["1.0", "1.1", "1.2", "1.3"] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

const NODE_NAMES: Readonly<Record<TlsVersion, SecureVersion>> = {
  "1.0": "TLSv1",
  "1.1": "TLSv1.1",
  "1.2": "TLSv1.2",
  "1.3": "TLSv1.3",
};

/** Options of a TLS server that accepts from the oldest to the newest of these versions; there is at least one. */
export function versionRange(versions: readonly TlsVersion[]) {
  const accepted = TLS_VERSIONS.filter((version) => versions.includes(version));
  return {
    minVersion: NODE_NAMES[accepted.at(0) ?? "1.2"],
    maxVersion: NODE_NAMES[accepted.at(-1) ?? "1.3"],
  };
}

/** True when TLS 1.0 or 1.1 is among them, which OpenSSL only has at security level 0. */
export function hasOldVersion(versions: readonly TlsVersion[]): boolean {
  return versions.includes("1.0") || versions.includes("1.1");
}

/** The version of a connection whose handshake is done. */
export function negotiatedVersion(socket: TLSSocket): TlsVersion {
  const protocol = socket.getProtocol();
  const version = TLS_VERSIONS.find((one) => NODE_NAMES[one] === protocol);
  if (version === undefined) throw new Error(`OpenSSL negotiated ${protocol}`);
  return version;
}
