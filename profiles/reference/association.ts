/**
 * The nouns that every part of the enabler shares: what it asks the key manager, what it gets, and
 * whom it tells the application.
 */

export type WayIn = "uc1.psk-tls" | "uc1.https-digest";

/** One key that the enabler asks for: that of a bootstrapping, for one NAF_Id (TS 33.220 B.2). */
export interface KeyQuery {
  readonly wayIn: WayIn;
  readonly btid: string;
  /** FQDN part of NAF_Id. */
  readonly nafFqdn: string;
  /** Ua security protocol identifier (TS 33.220 annex H): 10 lower-case hex digits. */
  readonly ua: string;
  /** Address from which the terminal came: of no consequence, since a translation may stand between (SEC_CF 5.1.3). */
  readonly peer?: string;
}

/** A key that the key manager gave, bound to its B-TID, its user and its end. */
export interface Association {
  readonly btid: string;
  readonly ua: string;
  /** Ks_NAF, 32 octets. */
  readonly key: Buffer;
  /** Ks_int_NAF, 32 octets, which belongs to another name of the key; a conforming enabler has no use for it. */
  readonly uiccKey?: Buffer;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Absent when the key manager keeps the user anonymous (`impi` is optional in TS 29.309). */
  readonly impi?: string;
  /** Of the user, from the user security settings (TS 29.109 6.3); absent: the key manager gave none. */
  readonly publicIdentities?: readonly string[];
}

/** The user as the application is told. */
export interface Identity {
  readonly user: string;
  readonly form: "IMPI" | "B-TID";
  readonly btid: string;
  /** Those that the key manager gave. */
  readonly publicIdentities?: readonly string[];
  /** The one that is told. */
  readonly publicIdentity?: string;
}

/** A user whose IMPI was withheld is told by the B-TID, a pseudonym. */
export function identityOf(association: Association): Identity {
  const { btid, impi, publicIdentities } = association;
  const common = { btid, ...(publicIdentities === undefined ? {} : { publicIdentities }) };
  return impi === undefined
    ? { user: btid, form: "B-TID", ...common }
    : { user: impi, form: "IMPI", ...common };
}

/**
 * Why the key manager gave nothing. `refused`: an HTTP status that is none of the others; `untrusted`: its
 * certificate does not convince, so nothing was asked.
 */
export type Unavailability = "refused" | "silent" | "unreachable" | "untrusted";

/** What came of asking the key manager. `detail` is for the log. */
export type KeyOutcome =
  | { readonly kind: "key"; readonly association: Association }
  | { readonly kind: "expired"; readonly association: Association }
  | { readonly kind: "unknown" }
  | { readonly kind: "not-authorised" }
  | { readonly kind: "unavailable"; readonly why: Unavailability; readonly detail: string }
  | { readonly kind: "malformed"; readonly detail: string };

export type KeyRefusal = "unknown" | "expired" | "not-authorised" | "unavailable";

/** Whether the bearer of a B-TID may try to prove its key. */
export type Admission =
  | {
      readonly admitted: true;
      readonly association: Association;
      /** False: not to be kept for later requests. */
      readonly remember: boolean;
    }
  | { readonly admitted: false; readonly reason: KeyRefusal };

/**
 * True when a text can be a B-TID at all. What it says is opaque to an enabler (TS 33.220 4.5.2), but a
 * text with control characters, spaces or lone surrogates is none, and is never asked for.
 */
export function canBeBtid(text: string): boolean {
  return text.length > 0 && text.length <= 256 && !/[\p{C}\p{Z}]/u.test(text);
}
