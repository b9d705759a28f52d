/**
 * What a profile says about one system: the ICS (what it claims) and the IXIT (what a tester must
 * know to reach it). Both are YAML files; their schemas are `ics.schema.json` and `ixit.schema.json`.
 */

export type Role = "enabler";
/** `server-only`: the certificate proves the server, the user remains unknown (OMA-RD-SEC_CF 4.2). */
export type ClaimedWayIn = "uc1.psk-tls" | "uc1.https-digest" | "server-only";
export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";
export type DigestAlgorithm =
  | "MD5"
  | "MD5-sess"
  | "SHA-256"
  | "SHA-256-sess"
  | "SHA-512-256"
  | "SHA-512-256-sess";
export type Qop = "auth" | "auth-int";

/** How long a key is kept that the key manager gave; `unstated`: what is seen is recorded and not judged. */
type KeyCache = "none" | "until-expiry" | "unstated";

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
    readonly keyCache: KeyCache;
  };
  readonly digest: {
    readonly profile: "7616" | "2617";
    readonly algorithms: readonly DigestAlgorithm[];
    readonly qop: readonly Qop[];
    readonly qopMandatory: boolean;
    readonly authenticationInfo: boolean;
    readonly keyCache: KeyCache;
    readonly replay: "nc" | "one-time-nonce" | "window" | "none";
    /** What happens to a lower count that was never used; `any`: nothing is claimed. */
    readonly ncOrder: "any" | "strict" | "window";
    /** The system sends nextnonce, at the latest at the 16th answer to one nonce. */
    readonly nextnonce: boolean;
  };
  readonly zn: {
    readonly binding: "nbsp-gba" | "diameter";
    /** What becomes of running sessions when the key manager gives the enabler keys no more (RD 5.1.3). */
    readonly lostRight: "unstated" | "continue" | "end";
  };
  /** Wherever a suite or mode can have it, a share is used for one connection only (RD 3.2). */
  readonly forwardSecrecy: boolean;
  readonly anonymity: "accepted" | "refused";
  readonly identities: {
    /** Which of several public identities the application is told: one of them, the first, or the one that the terminal intends. */
    readonly several: "any" | "first" | "intended";
  };
  /** Statements of the vendor for labels that are judged by declaration, by label. */
  readonly declarations: Readonly<Record<string, string>>;
}

/** A listener of the system. `uc1.https-digest.second` is another instance of the same enabler, beside the first. */
export type EndpointName = ClaimedWayIn | "uc1.https-digest.second" | "plain";

/** What both ends of a connection can know of it. */
export type ViewField = "version" | "suite" | "serverName" | "resumed" | "user" | "btid" | "exporter";

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
    /** Further names over PSK-TLS, each with keys of its own; absent: there is one name. */
    readonly otherNames?: readonly string[];
    /** Origin-Host and Origin-Realm on Zn over Diameter; absent: see `diameterNames`. */
    readonly diameterIdentity?: string;
    readonly diameterRealm?: string;
    readonly addresses: Readonly<Partial<Record<EndpointName, Address>>>;
    /**
     * Absolute path of a PEM file with the CAs of the enabler's certificate; absent: the test system's own CA
     * (started systems only, where a certificate is claimed).
     */
    readonly trust?: string;
  };
  readonly resources: {
    readonly protected: { readonly path: string; readonly contains?: string };
    /** What is open to everyone; present when the ICS claims `server-only`. */
    readonly open?: {
      readonly path: string;
      readonly contains: string;
      /** Where the resource itself says for whom the application took the visitor. */
      readonly identity?: Extract;
    };
    /** Absent: what needs it is declared, not judged. */
    readonly identity?: {
      /** A path (asked over the terminal's own connection) or an absolute URL, `{btid}` is replaced. */
      readonly url: string;
      readonly extract: Extract;
      readonly form: "IMPI" | "IMPU" | "B-TID";
    };
    /** Where the public identity can be read of which the application was told, where `identity` is another form. */
    readonly publicIdentity?: { readonly url: string; readonly extract: Extract };
    /**
     * Where the SUT tells what it knows of the connection over which it is asked; each field says how to extract it.
     * Absent, or without a field: that part of the view is declared, not compared.
     */
    readonly view?: { readonly path: string; readonly tells: Readonly<Partial<Record<ViewField, Extract>>> };
    /** Paths, URL and body may hold `{token}`, a word that is new for each state (`isPerToken`). */
    readonly state?: {
      readonly change: { readonly method: string; readonly path: string; readonly body?: string };
      readonly read: { readonly url: string; readonly extract: Extract };
    };
  };
  readonly psk: { readonly separator: "" | ";" | "." };
  readonly digest: {
    /** How long a nonce may be used, milliseconds; absent: not told, and what waits for its end is declared. */
    readonly nonceLifetimeMs?: number;
  };
  readonly limits: {
    /** Terminals that may be connected at the same time before the system refuses some. */
    readonly connections: number;
  };
  readonly keyManager: {
    /** FQDN of the key manager, domain part of every B-TID. */
    readonly name: string;
    /** GAA service to which the user security settings belong that the key manager hands out (TS 29.109 annex A). */
    readonly service: { readonly id: number; readonly type: number };
    /** Realm on Zn over Diameter; absent: see `diameterNames`. */
    readonly diameterRealm?: string;
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
