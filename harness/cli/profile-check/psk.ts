import type { Link } from "../../conformance/parameters.ts";
import { describeEnding } from "../../wire/observer.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import type { Bench, Separator, Visitor } from "./bench.ts";
import { type Diagnosis, ics, ixit } from "./diagnosis.ts";
import { linksFindings, noHandshake } from "./links.ts";
import { explainByZn, explainUa, markZn, notCalled } from "./zn.ts";

const SEPARATORS: readonly Separator[] = [";", ".", ""];

/** A visitor that the pre-shared key let in; in TLS 1.3 a server may go on without it. */
function cameIn({ outcome }: Visitor): boolean {
  return outcome.entered && outcome.access.session.pskInUse;
}

/** PSK-TLS: each claimed link, the form of the identity, the hint, the key. Gives a visitor that came in. */
export async function probePsk(bench: Bench, diagnosis: Diagnosis): Promise<Visitor | undefined> {
  const { first, others } = bench.linksOf("uc1.psk-tls");
  let visitors: readonly Visitor[] = [];
  // Each correction is made once, of the separator and of the Ua identifier.
  for (let corrections = 0; corrections <= 2; corrections += 1) {
    const mark = markZn(bench);
    diagnosis.markOutput();
    visitors = await enterEach(bench, first);
    if (visitors.some(cameIn)) break;
    const corrected = await explain(bench, diagnosis, visitors, mark);
    if (!corrected) return undefined;
  }
  visitors = [...visitors, ...(await enterEach(bench, others))];
  if (explainUa(bench, diagnosis, "uc1.psk-tls", visitors) === "corrected") {
    const refused = visitors.filter((one) => !cameIn(one)).map(({ link }) => link);
    visitors = [...visitors.filter(cameIn), ...(await enterEach(bench, refused))];
  }
  linksFindings(bench, diagnosis, "uc1.psk-tls", visitors.map(refusalOf));
  const inside = visitors.filter(cameIn);
  if (inside.length > 0)
    diagnosis.ok(`${bench.nameOf("uc1.psk-tls")}: key fetched over Zn, NAF_Id and Ua identifier`);
  checkHint(bench, diagnosis, inside);
  return inside[0];
}

async function enterEach(bench: Bench, links: readonly Link[]): Promise<readonly Visitor[]> {
  const visitors: Visitor[] = [];
  for (const link of links) {
    const visitor = await bench.enterWithPsk(link);
    visitors.push(mayTryAgain(visitor) ? await bench.enterWithPsk(link) : visitor);
  }
  return visitors;
}

/** The first key of a system that has just been started may come late. A timeout was patient already. */
function mayTryAgain(visitor: Visitor): boolean {
  const { outcome } = visitor;
  return !cameIn(visitor) && !(outcome.entered === false && outcome.ending.kind === "timeout");
}

function refusalOf(visitor: Visitor): { readonly link: Link; readonly refusal?: string } {
  const { link, outcome } = visitor;
  if (cameIn(visitor)) return { link };
  return { link, refusal: outcome.entered ? "a handshake without the PSK" : describeEnding(outcome.ending) };
}

/** No link let a terminal in. True when something was corrected. */
async function explain(
  bench: Bench,
  diagnosis: Diagnosis,
  visitors: readonly Visitor[],
  mark: ReturnType<typeof markZn>,
): Promise<boolean> {
  const refused = visitors.find(isPskAsked) ?? visitors.find(mayHaveReadIdentity);
  if (refused === undefined) {
    noHandshake(bench, diagnosis, "uc1.psk-tls", visitors.map(refusalOf));
    return false;
  }
  const { link } = refused;
  const others = SEPARATORS.filter((one) => one !== bench.separator);
  const tries = new Map<Separator, Visitor>([[bench.separator, refused]]);
  for (const separator of others) {
    const visitor = await bench.enterWithPsk(link, separator);
    tries.set(separator, visitor);
    if (cameIn(visitor)) return correctSeparator(bench, diagnosis, separator);
  }
  const asked = (visitor: Visitor | undefined) =>
    visitor !== undefined && bench.system.keyManager.requestsFor(visitor.association.btid).length > 0;
  const understood = asked(refused) ? undefined : others.find((one) => asked(tries.get(one)));
  if (understood !== undefined) return correctSeparator(bench, diagnosis, understood);
  const outcome = await explainByZn(bench, diagnosis, "uc1.psk-tls", {
    visitors: [...visitors, ...tries.values()],
    mark,
    again: async () => {
      for (const separator of SEPARATORS) await bench.enterWithPsk(link, separator);
    },
  });
  if (outcome === "silent") explainSilence(bench, diagnosis, visitors);
  return outcome === "corrected";
}

/** Up to TLS 1.2 it shows whether the system got as far as the identity. */
const isPskAsked = ({ outcome }: Visitor) => !outcome.entered && outcome.pskAsked === true;

/** In TLS 1.3 the identity is in the first flight: whoever answers with TLS has read it. */
const mayHaveReadIdentity = ({ link, outcome }: Visitor) =>
  link.version === "1.3" && (outcome.entered || outcome.ending.kind === "alert");

function explainSilence(bench: Bench, diagnosis: Diagnosis, visitors: readonly Visitor[]): void {
  const chosen = visitors.find(isPskAsked);
  const only13 = visitors.every(({ link }) => link.version === "1.3");
  if (chosen === undefined && !only13) {
    noHandshake(bench, diagnosis, "uc1.psk-tls", visitors.map(refusalOf));
    return;
  }
  const one = chosen ?? visitors[0];
  const { link, refusal } = one === undefined ? {} : refusalOf(one);
  notCalled(bench, diagnosis, `${link?.suite.name}, TLS ${link?.version}: ${refusal}`);
}

function correctSeparator(bench: Bench, diagnosis: Diagnosis, separator: Separator): boolean {
  const form = (one: Separator) => JSON.stringify(`3GPP-bootstrapping${one}<B-TID>`);
  diagnosis.found(
    "psk-separator",
    ixit("psk", "separator"),
    `the system takes the PSK identity ${form(separator)}, and not ${form(bench.separator)}`,
    `Write psk.separator: ${JSON.stringify(separator)}.`,
  );
  bench.separator = separator;
  return true;
}

/** The hint exists up to TLS 1.2; suites with DHE or ECDHE send one that may be empty (RFC 5489 2, RFC 4279 3). */
function checkHint(bench: Bench, diagnosis: Diagnosis, inside: readonly Visitor[]): void {
  const hints = inside
    .map(({ outcome }) => (outcome.entered ? outcome.access.session : undefined))
    .filter((session): session is SecureSession => session !== undefined && session.version !== "1.3")
    .map(({ hint }) => hint ?? "");
  const [hint] = hints;
  if (hint === undefined) return;
  const claimed = bench.ics.psk.hint;
  const named = hint
    .split(";")
    .map((one) => one.trim())
    .includes("3GPP-bootstrapping");
  const shown = hint === "" ? "no PSK identity hint" : `the PSK identity hint ${JSON.stringify(hint)}`;
  if (claimed === "none" ? hint === "" : named) {
    diagnosis.ok(`${bench.nameOf("uc1.psk-tls")}: ${shown}`);
    return;
  }
  diagnosis.found(
    "psk-hint",
    ics("psk", "hint"),
    `the system sends ${shown}, and psk.hint claims ${JSON.stringify(claimed)}`,
    claimed === "none" && named
      ? "Write psk.hint: 3GPP-bootstrapping."
      : "Write psk.hint: none when the product is no GBA enabler; else let it send 3GPP-bootstrapping (TS 24.109 F.3).",
  );
}
