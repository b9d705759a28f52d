export const BSF = "bsf.home1.example";
/** Diameter realm of both. */
export const REALM = "home1.example";
export const NAF = "naf.home1.example";
/** An enabler that the key manager does not know. */
export const OTHER_NAF = "other.home1.example";
/** Ua security protocol identifier: PSK-TLS with TLS_PSK_WITH_AES_128_GCM_SHA256. */
export const UA = "01000100a8";
