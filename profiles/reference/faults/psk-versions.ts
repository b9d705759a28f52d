import type { WayIn } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import type { Policy } from "../policy/policy.ts";
import { uaOfSuite } from "../tls/suites.ts";
import { hasOldVersion, type TlsVersion } from "../tls/versions.ts";
import type { Fault } from "./fault.ts";

/** A policy that takes TLS 1.0 and 1.1 too, on one way in. */
function takesOldVersions(wayIn: WayIn): Partial<Policy> {
  return {
    tlsVersions: (asked, configured): readonly TlsVersion[] =>
      asked !== wayIn || hasOldVersion(configured) ? configured : ["1.0", "1.1", ...configured],
  };
}

/** A policy that takes one Ua security protocol identifier for all suites of TLS 1.0 and 1.1. */
function keyOfOneSuite(): Partial<Policy> {
  const ua = uaOfSuite("TLS_PSK_WITH_AES_128_CBC_SHA");
  return {
    choosePsk: (attempt) =>
      conforming.choosePsk(
        attempt.tls === "older" ? { ...attempt, query: { ...attempt.query, ua } } : attempt,
      ),
  };
}

/** Defects in which TLS versions are accepted. */
export const versionFaults: readonly Fault[] = [
  {
    id: "psk-old-versions",
    title: "PSK handshakes of TLS 1.0 and 1.1 are accepted, which nobody configured",
    requirements: ["4.1"],
    change: () => takesOldVersions("uc1.psk-tls"),
  },
  {
    id: "https-old-versions",
    title: "handshakes with the certificate are accepted in TLS 1.0 and 1.1, which nobody configured",
    requirements: ["4.1"],
    change: () => takesOldVersions("uc1.https-digest"),
  },
  {
    id: "psk-old-version-key",
    title: "in TLS 1.0 and 1.1 the key for one suite with SHA-1 is used, whatever suite was negotiated",
    requirements: ["5.1"],
    shownBy: "reference-diameter",
    change: keyOfOneSuite,
  },
];
