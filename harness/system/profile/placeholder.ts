/** What `seccf profile new` writes where only the vendor knows the value; no profile with it is taken. */
export const PLACEHOLDER = "FILL_IN";
