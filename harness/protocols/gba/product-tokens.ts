/** Product token in User-Agent and Server of the ends on Ub that know temporary identities (TS 24.109 annex A.3). */
export const TMPI_TOKEN = "3gpp-gba-tmpi";

/** Whether a User-Agent or Server field carries a token; the annex separates them by spaces and semicolons. */
export function hasProductToken(field: string | undefined, token: string): boolean {
  return field?.split(/[\s;]+/).includes(token) === true;
}
