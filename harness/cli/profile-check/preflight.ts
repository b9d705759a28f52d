import type { CertificateAuthority } from "../../roles/certificate-authority/index.ts";
import { BootstrappingError } from "../../roles/terminal/ub-client.ts";
import { ListenError } from "../../system/listen-error.ts";
import type { ClaimedWayIn, Profile } from "../../system/profile/index.ts";
import type { EndpointName } from "../../system/profile/profile.ts";
import { TestSystem } from "../../system/test-system.ts";
import { describeEnding } from "../../wire/observer.ts";
import { connectTcp } from "../../wire/tcp.ts";
import { Bench, type Visitor } from "./bench.ts";
import { probeCertificateTls } from "./certificate-tls.ts";
import { Diagnosis, ixit } from "./diagnosis.ts";
import { probeDigest } from "./digest.ts";
import { addressCause } from "./links.ts";
import { judgeOwnFiles } from "./own-files.ts";
import { probePsk } from "./psk.ts";
import { probeIdentity, probeOpen, probePlain, probeProtected, probeState, probeView } from "./resources.ts";

interface PreflightOptions {
  /** Hears of each thing that was found right, when it is. */
  readonly onRight?: (text: string) => void;
  /** That of another test system, whose keys need not be made again. */
  readonly knownAuthority?: CertificateAuthority;
}

/**
 * Tries everything in a profile: starts the system or connects to it, with the roles of a run around it. Each wait is
 * bounded by the profile. What keeps the rest from being tried is among what could not be judged.
 */
export async function preflight(
  profile: Profile,
  { onRight = () => undefined, knownAuthority }: PreflightOptions = {},
): Promise<Diagnosis> {
  const diagnosis = new Diagnosis(profile, onRight);
  diagnosis.ok("ics.yaml and ixit.yaml are valid");
  await judgeOwnFiles(profile, diagnosis);
  noteOmissions(profile, diagnosis);
  let system: TestSystem;
  try {
    system = await TestSystem.start(profile, undefined, knownAuthority);
  } catch (error) {
    notStarted(diagnosis, error);
    return diagnosis;
  }
  diagnosis.ok(
    profile.ixit.system.kind === "process"
      ? "the system starts and says that it is ready"
      : "our key manager listens",
  );
  diagnosis.systemOutput = () => system.lastOutput;
  const bench = new Bench(system);
  try {
    await probe(bench, diagnosis);
  } catch (error) {
    if (!(error instanceof BootstrappingError)) throw error;
    diagnosis.cannotJudge(
      `everything else: our terminal could not bootstrap at our key manager: ${error.message}`,
    );
  } finally {
    await bench.close();
    await system.close();
  }
  return diagnosis;
}

/** What of an address is wrong: its port is taken or forbidden, or its host is no address of this machine. */
const partOf = (reason: string) => (/EADDRINUSE|EACCES/.test(reason) ? "port" : "host");

/** What only the profile can make visible. */
function noteOmissions({ ixit: { resources } }: Profile, diagnosis: Diagnosis): void {
  const left = (["identity", "view", "state"] as const).filter((name) => resources[name] === undefined);
  if (left.length === 0) return;
  const names = left.map((name) => `resources.${name}`).join(", ");
  diagnosis.note(`${names}: left out of ixit.yaml, so what needs it is declared in a run and not judged`);
}

function notStarted(diagnosis: Diagnosis, error: unknown): void {
  if (error instanceof ListenError) {
    const { field, reason, advice } = error;
    const cause = field.includes(" or ") ? ixit("keyManager") : ixit(...field.split("."), partOf(reason));
    diagnosis.found("port", cause, `our key manager cannot listen there (${reason})`, advice);
    diagnosis.cannotJudge("everything else: without its key manager the system serves nobody");
    return;
  }
  if (!(error instanceof Error) || error.name !== "SystemStartError") throw error;
  diagnosis.cannotJudge(error.message);
}

async function probe(bench: Bench, diagnosis: Diagnosis): Promise<void> {
  const ways: readonly ClaimedWayIn[] = ["uc1.psk-tls", "uc1.https-digest", "server-only"];
  const open: ClaimedWayIn[] = [];
  for (const wayIn of ways.filter((one) => bench.ics.waysIn[one] !== undefined)) {
    if (await isReachable(bench, diagnosis, wayIn)) open.push(wayIn);
  }
  const second = "uc1.https-digest.second";
  if (bench.addressOf(second) !== undefined) await isReachable(bench, diagnosis, second);
  const psk = open.includes("uc1.psk-tls") ? await probePsk(bench, diagnosis) : undefined;
  const digest = open.includes("uc1.https-digest") ? await probeDigest(bench, diagnosis) : undefined;
  await probeResources(bench, diagnosis, [psk, digest]);
  if (open.includes("server-only")) await probeServerOnly(bench, diagnosis);
  await probePlain(bench, diagnosis);
  const gone = bench.system.systemGone;
  if (gone !== undefined) diagnosis.cannotJudge(`the rest: ${gone}`);
}

async function probeResources(
  bench: Bench,
  diagnosis: Diagnosis,
  visitors: readonly (Visitor | undefined)[],
): Promise<void> {
  let looked = false;
  for (const visitor of visitors) {
    if (visitor?.outcome.entered !== true) continue;
    const { access } = visitor.outcome;
    const served = await probeProtected(bench, diagnosis, access);
    // What the application tells does not depend on the way in.
    if (looked) continue;
    looked = true;
    await probeIdentity(bench, diagnosis, visitor);
    await probeView(bench, diagnosis, access);
    await probeState(bench, diagnosis, access);
    if (!served) return;
  }
  if (!looked) diagnosis.cannotJudge("resources: no valid terminal came in");
}

async function probeServerOnly(bench: Bench, diagnosis: Diagnosis): Promise<void> {
  const tls = await probeCertificateTls(bench, diagnosis, "server-only");
  if (tls === undefined) return;
  const outcome = await bench.enterAsNobody(tls.link);
  if (outcome.entered) await probeOpen(bench, diagnosis, outcome.access);
}

/** Only that something listens there. */
async function isReachable(bench: Bench, diagnosis: Diagnosis, wayIn: EndpointName): Promise<boolean> {
  const address = bench.addressOf(wayIn);
  if (address === undefined) {
    diagnosis.found(
      "unreachable",
      wayIn,
      `the system announced no address for ${wayIn}, which the ICS claims`,
      "Let it announce one, or take the way in out of ics.yaml.",
    );
    return false;
  }
  const outcome = await connectTcp(address, bench.ixit.bounds.connectMs);
  if (outcome.ok) {
    outcome.socket.destroy();
    diagnosis.ok(`${bench.nameOf(wayIn)}: TCP`);
    return true;
  }
  const how = describeEnding(outcome.ending);
  diagnosis.found(
    "unreachable",
    addressCause(bench, wayIn),
    `${bench.nameOf(wayIn)} is ${how}`,
    unreachableFix(how),
  );
  return false;
}

function unreachableFix(how: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(how))
    return "Mend the name, or write an IP address: this machine cannot resolve it.";
  if (/ECONNREFUSED/.test(how)) return "Start the system, or write the port that it listens on.";
  return "Write an address that can be reached from here, and let packets through to it; or raise bounds.connectMs.";
}
