import type { Ics, Ixit, TlsVersion } from "../system/profile/index.ts";
import type { CaseDescriptor, LinkKind, Observation } from "./case.ts";
import { requirement } from "./catalogue/requirements.ts";
import type { Label, WayIn } from "./vocabulary.ts";

/** Why a case does not apply to a system: the item of the ICS or IXIT that decided. */
export interface NotApplicable {
  readonly reason: string;
  /** True when an observation is missing in the IXIT: the half-label is declared. */
  readonly declared: boolean;
}

/** The labels of a case that the claimed release binds (OMA-RD-SEC_CF 6, column Enabler Release). */
export function boundLabels(labels: readonly Label[], release: 1 | 2): readonly Label[] {
  return labels.filter((label) => requirement(label).release <= release);
}

const OBSERVATIONS: Readonly<Record<Observation, { field: string; missing: (ixit: Ixit) => boolean }>> = {
  identity: { field: "resources.identity", missing: (ixit) => ixit.resources.identity === undefined },
  "public-identity": {
    field: "resources.publicIdentity",
    missing: ({ resources }) => resources.publicIdentity === undefined && resources.identity?.form !== "IMPU",
  },
  view: { field: "resources.view", missing: (ixit) => ixit.resources.view === undefined },
  state: { field: "resources.state", missing: (ixit) => ixit.resources.state === undefined },
  plain: { field: "enabler.addresses.plain", missing: (ixit) => ixit.enabler.addresses.plain === undefined },
};

/** What few systems tell: without it other cases still judge the label. */
const FURTHER_VIEWS: readonly Observation[] = ["public-identity", "view"];

/** TLS versions that are older than all that the ICS claims for a way in, and that a terminal can offer. */
export function versionsBelow(ics: Ics, wayIn: WayIn): readonly TlsVersion[] {
  const claim = Object.entries(ics.waysIn).find(([way]) => way === wayIn)?.[1];
  const versions: readonly TlsVersion[] = ["1.0", "1.1", "1.2", "1.3"];
  const oldest = versions.findIndex((version) => claim?.tls.includes(version));
  return versions.slice(0, Math.max(oldest, 0));
}

/** Undefined when the case applies. */
export function notApplicable(descriptor: CaseDescriptor, ics: Ics, ixit: Ixit): NotApplicable | undefined {
  const { role, wayIn, tls, observes = [] } = descriptor.needs;
  const no = (reason: string, declared = false) => ({ reason, declared });
  if (!ics.roles.includes(role)) return no(`ICS roles does not claim ${role}`);
  if (!Object.hasOwn(ics.waysIn, wayIn)) return no(`ICS waysIn does not claim ${wayIn}`);
  if (boundLabels(descriptor.requirements, ics.release).length === 0) {
    return no(`ICS release: ${ics.release} does not bind ${descriptor.requirements.join(", ")}`);
  }
  if (
    tls !== undefined &&
    !Object.entries(ics.waysIn).some(([way, claim]) => way === wayIn && claim.tls.includes(tls))
  ) {
    return no(`ICS waysIn.${wayIn}.tls does not claim ${tls}`);
  }
  if (descriptor.needs.otherNames === true && ixit.enabler.otherNames === undefined) {
    return no("IXIT enabler.otherNames is missing: the enabler has one name");
  }
  if (descriptor.needs.olderTls === true && versionsBelow(ics, wayIn).length === 0) {
    return no(`ICS waysIn.${wayIn}.tls claims 1.0, and no older version can be offered`);
  }
  const { link } = descriptor.needs;
  if (link !== undefined && !claimsLink(ics, wayIn, link)) {
    return no(`ICS waysIn.${wayIn} claims no ${LINK_TEXT[link]}`);
  }
  if (descriptor.needs.startedSystem === true && ixit.system.kind !== "process") {
    return no("IXIT system.kind is external: only a system that the harness starts can be asked this");
  }
  const decisive = decisiveClaim(descriptor, ics) ?? decisiveFact(descriptor, ixit);
  if (decisive !== undefined) return no(decisive);
  return missingObservation(observes, ixit);
}

const LINK_TEXT: Readonly<Record<LinkKind, string>> = {
  "below TLS 1.3": "version below TLS 1.3",
  elliptic: "suite with a curve",
  ephemeral: "suite that agrees a fresh secret",
  CBC: "suite with CBC",
};

function claimsLink(ics: Ics, wayIn: WayIn, link: LinkKind): boolean {
  const claim = Object.entries(ics.waysIn).find(([way]) => way === wayIn)?.[1];
  const { tls = [], suites = [] } = claim ?? {};
  switch (link) {
    case "below TLS 1.3":
      return tls.some((version) => version !== "1.3");
    case "elliptic":
      return tls.includes("1.3") || suites.some((name) => name.includes("_ECDHE_"));
    case "ephemeral":
      return tls.includes("1.3") || suites.some((name) => name.includes("DHE_"));
    case "CBC":
      return suites.some((name) => name.includes("_CBC_"));
  }
}

/** What the IXIT does not say how to observe. */
function missingObservation(observes: readonly Observation[], ixit: Ixit): NotApplicable | undefined {
  for (const observation of observes) {
    const { field, missing } = OBSERVATIONS[observation];
    // A started system announces its plain listener, if it has one, when it is ready.
    if (observation === "plain" && ixit.system.kind === "process") continue;
    if (!missing(ixit)) continue;
    const declared = !FURTHER_VIEWS.includes(observation);
    return {
      reason: `IXIT ${field} is missing${declared ? ": what needs it is declared, not judged" : ""}`,
      declared,
    };
  }
  return undefined;
}

/** Longest nonce that a case waits for, milliseconds. */
const AWAITABLE_MS = 5_000;

/** What the IXIT says of the system that leaves a case without a question. */
function decisiveFact({ needs }: CaseDescriptor, { system, enabler, digest }: Ixit): string | undefined {
  // A started system announces its second instance, if it has one, when it is ready.
  const alone = system.kind === "external" && enabler.addresses["uc1.https-digest.second"] === undefined;
  if (needs.secondInstance === true && alone) {
    return "IXIT enabler.addresses names no uc1.https-digest.second: there is one instance";
  }
  const lifetime = digest.nonceLifetimeMs;
  if (needs.awaitableNonce !== true || (lifetime !== undefined && lifetime <= AWAITABLE_MS)) return undefined;
  return `IXIT digest.nonceLifetimeMs is ${lifetime ?? "missing"}: the end of a nonce is awaited up to ${AWAITABLE_MS}`;
}

/** The claim that decides that a case does not apply. */
function decisiveClaim({ needs }: CaseDescriptor, ics: Ics): string | undefined {
  const { wayIn, severalSuites, claims = {}, withoutClaims = {} } = needs;
  const suites = Object.entries(ics.waysIn).find(([way]) => way === wayIn)?.[1].suites ?? [];
  if (severalSuites === true && suites.length < 2) return `ICS waysIn.${wayIn}.suites claims one suite only`;
  for (const [item, accepted] of Object.entries(claims)) {
    const claimed = claimedValues(ics, item);
    if (!accepted.some((value) => claimed.includes(value))) {
      return `ICS ${item} is ${JSON.stringify(claimed)}, the case needs ${accepted.join(" or ")}`;
    }
  }
  for (const [item, excluded] of Object.entries(withoutClaims)) {
    const decisive = excluded.find((value) => claimedValues(ics, item).includes(value));
    if (decisive !== undefined) return `ICS ${item} claims ${decisive}, which leaves nothing to ask`;
  }
  return undefined;
}

/** The value, or the values of a list, at a dotted path of the ICS. */
function claimedValues(ics: Ics, item: string): readonly unknown[] {
  let value: unknown = ics;
  for (const part of item.split(".")) {
    value =
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([k]) => k === part)?.[1]
        : undefined;
  }
  return Array.isArray(value) ? value : [value];
}
