import { oneOf, type ProfileProblem, shown } from "./problem.ts";
import type { ClaimedWayIn, Ics, TlsClaim, TlsVersion } from "./profile.ts";
import { problemAt, type YamlFile } from "./yaml-file.ts";

/** TLS versions that can negotiate a suite, by its IANA name; undefined for a name that is not known. */
export type SuiteVersions = (name: string) => readonly TlsVersion[] | undefined;

/** What the schema of the ICS cannot say: whether the claims of one statement can all be true. */
export function checkClaims(
  ics: Ics,
  file: YamlFile,
  suiteVersions: SuiteVersions,
): readonly ProfileProblem[] {
  return [
    ...claimsOf(ics).flatMap(([wayIn, claim]) => [
      ...claim.suites.flatMap((suite, place) => checkSuite(wayIn, claim, suite, place, file, suiteVersions)),
      ...checkVersions(wayIn, claim, file, suiteVersions),
    ]),
    ...checkDigest(ics.digest, file),
  ];
}

/** The claimed ways in with their claims. */
export function claimsOf({ waysIn }: Ics): readonly (readonly [ClaimedWayIn, TlsClaim])[] {
  const order: readonly ClaimedWayIn[] = ["uc1.psk-tls", "uc1.https-digest", "server-only"];
  return order.flatMap((wayIn) => {
    const claim = waysIn[wayIn];
    return claim === undefined ? [] : [[wayIn, claim] as const];
  });
}

function checkSuite(
  wayIn: ClaimedWayIn,
  claim: TlsClaim,
  suite: string,
  place: number,
  file: YamlFile,
  suiteVersions: SuiteVersions,
): readonly ProfileProblem[] {
  const wrong = (message: string, allowed: string, fix: string) => [
    problemAt(file, ["waysIn", wayIn, "suites", String(place)], "value", { message, allowed, fix }),
  ];
  const versions = suiteVersions(suite);
  if (versions === undefined) {
    return wrong(
      `${shown(suite)} is not a suite that this test system knows`,
      "an IANA suite name of TLS 1.2 or 1.3",
      "Mend the name, or take it out: it cannot be offered.",
    );
  }
  if (!versions.some((version) => claim.tls.includes(version))) {
    return wrong(
      `${shown(suite)} is for TLS ${versions.join(" and ")}, and only TLS ${claim.tls.join(" and ")} is claimed`,
      `a suite of TLS ${claim.tls.join(" or ")}`,
      `Take the suite out, or claim its version in waysIn.${wayIn}.tls.`,
    );
  }
  if (fitsWayIn(wayIn, suite, versions)) return [];
  return wayIn === "uc1.psk-tls"
    ? wrong(
        `${shown(suite)} has no pre-shared key`,
        "a suite with _PSK_ in its name, or one of TLS 1.3",
        "Move it to uc1.https-digest or server-only, or take it out.",
      )
    : wrong(
        `${shown(suite)} has a pre-shared key, and this way in authenticates the server by its certificate`,
        "a suite without _PSK_ in its name",
        "Move it to uc1.psk-tls, or take it out.",
      );
}

/** Suites of TLS 1.3 name no key exchange (RFC 8446 B.4) and fit both ways in. */
function fitsWayIn(wayIn: ClaimedWayIn, suite: string, versions: readonly TlsVersion[]): boolean {
  return versions.includes("1.3") || suite.includes("_PSK_") === (wayIn === "uc1.psk-tls");
}

/** Each claimed version needs a suite that a terminal can offer alone. */
function checkVersions(
  wayIn: ClaimedWayIn,
  claim: TlsClaim,
  file: YamlFile,
  suiteVersions: SuiteVersions,
): readonly ProfileProblem[] {
  return claim.tls.flatMap((version, place) => {
    const suites = claim.suites.filter((suite) => suiteVersions(suite)?.includes(version));
    // An external PSK of TLS 1.3 without a declared hash fits suites with SHA-256 only (RFC 8446 4.2.11).
    const externalPsk = wayIn === "uc1.psk-tls" && version === "1.3";
    const usable = suites.filter((suite) => !externalPsk || suite.endsWith("_SHA256"));
    if (usable.length > 0) return [];
    const kind = externalPsk ? `with SHA-256 for TLS ${version}` : `of TLS ${version}`;
    return [
      problemAt(file, ["waysIn", wayIn, "tls", String(place)], "value", {
        message: `TLS ${version} is claimed, and no suite ${kind} is`,
        allowed: oneOf(claim.tls.filter((other) => other !== version)),
        fix: `Add a suite ${kind} to waysIn.${wayIn}.suites, or take the version out.`,
      }),
    ];
  });
}

/** RFC 7616 3.3 makes qop a must of every challenge; RFC 2617 3.2.1 leaves it out for old clients. */
function checkDigest(
  { profile, qop, qopMandatory }: Ics["digest"],
  file: YamlFile,
): readonly ProfileProblem[] {
  if (qop.length > 0) return [];
  if (profile === "7616") {
    return [
      problemAt(file, ["digest", "qop"], "value", {
        message: 'is empty, and profile "7616" needs a qop in every challenge (RFC 7616 3.3)',
        allowed: 'a list of "auth" or "auth-int"',
        fix: 'List what the system offers, or claim profile "2617".',
      }),
    ];
  }
  if (!qopMandatory) return [];
  return [
    problemAt(file, ["digest", "qopMandatory"], "value", {
      message: "is true, and digest.qop is empty: the system cannot demand what it does not offer",
      allowed: "false",
      fix: "Set it to false, or list a qop in digest.qop.",
    }),
  ];
}
