import type { Ixit } from "./profile/index.ts";

interface DiameterName {
  /** DiameterIdentity: Origin-Host, and a name in the certificate (RFC 6733 4.3.1). */
  readonly identity: string;
  readonly realm: string;
}

/** What both ends of Zn are called over Diameter: as the IXIT says, and else after their other names. */
export function diameterNames({ enabler, keyManager }: Pick<Ixit, "enabler" | "keyManager">): {
  readonly enabler: DiameterName;
  readonly keyManager: DiameterName;
} {
  const { diameterIdentity: identity = enabler.serverName } = enabler;
  return {
    enabler: { identity, realm: enabler.diameterRealm ?? domainOf(identity) },
    keyManager: {
      identity: keyManager.name,
      realm: keyManager.diameterRealm ?? domainOf(keyManager.name),
    },
  };
}

function domainOf(name: string): string {
  return name.replace(/^[^.]*\./, "");
}
