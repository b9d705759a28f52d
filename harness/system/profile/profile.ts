/**
 * What a profile says about one system: the ICS (what it claims) and the IXIT (what a tester must
 * know to reach it). Both are YAML files; their schemas are `ics.schema.json` and `ixit.schema.json`.
 */

export type Role = "enabler";
export type ClaimedWayIn = "uc1.psk-tls" | "uc1.https-digest";
export type TlsVersion = "1.2" | "1.3";
export type DigestAlgorithm =
  | "MD5"
  | "MD5-sess"
  | "SHA-256"
  | "SHA-256-sess"
  | "SHA-512-256"
  | "SHA-512-256-sess";
export type Qop = "auth" | "auth-int";

export interface TlsClaim {
  readonly tls: readonly TlsVersion[];
  /** IANA names, for all claimed versions together. */
  readonly suites: readonly string[];
}

export interface Ics {
  readonly release: 1 | 2;
  readonly system: { readonly name: string; readonly vendor: string; readonly version: string };
  readonly roles: readonly Role[];
  readonly waysIn: Readonly<Partial<Record<ClaimedWayIn, TlsClaim>>>;
  readonly ua: {
    /** `negotiated`, `fixed:<yyzz>`, or a whole identifier of 10 hex digits (TS 33.220 H.3); lower case. */
    readonly identifier: string;
  };
  readonly psk: {
    readonly hint: "3GPP-bootstrapping" | "none";
    readonly hideIdentity: boolean;
  };
  readonly digest: {
    readonly profile: "7616" | "2617";
    readonly algorithms: readonly DigestAlgorithm[];
    readonly qop: readonly Qop[];
    readonly qopMandatory: boolean;
    readonly authenticationInfo: boolean;
    readonly replay: "nc" | "one-time-nonce" | "window" | "none";
  };
  readonly zn: { readonly binding: "nbsp-gba" };
  readonly anonymity: "accepted" | "refused";
  /** Statements of the vendor for labels that are judged by declaration, by label. */
  readonly declarations: Readonly<Record<string, string>>;
}

/** A host and port to connect to. `host` is an IP address (v4 or v6) or a name. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to find a value in an HTTP response: a JSON pointer, a header, or the first group of a pattern. */
export type Extract = { readonly json: string } | { readonly header: string } | { readonly pattern: string };

export interface Ixit {
  readonly system:
    | { readonly kind: "external" }
    | {
        readonly kind: "process";
        /** Program and arguments; `{config}` and `{profile}` are replaced by absolute paths. */
        readonly command: readonly string[];
        readonly environment: Readonly<Record<string, string>>;
        /** `announce`: one JSON line on stdout; `connect`: the addresses of this file answer. */
        readonly ready: "announce" | "connect";
      };
  readonly enabler: {
    /** FQDN that the terminal uses: server name, Host, FQDN part of NAF_Id. */
    readonly serverName: string;
    readonly addresses: Readonly<Partial<Record<ClaimedWayIn | "plain", Address>>>;
    /**
     * Absolute path of a PEM file with the CAs of the enabler's certificate; absent: the test system's own CA
     * (started systems only, where a certificate is claimed).
     */
    readonly trust?: string;
  };
  readonly resources: {
    readonly protected: { readonly path: string; readonly contains?: string };
    /** Absent: what needs it is declared, not judged. */
    readonly identity?: {
      /** A path (asked over the terminal's own connection) or an absolute URL, `{btid}` is replaced. */
      readonly url: string;
      readonly extract: Extract;
      readonly form: "IMPI" | "IMPU" | "B-TID";
    };
    /** Paths, URL and body may hold `{token}`, a word that is new for each state (`isPerToken`). */
    readonly state?: {
      readonly change: { readonly method: string; readonly path: string; readonly body?: string };
      readonly read: { readonly url: string; readonly extract: Extract };
    };
  };
  readonly psk: { readonly separator: "" | ";" | "." };
  readonly keyManager: {
    /** FQDN of the key manager, domain part of every B-TID. */
    readonly name: string;
    /** Where our key manager listens. Port 0: any free port (started systems only). */
    readonly ub: Address;
    readonly zn: Address;
    /** Files for an external SUT, absolute paths; absent: made by the test system. */
    readonly credentials?: {
      readonly certificate: string;
      readonly privateKey: string;
      /** CAs of the SUT's client certificate on Zn. */
      readonly trust: string;
    };
  };
  /** Subscribers of the vendor's own; empty: the test system makes some. */
  readonly subscribers: readonly {
    readonly impi: string;
    readonly impus: readonly string[];
    /** 16 octets, hex. */
    readonly k: string;
    /** 16 octets, hex. */
    readonly opc: string;
  }[];
  readonly bounds: {
    /** TCP connection. */
    readonly connectMs: number;
    /** TLS handshake, one HTTP response. */
    readonly responseMs: number;
    /** Within this the SUT must have refused when the key manager does not answer. */
    readonly keyManagerMs: number;
    /** Clock difference and resolution that the SUT is allowed when a key expires. */
    readonly expiryToleranceMs: number;
    /** Time until the SUT works again after the key manager was unreachable and came back. */
    readonly recoveryMs: number;
    readonly startMs: number;
    readonly stopMs: number;
  };
}

export interface Profile {
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly ics: Ics;
  readonly ixit: Ixit;
  /** SHA-256 (hex) of each file as it was read. */
  readonly hashes: { readonly ics: string; readonly ixit: string };
}
