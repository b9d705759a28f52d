import type { TlsVersion } from "../reference/tls/versions.ts";

/** How a server proves itself. */
export type Credential = "psk" | "certificate";

interface Library {
  /** Of Debian, with what a program needs that uses it. */
  readonly packageName: string;
  /** Options of the linker. */
  readonly linked: readonly string[];
  /** What the library's program is told to take; versions oldest first, at least one. */
  readonly settings: (credential: Credential, versions: readonly TlsVersion[]) => readonly string[];
}

/** What OpenSSL calls a version. */
const openSslName = (version: TlsVersion = "1.2") => (version === "1.0" ? "TLSv1" : `TLSv${version}`);

const openssl: Library = {
  packageName: "libssl-dev",
  linked: ["-lssl", "-lcrypto"],
  settings(credential, versions) {
    // Debian's level 2 has neither TLS 1.0 nor 1.1.
    const level = versions.includes("1.0") || versions.includes("1.1") ? ":@SECLEVEL=0" : "";
    const range = [openSslName(versions.at(0)), openSslName(versions.at(-1))];
    return credential === "psk"
      ? // The hash of an external PSK is SHA-256 (RFC 8446 4.2.11).
        [
          ...range,
          `kECDHEPSK:kDHEPSK:kPSK:!eNULL:!aRSA${level}`,
          "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
        ]
      : [
          ...range,
          `ECDHE+aRSA+AESGCM:ECDHE+aRSA+CHACHA20:ECDHE-RSA-AES128-SHA${level}`,
          "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
        ];
  },
};

const GNUTLS_SUITES: Readonly<Record<Credential, string>> = {
  // GnuTLS leaves CBC with SHA-256 and SHA-384 out if it is not named.
  psk: "-KX-ALL:+ECDHE-PSK:+DHE-PSK:+PSK:+SHA256:+SHA384",
  certificate:
    "-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CBC:-MAC-ALL:+AEAD:+SHA1",
};

const gnutls: Library = {
  packageName: "libgnutls28-dev",
  linked: ["-lgnutls"],
  settings(credential, versions) {
    const accepted = versions.map((version) => `:+VERS-TLS${version}`).join("");
    return [`NORMAL:${GNUTLS_SUITES[credential]}:-VERS-ALL${accepted}`];
  },
};

export const LIBRARIES = { gnutls, openssl };

export function isLibrary(name: string): name is keyof typeof LIBRARIES {
  return Object.hasOwn(LIBRARIES, name);
}
