import { X509Certificate } from "node:crypto";
import { claimedUa } from "../../conformance/claimed-ua.ts";
import { extract } from "../../conformance/extraction.ts";
import type { Link } from "../../conformance/parameters.ts";
import type { Subscriber } from "../../roles/key-manager/index.ts";
import { FORM_DEVIATIONS } from "../../roles/terminal/form-deviations.ts";
import {
  type Access,
  DIGEST_DEVIATIONS,
  type DigestAccess,
  type DigestDeviation,
  type EntryOutcome,
  type NafCredential,
  type SecurityAssociation,
  type Terminal,
} from "../../roles/terminal/index.ts";
import { BootstrappingError } from "../../roles/terminal/ub-client.ts";
import type { Profile } from "../../system/profile/index.ts";
import type { HttpResponse } from "../../wire/http-message.ts";
import { describeEnding } from "../../wire/observer.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { CREDENTIAL_LIES, type CredentialLie } from "./credential-lies.ts";
import { judgeAuthenticationInfo, judgeChallenge } from "./digest-answers.ts";
import type { Narrator } from "./narrator.ts";

/** Deviations with which being served may be right: what they change, no clause or not every system looks at. */
const TOLERABLE: ReadonlySet<string> = new Set([
  ...Object.keys(FORM_DEVIATIONS),
  "alteredBody",
  "omittedQop",
  "weakerQop",
  "weakerAlgorithm",
]);

export interface Scene {
  readonly profile: Profile;
  readonly wayIn: "uc1.psk-tls" | "uc1.https-digest";
  readonly link: Link;
  readonly keyManager: { readonly name: string; readonly ub: Destination };
  readonly address: Destination;
  /** PEM of the authorities of the enabler's certificate. */
  readonly trust: string;
  readonly subscriber: Subscriber;
  readonly terminal: Terminal;
  /** What the terminal does wrong: in its answer to the challenge, or about who it is. */
  readonly deviation: DigestDeviation | undefined;
  readonly lie: CredentialLie | undefined;
  readonly narrator: Narrator;
  /** Before each step: resolves when it may begin. */
  readonly gate: (step: string) => Promise<void>;
}

/** One bootstrapping; undefined, and said why, when it does not succeed. */
export async function bootstrapOnce(scene: Scene): Promise<SecurityAssociation | undefined> {
  const { terminal, keyManager, narrator, gate } = scene;
  await gate("bootstrap");
  try {
    const association = await terminal.bootstrap(keyManager);
    narrator.say(`bootstrapped: ${association.btid}, until ${association.lifetime.toISOString()}`);
    if (association.lifetime.getTime() <= Date.now())
      narrator.wrong("the lifetime of the key is over already", "TS 33.220 4.5.2");
    return association;
  } catch (error) {
    if (!(error instanceof BootstrappingError)) throw error;
    if (error.message.startsWith("Ub: not reachable"))
      narrator.cannot(
        `not bootstrapped: ${error.message}`,
        "Start the key manager, or name another with --bootstrap",
      );
    else narrator.wrong(`not bootstrapped: ${error.message}`, "TS 24.109 4.2, RFC 3310");
    return undefined;
  }
}

/** Why the enabler must not serve this terminal. */
interface Unworthy {
  readonly title: string;
  readonly clause: string;
}

/** One visit, and what the terminal comes with. */
interface Visit extends Scene {
  readonly association: SecurityAssociation;
  readonly credential: NafCredential;
  /** Absent: a valid terminal. */
  readonly unworthy: Unworthy | undefined;
}

/** The terminal connects with its key, asks for the protected resource, and goes. */
export async function visitOnce(scene: Scene, association: SecurityAssociation): Promise<void> {
  const { wayIn, gate, lie, keyManager } = scene;
  await gate("connect");
  const { credential } = association;
  const visit: Visit = {
    ...scene,
    association,
    credential: lie === undefined ? credential : CREDENTIAL_LIES[lie].tell(credential, keyManager.name),
    unworthy: lie === undefined ? expired(association) : CREDENTIAL_LIES[lie],
  };
  if (wayIn === "uc1.psk-tls")
    await withSession(visit, await enterWithPsk(visit), (access) => afterPsk(visit, access));
  else
    await withSession(visit, await enterWithDigest(visit), (access) => afterDigestHandshake(visit, access));
}

function expired({ lifetime }: SecurityAssociation): Unworthy | undefined {
  if (lifetime.getTime() > Date.now()) return undefined;
  return { title: "the lifetime of the key is over", clause: "TS 33.220 4.5.3" };
}

/** The terminal got nothing: that is right for one that is to get nothing. */
function gotNothing({ narrator, unworthy }: Visit, how: string, clause: string, fix?: string): void {
  if (unworthy === undefined) narrator.wrong(how, clause, fix);
  else narrator.say(`refused (${how}): ${unworthy.title}`);
}

async function withSession<A extends Access>(
  visit: Visit,
  outcome: EntryOutcome<A>,
  act: (access: A) => Promise<void>,
): Promise<void> {
  const { narrator } = visit;
  if (!outcome.entered) {
    const how = `no connection: ${describeEnding(outcome.ending)}`;
    if (outcome.ending.kind === "unreachable")
      narrator.cannot(how, "Start the system, or name its address with --address");
    else if (outcome.ending.kind === "given-up") narrator.wrong(how, "SEC_CF 5.1.6, RFC 5280");
    else gotNothing(visit, how, "TS 33.222 5", "See whether the key manager was asked, and what it says.");
    return;
  }
  try {
    const { version, suite } = outcome.access.session;
    narrator.say(`connected: TLS ${version} ${suite.name}`);
    await act(outcome.access);
  } finally {
    await outcome.access.session.close();
  }
}

function enterWithPsk(visit: Visit): Promise<EntryOutcome> {
  const { profile, link, terminal, credential } = visit;
  return terminal.enterWithPsk(entrance(visit), credential, {
    ua: claimedUa(profile.ics, "uc1.psk-tls", link.version, link.suite),
    separator: profile.ixit.psk.separator,
  });
}

function enterWithDigest(visit: Visit): Promise<EntryOutcome<DigestAccess>> {
  const { profile, terminal, trust, credential } = visit;
  const { algorithms, qop } = profile.ics.digest;
  return terminal.enterWithDigest(entrance(visit), credential, {
    trust,
    ua: (version, suite) => claimedUa(profile.ics, "uc1.https-digest", version, suite),
    choice: { algorithm: algorithms[0] ?? "MD5", qop: qop[0] ?? "auth" },
  });
}

function entrance({ address, profile, link }: Scene) {
  const { serverName } = profile.ixit.enabler;
  return { address, serverName, version: link.version, suites: [link.suite] };
}

async function afterPsk(visit: Visit, access: Access): Promise<void> {
  const { narrator, profile, gate } = visit;
  const { hint, version } = access.session;
  if (version !== "1.3") {
    narrator.say(`identity hint: ${hint ?? "none"}`);
    if (profile.ics.psk.hint !== "none" && hint !== profile.ics.psk.hint)
      narrator.wrong(`the hint is not ${profile.ics.psk.hint}, as the ICS claims`, "TS 24.109 F.3");
  }
  await gate("ask for the protected resource");
  const reply = await access.request({ method: "GET", target: profile.ixit.resources.protected.path });
  if (!reply.ok) gotNothing(visit, `no response: ${describeEnding(reply.ending)}`, "TS 33.222 5.4");
  else if (judgeServed(visit, reply.response)) await tellIdentity(visit, access);
}

async function afterDigestHandshake(visit: Visit, access: DigestAccess): Promise<void> {
  const { narrator, profile, deviation, gate } = visit;
  tellCertificate(visit, access);
  const request = { method: "GET", target: profile.ixit.resources.protected.path } as const;
  await gate("ask without credentials");
  const first = await access.ask(request);
  if (!first.ok) {
    narrator.wrong(`no response: ${describeEnding(first.ending)}`, "RFC 7616 3.3");
    return;
  }
  const { serverName } = profile.ixit.enabler;
  judgeChallenge(first.response, { serverName, digest: profile.ics.digest }, narrator);
  if (!access.take(first.response)) {
    narrator.say("there is no challenge that this terminal can answer");
    return;
  }
  await gate(deviation === undefined ? "answer the challenge" : `answer the challenge with ${deviation}`);
  const reply = await access.request(request, deviation);
  if (!reply.ok) {
    const how = `no response: ${describeEnding(reply.ending)}`;
    if (deviation === undefined) gotNothing(visit, how, "RFC 7616 3.4");
    else narrator.say(`refused (${how}): ${DIGEST_DEVIATIONS[deviation].title}`);
    return;
  }
  if (deviation !== undefined) {
    judgeDeviation(visit, deviation, reply.response);
    return;
  }
  if (!judgeServed(visit, reply.response)) return;
  if (reply.sent !== undefined) {
    const { authenticationInfo } = profile.ics.digest;
    judgeAuthenticationInfo(reply.response, reply.sent, access.secrets, authenticationInfo, narrator);
  }
  await tellIdentity(visit, access);
}

function tellCertificate({ narrator }: Scene, { session }: DigestAccess): void {
  const der = session.certificate?.chain[0];
  if (der === undefined) return;
  try {
    const { subject, validTo } = new X509Certificate(der);
    narrator.say(`certificate: ${subject.replaceAll("\n", ", ")}, until ${validTo}`);
  } catch {
    narrator.say("the certificate cannot be read");
  }
}

/** True when the protected resource was served, and rightly so. */
function judgeServed(visit: Visit, response: HttpResponse): boolean {
  const { profile, narrator, unworthy } = visit;
  const { contains } = profile.ixit.resources.protected;
  const { status, body } = response;
  const served = status >= 200 && status < 300;
  if (!served) {
    gotNothing(visit, `not served: status ${status}`, "TS 33.222 5");
    return false;
  }
  if (unworthy !== undefined) {
    narrator.wrong(`served with status ${status}, although ${unworthy.title}`, unworthy.clause);
    return false;
  }
  if (contains !== undefined && !body.toString("utf8").includes(contains))
    narrator.wrong(
      `status ${status}, and the body lacks ${JSON.stringify(contains)}`,
      "IXIT resources.protected",
    );
  else narrator.say(`served: status ${status}, ${body.length} octets`);
  return true;
}

function judgeDeviation({ narrator }: Scene, deviation: DigestDeviation, { status }: HttpResponse): void {
  const { title, clause } = DIGEST_DEVIATIONS[deviation];
  if (status >= 400) narrator.say(`refused with status ${status}: ${title}`);
  else if (TOLERABLE.has(deviation))
    narrator.say(`served with status ${status}, which may be right: ${title}`);
  else narrator.wrong(`served with status ${status}, although ${title}`, clause);
}

async function tellIdentity(visit: Visit, access: Access): Promise<void> {
  const { narrator, profile, subscriber, association, gate } = visit;
  const { identity } = profile.ixit.resources;
  if (identity === undefined || !identity.url.startsWith("/")) return;
  await gate("ask who the application takes the terminal for");
  const target = identity.url.replaceAll("{btid}", encodeURIComponent(association.btid));
  const reply = await access.request({ method: "GET", target });
  const told = reply.ok ? extract(reply.response, identity.extract) : undefined;
  const right = {
    IMPI: [subscriber.impi],
    IMPU: subscriber.impus,
    "B-TID": [association.btid],
  }[identity.form];
  // Of a subscriber who was named on the command line no public identities are known.
  if (told !== undefined && (right.length === 0 || right.some((one) => one === told)))
    narrator.say(`the application was told ${told}`);
  else
    narrator.wrong(
      `the application was told ${told ?? "nobody"} instead of ${right.join(" or ")}`,
      "SEC_CF 1.1",
    );
}
