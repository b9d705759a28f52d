import type { Link } from "../../conformance/parameters.ts";
import type { ClaimedWayIn } from "../../system/profile/index.ts";
import { describeEnding } from "../../wire/observer.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import type { Bench } from "./bench.ts";
import { judgeCertificate } from "./certificate.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { type LinkTry, linksFindings, noHandshake } from "./links.ts";

/** TLS with the enabler's certificate: each claimed link, then the certificate. Gives a link that terminals can use. */
export async function probeCertificateTls(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: ClaimedWayIn,
): Promise<{ readonly link: Link; readonly negotiated: readonly Link[] } | undefined> {
  const { first, others } = bench.linksOf(wayIn);
  const tries = [...(await tryEach(bench, wayIn, first))];
  if (tries.every(({ refusal }) => refusal !== undefined)) {
    noHandshake(bench, diagnosis, wayIn, tries);
    return undefined;
  }
  tries.push(...(await tryEach(bench, wayIn, others)));
  linksFindings(bench, diagnosis, wayIn, tries);
  const negotiated = tries.filter(({ refusal }) => refusal === undefined).map(({ link }) => link);
  const [link] = negotiated;
  const outcome = link === undefined ? undefined : await bench.handshake(wayIn, link);
  if (link === undefined || outcome?.ok !== true) return undefined;
  if (isBelieved(bench, diagnosis, wayIn, outcome.session)) return { link, negotiated };
  diagnosis.cannotJudge(`${bench.nameOf(wayIn)}: what comes after a certificate that terminals believe`);
  return undefined;
}

function isBelieved(
  bench: Bench,
  diagnosis: Diagnosis,
  wayIn: ClaimedWayIn,
  { certificate }: SecureSession,
): boolean {
  const address = JSON.stringify(bench.addressOf(wayIn));
  const known = bench.believed.get(address);
  if (known !== undefined) return known;
  const believed = certificate !== undefined && judgeCertificate(bench, diagnosis, wayIn, certificate);
  bench.believed.set(address, believed);
  return believed;
}

async function tryEach(
  bench: Bench,
  wayIn: ClaimedWayIn,
  links: readonly Link[],
): Promise<readonly LinkTry[]> {
  const tries: LinkTry[] = [];
  for (const link of links) {
    const first = await bench.handshake(wayIn, link);
    const mayTryAgain = !first.ok && first.ending.kind !== "timeout";
    const outcome = mayTryAgain ? await bench.handshake(wayIn, link) : first;
    if (outcome.ok) await outcome.session.close();
    tries.push(outcome.ok ? { link } : { link, refusal: describeEnding(outcome.ending) });
  }
  return tries;
}
