import type { Link } from "../../conformance/parameters.ts";
import { type Challenge, digestAlgorithm, parseChallenges } from "../../protocols/digest/index.ts";
import { parseBootstrappingRealm } from "../../protocols/gba/index.ts";
import { type DigestAccess, type EntryOutcome, gbaChallenges } from "../../roles/terminal/index.ts";
import type { HttpOutcome } from "../../wire/http-connection.ts";
import { type HttpResponse, headerValues } from "../../wire/http-message.ts";
import { describeEnding } from "../../wire/observer.ts";
import type { Bench, Visitor } from "./bench.ts";
import { probeCertificateTls } from "./certificate-tls.ts";
import { judgeClock } from "./clock.ts";
import { type Diagnosis, ics, ixit } from "./diagnosis.ts";
import { explainByZn, markZn, notCalled } from "./zn.ts";

const WAY_IN = "uc1.https-digest";
/** Those that a terminal answers on Ua. */
const ALGORITHMS = ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"] as const;

type DigestVisitor = Visitor<EntryOutcome<DigestAccess>>;

/** HTTPS with Digest: TLS, certificate, challenge, key. Gives a visitor whose key was accepted. */
export async function probeDigest(bench: Bench, diagnosis: Diagnosis): Promise<DigestVisitor | undefined> {
  const tls = await probeCertificateTls(bench, diagnosis, WAY_IN);
  if (tls === undefined) return undefined;
  const challenge = await probeChallenge(bench, diagnosis, tls.link);
  if (challenge === undefined) return undefined;
  // Of two suites: a fixed Ua identifier is that of the negotiated suite for one of them.
  const other = tls.negotiated.find(({ suite }) => suite.code !== tls.link.suite.code);
  const links = other === undefined ? [tls.link] : [tls.link, other];
  let inside: DigestVisitor | undefined;
  for (let corrections = 0; corrections <= 1; corrections += 1) {
    const { visitors, corrected } = await enterAll(bench, diagnosis, links, challenge);
    inside ??= visitors[0];
    if (!corrected) {
      if (visitors.length === links.length)
        diagnosis.ok(`${bench.nameOf(WAY_IN)}: key fetched over Zn, NAF_Id and Ua identifier`);
      return inside;
    }
  }
  return inside;
}

/** Visitors that were let in over each of these links, up to the first that was not. */
async function enterAll(
  bench: Bench,
  diagnosis: Diagnosis,
  links: readonly Link[],
  challenge: Challenge,
): Promise<{ readonly visitors: readonly DigestVisitor[]; readonly corrected: boolean }> {
  const visitors: DigestVisitor[] = [];
  for (const link of links) {
    const mark = markZn(bench);
    diagnosis.markOutput();
    const { visitor, reply } = await enterPatiently(bench, link, challenge);
    if (isIn(reply)) {
      visitors.push(visitor);
      continue;
    }
    const again = () => enter(bench, link, challenge);
    const outcome = await explainByZn(bench, diagnosis, WAY_IN, {
      visitors: [visitor, ...visitors],
      mark,
      again,
    });
    const how = reply.ok ? `status ${reply.response.status}` : describeEnding(reply.ending);
    if (outcome === "silent") notCalled(bench, diagnosis, `the right credentials: ${how}`);
    return { visitors, corrected: outcome === "corrected" };
  }
  return { visitors, corrected: false };
}

const isIn = (reply: HttpOutcome) => reply.ok && reply.response.status !== 401 && reply.response.status < 500;

/** The first key of a system that has just been started may come late. */
async function enterPatiently(bench: Bench, link: Link, challenge: Challenge): ReturnType<typeof enter> {
  const first = await enter(bench, link, challenge);
  return isIn(first.reply) ? first : enter(bench, link, challenge);
}

async function enter(
  bench: Bench,
  link: Link,
  challenge: Challenge,
): Promise<{ readonly visitor: DigestVisitor; readonly reply: HttpOutcome }> {
  const algorithm = ALGORITHMS.find((one) => one === digestAlgorithm(challenge.algorithm)) ?? "MD5";
  const qop = bench.ics.digest.qop.find((one) => challenge.qop?.includes(one)) ?? "auth";
  const visitor = await bench.enterWithDigest(link, { algorithm, qop });
  const { outcome } = visitor;
  const reply: HttpOutcome = outcome.entered
    ? await outcome.access.request(bench.enabler.protectedResource)
    : { ok: false, ending: outcome.ending };
  return { visitor, reply };
}

/** What comes without credentials. Gives the challenge that a terminal answers. */
async function probeChallenge(
  bench: Bench,
  diagnosis: Diagnosis,
  link: Link,
): Promise<Challenge | undefined> {
  const { outcome } = await bench.enterWithDigest(link, { algorithm: "MD5", qop: "auth" });
  if (!outcome.entered) {
    diagnosis.cannotJudge(`${bench.nameOf(WAY_IN)}: the challenge: ${describeEnding(outcome.ending)}`);
    return undefined;
  }
  diagnosis.markOutput();
  const sent = Date.now();
  const reply = await outcome.access.ask(bench.enabler.protectedResource);
  const name = bench.nameOf(WAY_IN);
  if (!reply.ok) {
    diagnosis.found(
      "no-challenge",
      name,
      `a request for ${bench.ixit.resources.protected.path} gets no response: ${describeEnding(reply.ending)}`,
      "Let the system answer with 401 and a Digest challenge; see in its log why it does not.",
    );
    return undefined;
  }
  const { response } = reply;
  judgeClock(bench, diagnosis, response, { sent, received: Date.now() });
  return judgeChallenge(bench, diagnosis, response);
}

function judgeChallenge(bench: Bench, diagnosis: Diagnosis, response: HttpResponse): Challenge | undefined {
  const { path } = bench.ixit.resources.protected;
  const noChallenge = (message: string, fix: string) => {
    diagnosis.found("no-challenge", ixit("resources", "protected", "path"), message, fix);
    return undefined;
  };
  if (response.status !== 401) {
    return noChallenge(
      `${path} is answered with status ${response.status} and not with 401 when a terminal shows no credentials`,
      bench.enabler.serves(response)
        ? "Name a path that only an authenticated user gets, or protect this one with Digest."
        : "Name a path that the system protects with Digest.",
    );
  }
  const challenges = challengesOf(response);
  const digest = challenges.filter(({ scheme }) => scheme.toLowerCase() === "digest");
  if (digest.length === 0) {
    const schemes = challenges.map(({ scheme }) => scheme).join(", ");
    return noChallenge(
      `the 401 for ${path} has ${schemes === "" ? "no WWW-Authenticate that can be read" : `a challenge of the scheme ${schemes}`}, and no Digest challenge`,
      "Let the system challenge with Digest (RFC 7616) for this path.",
    );
  }
  if (!judgeRealm(bench, diagnosis, digest)) return undefined;
  return judgeParameters(bench, diagnosis, gbaChallenges(response, bench.ixit.enabler.serverName));
}

function challengesOf(response: HttpResponse): readonly Challenge[] {
  try {
    return parseChallenges(headerValues(response, "www-authenticate"));
  } catch {
    return [];
  }
}

/** True when a terminal can answer (TS 24.109 5.2.4); a port behind the name is a finding all the same (oracles T8). */
function judgeRealm(bench: Bench, diagnosis: Diagnosis, digest: readonly Challenge[]): boolean {
  const { serverName } = bench.ixit.enabler;
  const wanted = `3GPP-bootstrapping@${serverName}`;
  const realms = digest.map(({ realm }) => realm ?? "");
  const names = realms
    .flatMap(parseBootstrappingRealm)
    .filter(({ variant }) => variant === "3GPP-bootstrapping");
  const same = (fqdn: string) => fqdn.toLowerCase() === serverName.toLowerCase();
  if (names.some(({ fqdn }) => same(fqdn))) {
    diagnosis.ok(`${bench.nameOf(WAY_IN)}: realm ${wanted}`);
    return true;
  }
  const shown = realms.map((realm) => JSON.stringify(realm)).join(", ");
  const withPort = names.some(({ fqdn }) => same(fqdn.replace(/:\d{1,5}$/, "")));
  const [other] = names;
  if (withPort) {
    const fix = `Let the system write the realm ${wanted}, whatever its port.`;
    diagnosis.found("realm", bench.nameOf(WAY_IN), `the realm has a port in it: ${shown}`, fix);
  } else if (other === undefined) {
    const message = `the realm is ${shown}, and a terminal with a bootstrapped key answers to ${wanted} only`;
    const fix = `Let the system write the realm ${wanted} (TS 24.109 5.2.4).`;
    diagnosis.found("realm", bench.nameOf(WAY_IN), message, fix);
  } else {
    diagnosis.found(
      "realm",
      ixit("enabler", "serverName"),
      `the realm ${shown} names another enabler than ${JSON.stringify(serverName)}`,
      `Write enabler.serverName: ${JSON.stringify(other.fqdn)}, or let the system write the realm ${wanted}.`,
    );
  }
  return withPort;
}

/** Algorithms and qop against the claims; gives the first challenge that is claimed, or can be answered at all. */
function judgeParameters(
  bench: Bench,
  diagnosis: Diagnosis,
  challenges: readonly Challenge[],
): Challenge | undefined {
  const { algorithms, qop } = bench.ics.digest;
  const offered = challenges.flatMap(({ algorithm }) => digestAlgorithm(algorithm) ?? []);
  compare(diagnosis, "digest-algorithm", "algorithms", algorithms, offered);
  const offeredQop = [...new Set(challenges.flatMap((one) => one.qop ?? []))];
  compare(diagnosis, "digest-qop", "qop", qop, offeredQop);
  const answerable = challenges.filter(({ algorithm }) =>
    ALGORITHMS.some((one) => one === digestAlgorithm(algorithm)),
  );
  return (
    answerable.find((one) => algorithms.some((claimed) => claimed === digestAlgorithm(one.algorithm))) ??
    answerable[0]
  );
}

function compare(
  diagnosis: Diagnosis,
  id: "digest-algorithm" | "digest-qop",
  field: "algorithms" | "qop",
  claimed: readonly string[],
  offered: readonly string[],
): void {
  const missing = claimed.filter((one) => !offered.includes(one));
  const more = offered.filter((one) => !claimed.includes(one));
  const list = (values: readonly string[]) => (values.length === 0 ? "none" : values.join(", "));
  if (missing.length === 0 && more.length === 0) {
    diagnosis.ok(`${WAY_IN}: Digest ${field} ${list(claimed)}`);
    return;
  }
  diagnosis.found(
    id,
    ics("digest", field),
    `the system challenges with ${field} ${list(offered)}, and the ICS claims ${list(claimed)}`,
    `Write digest.${field}: [${offered.join(", ")}], or switch on in the system what is claimed.`,
  );
}
