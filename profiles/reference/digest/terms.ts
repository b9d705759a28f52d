import type { Admission, Association, Identity, KeyQuery, KeyRefusal } from "../association.ts";
import type { DigestAlgorithm, DigestCredentials, Qop } from "./credentials.ts";

/** What the enabler is configured to challenge with. */
export interface DigestOffer {
  /** The strongest first (RFC 7616 3.7). */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly qop: readonly Qop[];
  /** How long a nonce may be used, milliseconds. */
  readonly nonceLifetimeMs: number;
}

/** A request with credentials, next to the key that they should prove. */
export interface DigestProof {
  readonly credentials: DigestCredentials;
  readonly method: string;
  /** Request target as it came. */
  readonly target: string;
  readonly body: Buffer;
  /** The body came with transfer coding chunked. */
  readonly chunked: boolean;
  readonly query: KeyQuery;
  readonly association: Association;
  /** Asks the key manager, also for another query than the request's own. */
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
}

/** Why a request is not served. */
export type DigestRefusal =
  | KeyRefusal
  | "no-credentials"
  | "malformed-credentials"
  | "unknown-nonce"
  | "stale-nonce"
  | "used-count"
  | "wrong-response";

export interface StatusAndChallenge {
  readonly status: number;
  readonly challenge: boolean;
  /** stale=true in the challenge: the nonce is at fault, not the key (RFC 7616 3.3). */
  readonly stale: boolean;
}

/** Values of Authentication-Info (RFC 7616 3.5). */
export interface ResponseInfo {
  readonly rspauth: string;
  readonly qop: string;
  readonly cnonce: string;
  readonly nc: string;
  /** The nonce that the client is to use next; absent: it may go on with its own. */
  readonly nextnonce?: string;
}

export type Checked =
  | {
      readonly ok: true;
      readonly identity: Identity;
      /** Value of Authentication-Info for this response body; undefined when no qop was used. */
      readonly authenticationInfo: (body: Buffer) => string | undefined;
    }
  | { readonly ok: false; readonly refusal: DigestRefusal };
