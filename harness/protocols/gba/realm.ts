/** Which of the subscriber's keys an enabler asks for (TS 24.109 5.2.4). */
const VARIANTS = ["3GPP-bootstrapping", "3GPP-bootstrapping-uicc", "3GPP-bootstrapping-digest"] as const;
type BootstrappingVariant = (typeof VARIANTS)[number];

/** One name of a realm: `variant@fqdn`. */
interface BootstrappingRealm {
  readonly variant: BootstrappingVariant;
  /** As it was received: a port or other letters are for the reader to judge. */
  readonly fqdn: string;
}

/**
 * The names in the realm of a challenge that belong to the bootstrapping family, in their order; none when the realm
 * is of another kind. Several are joined by `;`, and fielded enablers leave one at the end. Never throws.
 */
export function parseBootstrappingRealm(realm: string): BootstrappingRealm[] {
  return realm.split(";").flatMap((name) => {
    const at = name.indexOf("@");
    const fqdn = name.slice(at + 1).trim();
    const variant = VARIANTS.find((known) => known === name.slice(0, Math.max(at, 0)).trim());
    return variant === undefined || fqdn === "" ? [] : [{ variant, fqdn }];
  });
}

/** The names joined by `;`, without one at the end. */
export function serializeRealm(names: readonly BootstrappingRealm[]): string {
  return names.map(({ variant, fqdn }) => `${variant}@${fqdn}`).join(";");
}
