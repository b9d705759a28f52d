import { readFile } from "node:fs/promises";
import { claimedUa } from "../../conformance/claimed-ua.ts";
import type { Link } from "../../conformance/parameters.ts";
import { uaToHex } from "../../protocols/gba/index.ts";
import type { ZnRequest } from "../../roles/key-manager/index.ts";
import { type ZnVisit, ZnWatch } from "../../roles/key-manager/zn-watch.ts";
import { urlHost } from "../../system/started-system.ts";
import type { TestSystem } from "../../system/test-system.ts";
import { ALERT_NAMES } from "../../wire/observer.ts";
import type { Bench, Visitor } from "./bench.ts";
import { type Diagnosis, ics, ixit } from "./diagnosis.ts";

type AuthenticatedWayIn = "uc1.psk-tls" | "uc1.https-digest";

/** What the key manager had been asked before an attempt. */
interface ZnMark {
  readonly malformed: number;
  readonly asked: ReadonlySet<string>;
}

export function markZn({ system: { keyManager } }: Bench): ZnMark {
  return { malformed: keyManager.malformedRequests.length, asked: new Set(keyManager.askedFor) };
}

/**
 * `corrected`: a claim was wrong, was corrected, and the way in is worth another try; `said`: there is a finding;
 * `silent`: no connection to the key manager was even tried.
 */
export type ZnOutcome = "corrected" | "said" | "silent";

/** Why valid terminals are refused, by what the key manager saw of it. `again` is one more attempt like theirs. */
export async function explainByZn(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: AuthenticatedWayIn,
  { visitors, mark, again }: { visitors: readonly Visitor[]; mark: ZnMark; again: () => Promise<unknown> },
): Promise<ZnOutcome> {
  const { keyManager } = bench.system;
  for (const visitor of visitors) {
    const request = keyManager.requestsFor(visitor.association.btid).at(-1);
    if (request !== undefined) return explainRequest(bench, diagnosis, wayIn, visitors, request);
  }
  const malformed = keyManager.malformedRequests[mark.malformed];
  if (malformed !== undefined) {
    const asked = /nafFqdn .*, got ("[^"]*")/.exec(malformed)?.[1];
    if (asked !== undefined && /:\d{1,5}"$/.test(asked)) {
      explainNafId(diagnosis, bench.ixit.enabler.serverName, JSON.parse(asked));
      return "said";
    }
    diagnosis.found(
      "zn-request",
      "Zn",
      `the system asked the key manager in a form that the binding ${bench.ics.zn.binding} does not have: ${malformed}`,
      'Let it ask as the README shows under "Your own system".',
    );
    return "said";
  }
  const named = new Set(visitors.map(({ association }): string => association.btid));
  const strange = [...keyManager.askedFor].find((btid) => !mark.asked.has(btid) && !named.has(btid));
  if (strange !== undefined) {
    diagnosis.found(
      "zn-request",
      "Zn",
      `the system asked for the key of ${JSON.stringify(strange)}, and the terminal had named ${JSON.stringify([...named][0] ?? "")}`,
      "Let it pass the B-TID on as the terminal named it, without the prefix 3GPP-bootstrapping and what follows that.",
    );
    return "said";
  }
  const visits = await watched(bench.system, again);
  return explainVisits(bench, diagnosis, visits);
}

function explainRequest(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: AuthenticatedWayIn,
  visitors: readonly Visitor[],
  request: ZnRequest,
): ZnOutcome {
  const { serverName } = bench.ixit.enabler;
  if (request.nafFqdn.toLowerCase() !== serverName.toLowerCase()) {
    explainNafId(diagnosis, serverName, request.nafFqdn);
    return "said";
  }
  const ua = explainUa(bench, diagnosis, wayIn, visitors);
  if (ua !== undefined) return ua;
  if (wayIn === "uc1.psk-tls") {
    diagnosis.found(
      "psk-key",
      bench.nameOf(wayIn),
      "the system asked for the right key, was given it, and refuses the terminal that has it",
      "Let it take the 32 octets of Ks_NAF, which is meKeyMaterial without its hexadecimal notation, as the PSK.",
    );
  } else {
    diagnosis.found(
      "digest-key",
      bench.nameOf(wayIn),
      "the system asked for the right key, was given it, and refuses the terminal that has it",
      "Let it take base64 of the 32 octets of Ks_NAF as the password: 44 characters with padding, on one line.",
    );
  }
  return "said";
}

/**
 * Whether the key manager was asked with the Ua identifiers that the ICS claims; undefined when it was. Each visitor
 * counts: a fixed identifier is that of the negotiated suite for one suite.
 */
export function explainUa(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: AuthenticatedWayIn,
  visitors: readonly Visitor[],
): "corrected" | "said" | undefined {
  const asked = visitors.flatMap(({ link, association }) => {
    const request = bench.system.keyManager.requestsFor(association.btid).at(-1);
    return request === undefined ? [] : [{ link, ua: request.ua }];
  });
  const claimed = (identifier: string, { version, suite }: Link) =>
    uaToHex(claimedUa({ ...bench.ics, ua: { identifier } }, wayIn, version, suite));
  const odd = asked.find(({ link, ua }) => claimed(bench.uaIdentifier, link) !== ua);
  if (odd === undefined) return undefined;
  const fits = ["negotiated", `fixed:${odd.ua.slice(6)}`, odd.ua].find((identifier) =>
    asked.every(({ link, ua }) => claimed(identifier, link) === ua),
  );
  diagnosis.found(
    "ua-identifier",
    ics("ua", "identifier"),
    `the system asked with the Ua identifier ${odd.ua}; by ${JSON.stringify(bench.uaIdentifier)} it is ` +
      `${claimed(bench.uaIdentifier, odd.link)} for ${odd.link.suite.name} with TLS ${odd.link.version}`,
    fits === undefined
      ? "Let the system ask as TS 33.220 H.3 has it: no value of ua.identifier fits all that it asked."
      : `Write ua.identifier: ${JSON.stringify(fits)}, or let the system ask as TS 33.220 H.3 has it.`,
  );
  if (fits === undefined) return "said";
  bench.uaIdentifier = fits;
  return "corrected";
}

function explainNafId(diagnosis: Diagnosis, serverName: string, asked: string): void {
  if (/:\d{1,5}$/.test(asked)) {
    diagnosis.found(
      "naf-id",
      "Zn",
      `the system asked with the NAF_Id name ${JSON.stringify(asked)}: it is a name without a port`,
      `Let the system ask for ${serverName} (TS 33.220 B.2: the FQDN of the NAF), whatever its port.`,
    );
    return;
  }
  diagnosis.found(
    "naf-id",
    ixit("enabler", "serverName"),
    `the system asked with the NAF_Id name ${JSON.stringify(asked)}, and terminals know it as ${JSON.stringify(serverName)}`,
    `Write enabler.serverName: ${JSON.stringify(asked)}, or give the system the other name.`,
  );
}

/** Lets somebody else listen on Zn while `again` is tried. */
async function watched(system: TestSystem, again: () => Promise<unknown>): Promise<readonly ZnVisit[]> {
  const { keyManager } = system;
  const credentials = await znCredentials(system);
  const { zn } = keyManager;
  await keyManager.goAway();
  try {
    const watch = await ZnWatch.start({ ...zn, ...credentials });
    try {
      await again();
      return watch.visits;
    } finally {
      await watch.close();
    }
  } finally {
    await keyManager.comeBack();
  }
}

/** Those that the key manager itself has. */
async function znCredentials({ profile, authority }: TestSystem) {
  const { name, credentials } = profile.ixit.keyManager;
  if (authority !== undefined) {
    const own = await authority.issue({ commonName: name, names: [name], usage: "server" });
    return { ...own, trust: authority.certificate };
  }
  if (credentials === undefined) throw new Error("a system that is external has keyManager.credentials");
  const [certificate, privateKey, trust] = await Promise.all([
    readFile(credentials.certificate, "utf8"),
    readFile(credentials.privateKey, "utf8"),
    readFile(credentials.trust, "utf8"),
  ]);
  return { certificate, privateKey, trust };
}

const REACHED = ["tcp", "tls", "asked"] as const;

function explainVisits(bench: Bench, diagnosis: Diagnosis, visits: readonly ZnVisit[]): ZnOutcome {
  const [visit] = visits.toSorted((a, b) => REACHED.indexOf(b.reached) - REACHED.indexOf(a.reached));
  if (visit === undefined) return "silent";
  if (visit.reached === "tcp") explainNoTls(bench, diagnosis, visit);
  else if (visit.client === undefined) {
    diagnosis.found(
      "zn-tls",
      "Zn",
      "the system connects to the key manager and shows no certificate of its own, so it gets no TLS connection",
      "Give the system a client certificate for Zn, and let it show it when it is asked for one.",
    );
  } else if (visit.distrust !== undefined) {
    const external = bench.ixit.keyManager.credentials !== undefined;
    diagnosis.found(
      "zn-tls",
      external ? ixit("keyManager", "credentials", "trust") : "Zn",
      `the certificate of ${JSON.stringify(visit.client)} that the system shows on Zn is not believed: ${visit.distrust}`,
      external
        ? "Name a PEM file with the authority of that certificate, or give the system one of an authority in it."
        : "Let the system show the certificate of keyManager.zn.certificate in the file that it is started with.",
    );
  } else explainTrusted(bench, diagnosis, visit);
  return "said";
}

function explainNoTls({ ixit: { keyManager } }: Bench, diagnosis: Diagnosis, visit: ZnVisit): void {
  const cause =
    keyManager.credentials === undefined ? "Zn" : ixit("keyManager", "credentials", "certificate");
  const { alert, error } = visit;
  if (alert !== undefined) {
    diagnosis.found(
      "zn-tls",
      cause,
      `the system refuses the key manager in the TLS handshake: alert ${alert} ${ALERT_NAMES[alert] ?? "(unassigned)"}`,
      `Let the system believe the authority of the key manager's certificate, which is one for ${keyManager.name}.`,
    );
    return;
  }
  if (error !== undefined && /wrong version|http request|unknown protocol|packet length/i.test(error)) {
    diagnosis.found(
      "zn-tls",
      "Zn",
      "the system connects to the key manager and speaks no TLS there",
      "Let it speak TLS on Zn from the first octet on: keys never cross an unprotected channel (SEC_CF S2).",
    );
    return;
  }
  diagnosis.found(
    "zn-tls",
    cause,
    `the system connects to the key manager and completes no TLS handshake: ${error ?? "it sends nothing"}`,
    `Let it speak TLS 1.2 or 1.3 there, believe the authority of the key manager's certificate, and know it as ${keyManager.name}.`,
  );
}

function explainTrusted(bench: Bench, diagnosis: Diagnosis, visit: ZnVisit): void {
  const { name } = bench.ixit.keyManager;
  const { binding } = bench.ics.zn;
  if (binding === "nbsp-gba" && visit.reached === "asked" && visit.protocols[0] !== "h2") {
    diagnosis.found(
      "zn-request",
      "Zn",
      "the system connects to the key manager and does not speak HTTP/2 there (no h2 in its ALPN extension)",
      "Let it ask over HTTP/2, as TS 29.309 has it, or claim the binding that it speaks in zn.binding of ics.yaml.",
    );
    return;
  }
  diagnosis.found(
    "zn-not-asked",
    "Zn",
    visit.reached === "tls"
      ? "the system completes TLS with the key manager and then asks nothing"
      : "the system sends something over TLS that the key manager does not take for a request",
    visit.reached === "tls"
      ? `Let it believe the key manager's certificate, which is one for ${name}, or see in its log what it misses.`
      : `Let it speak the binding ${binding} that ics.yaml claims.`,
  );
}

/** No connection came: with what the system should have been told. */
export function notCalled(bench: Bench, diagnosis: Diagnosis, seen: string): void {
  const { system, keyManager } = bench.ixit;
  const at = urlHost(bench.system.keyManager.zn);
  diagnosis.found(
    "zn-not-called",
    system.kind === "external" ? ixit("keyManager", "zn") : "Zn",
    `the system never connected to the key manager at ${at} when a valid terminal came in (${seen})`,
    system.kind === "external"
      ? `Let the system know the key manager ${keyManager.name} by an address that leads to ${at}.`
      : "Let it ask the key manager of keyManager.zn in the file that it is started with.",
  );
}
