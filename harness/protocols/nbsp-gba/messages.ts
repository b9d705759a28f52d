/** Messages of Nbsp_GBA, Zn as a service of JSON over HTTP/2 (TS 29.309 V18.1.0). */

/** Path of the operation by which an enabler asks for a key, below `{apiRoot}`; POST. */
export const BOOTSTRAPPING_INFO_PATH = "/nbsp-gba/v1/bootstrapping-info-retrieval";

export interface BootstrappingInfoRequest {
  /** B-TID, opaque. */
  readonly btId: string;
  readonly nafId: {
    readonly nafFqdn: string;
    /** Ua security protocol identifier, 10 hexadecimal digits in any case. */
    readonly uaSecProtId: string;
  };
  /** Absent means false. */
  readonly gbaUAware?: boolean;
  /** GAA service identifiers, at least one. */
  readonly gsIds?: readonly number[];
}

export interface BootstrappingInfoResponse {
  /** Ks_NAF or Ks_ext_NAF, 64 hexadecimal digits in any case. */
  readonly meKeyMaterial: string;
  /** Ks_int_NAF, 64 hexadecimal digits in any case; only for an enabler that is aware of GBA_U. */
  readonly uiccKeyMaterial?: string;
  /** RFC 3339 date-time. */
  readonly keyExpiryTime?: string;
  /** RFC 3339 date-time. */
  readonly bootstrappingInfoCreationTime?: string;
  /** At least one. */
  readonly ussList?: readonly { readonly uss: UserSecuritySettings }[];
  /** `3G_GBA`, `2G_GBA`, `GBA_DIGEST` or a value of a later release. */
  readonly gbaType?: string;
  readonly impi?: string;
}

/** USS: what the subscriber's home network says about one GAA service. */
interface UserSecuritySettings {
  readonly gsId: number;
  readonly gsType: number;
  /** Public identities of the subscriber, at least one. */
  readonly ueIds: readonly { readonly ueId: string }[];
  readonly nafGroup?: string;
  /** At least one. */
  readonly flags?: readonly { readonly flag: number }[];
  /** `ME_BASED_KEY`, `UICC_BASED_KEY`, `ME_UICC_BASED_KEYS` or a value of a later release. */
  readonly keyChoice?: string;
}

/** Body of an answer that is an error, `application/problem+json` (TS 29.571 5.2.4.1, RFC 9457). */
export interface ProblemDetails {
  readonly type?: string;
  readonly title?: string;
  /** HTTP status, again. */
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  /** Application error, a word in capitals. */
  readonly cause?: string;
  readonly invalidParams?: readonly { readonly param: string; readonly reason?: string }[];
}
