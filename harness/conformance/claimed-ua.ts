import { UA_TLS13_PSK, type UaIdentifier, uaFromHex, uaTlsSuite } from "../protocols/gba/index.ts";
import type { CipherSuite, SuiteVersion } from "../protocols/tls/index.ts";
import type { Ics } from "../system/profile/index.ts";
import type { WayIn } from "./vocabulary.ts";

/**
 * The Ua identifier that both ends use on a connection, by ICS ua.identifier. TS 33.220 H.3: the negotiated
 * suite, also for certificate TLS with Digest; shared-key TLS 1.3 has one of its own for all suites.
 */
export function claimedUa(ics: Ics, wayIn: WayIn, version: SuiteVersion, suite: CipherSuite): UaIdentifier {
  const claim = ics.ua.identifier;
  if (/^[0-9a-fA-F]{10}$/.test(claim)) return uaFromHex(claim);
  if (wayIn === "uc1.psk-tls" && version === "1.3") return UA_TLS13_PSK;
  const fixed = /^fixed:([0-9a-fA-F]{4})$/.exec(claim)?.[1];
  return uaTlsSuite(fixed === undefined ? suite.code : Number.parseInt(fixed, 16));
}
