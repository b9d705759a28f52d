export const BSF = "bsf.home1.example";
export const NAF = "naf.home1.example";
/** An enabler that the key manager does not know. */
export const OTHER_NAF = "other.home1.example";
