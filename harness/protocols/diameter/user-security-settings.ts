/** What a GBA-UserSecSettings AVP holds on Zn: the USSs of one subscriber as XML. */

/** A USS: what the subscriber's home network says about one GAA service (TS 33.220 4.2.3, 4.4.6). */
export interface UserSecuritySetting {
  /** GAA service identifier. */
  readonly gsId: number;
  /** GAA service type. */
  readonly gsType: number;
  /** Public identities of the subscriber. */
  readonly ueIds: readonly string[];
  /** Authorisation flags of the service. */
  readonly flags: readonly number[];
}

/**
 * The `ussList` document. That its root is `ussList` on Zn is read in a fielded implementation; the names of the
 * elements inside and that they have no namespace are NOT verified against the schema of TS 29.109 annex A. No
 * verdict may rest on this shape alone.
 */
export function serializeUssList(settings: readonly UserSecuritySetting[]): string {
  const elements = settings.map(({ gsId, gsType, ueIds, flags }) => {
    const uids = ueIds.map((ueId) => `<uid>${escapeText(ueId)}</uid>`).join("");
    const all = flags.map((flag) => `<flag>${flag}</flag>`).join("");
    return `<uss id="${gsId}" type="${gsType}"><uids>${uids}</uids><flags>${all}</flags></uss>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?><ussList>${elements.join("")}</ussList>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
