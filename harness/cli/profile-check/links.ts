import type { Link } from "../../conformance/parameters.ts";
import type { ClaimedWayIn } from "../../system/profile/index.ts";
import type { EndpointName } from "../../system/profile/profile.ts";
import type { Bench } from "./bench.ts";
import { type Diagnosis, ics, ixit } from "./diagnosis.ts";

/** A link that was offered alone, and how it was refused; without a refusal it was negotiated. */
export interface LinkTry {
  readonly link: Link;
  readonly refusal?: string;
}

/** Which of the claimed versions and suites were not negotiated although others were. */
export function linksFindings(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: ClaimedWayIn,
  tries: readonly LinkTry[],
): void {
  const claim = bench.ics.waysIn[wayIn];
  const refused = tries.filter(({ refusal }) => refusal !== undefined);
  const name = bench.nameOf(wayIn);
  if (refused.length < tries.length) {
    diagnosis.ok(
      `${name}: ${tries.length - refused.length} of ${tries.length} claimed TLS versions and suites, each offered alone`,
    );
  }
  const deadVersions = (claim?.tls ?? []).filter((version) => {
    const ofVersion = tries.filter(({ link }) => link.version === version);
    return ofVersion.length > 0 && ofVersion.every(({ refusal }) => refusal !== undefined);
  });
  for (const version of deadVersions) {
    const { refusal } = refused.find(({ link }) => link.version === version) ?? {};
    diagnosis.found(
      "version-or-suite",
      ics("waysIn", wayIn, "tls", String(claim?.tls.indexOf(version))),
      `TLS ${version} offered alone leads nowhere with any claimed suite: ${refusal}`,
      `Take "${version}" out of the list, or switch it on in the system.`,
    );
  }
  const perSuite = refused.filter(({ link }) => !deadVersions.includes(link.version));
  for (const { link, refusal } of perSuite) {
    diagnosis.found(
      "version-or-suite",
      ics("waysIn", wayIn, "suites", String(claim?.suites.indexOf(link.suite.name))),
      `${link.suite.name} offered alone with TLS ${link.version} leads nowhere: ${refusal}`,
      "Take it out of the list, or switch it on in the system.",
    );
  }
}

/** Nothing was negotiated at all. */
export function noHandshake(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: ClaimedWayIn,
  tries: readonly LinkTry[],
): void {
  const refusals = [...new Set(tries.map(({ refusal }) => refusal ?? ""))];
  if (refusals.some((one) => /wrong version|http request|unknown protocol|packet length/i.test(one))) {
    diagnosis.found(
      "no-tls",
      addressCause(bench, wayIn),
      `${bench.nameOf(wayIn)} answers a TLS handshake with something that is no TLS`,
      "Name the port on which the system speaks TLS.",
    );
    return;
  }
  const offered = tries.map(({ link }) => `${link.version} with ${link.suite.name}`).join(", ");
  diagnosis.found(
    "handshake",
    ics("waysIn", wayIn),
    `${bench.nameOf(wayIn)} completes no handshake with any claimed TLS version (${offered}): ${refusals.join("; ")}`,
    "Claim the versions and suites that the system has for this way in, and see in its log why it refuses these.",
  );
}

/** Where the address of a way in comes from. */
export function addressCause({ ixit: { system, enabler } }: Bench, wayIn: EndpointName) {
  const inFile = system.kind === "external" || system.ready === "connect";
  return inFile && enabler.addresses[wayIn] !== undefined ? ixit("enabler", "addresses", wayIn) : wayIn;
}
