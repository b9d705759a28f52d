import type { Ics, Ixit } from "../system/profile/index.ts";
import type { CaseDescriptor, Observation } from "./case.ts";
import { requirement } from "./catalogue/requirements.ts";
import type { Label } from "./vocabulary.ts";

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
  state: { field: "resources.state", missing: (ixit) => ixit.resources.state === undefined },
  plain: { field: "enabler.addresses.plain", missing: (ixit) => ixit.enabler.addresses.plain === undefined },
};

/** Undefined when the case applies. */
export function notApplicable(descriptor: CaseDescriptor, ics: Ics, ixit: Ixit): NotApplicable | undefined {
  const { role, wayIn, tls, claims = {}, observes = [] } = descriptor.needs;
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
  if (descriptor.needs.startedSystem === true && ixit.system.kind !== "process") {
    return no("IXIT system.kind is external: the harness does not hold the authority that the system trusts");
  }
  for (const [item, accepted] of Object.entries(claims)) {
    const claimed = claimedValues(ics, item);
    if (!accepted.some((value) => claimed.includes(value))) {
      return no(`ICS ${item} is ${JSON.stringify(claimed)}, the case needs ${accepted.join(" or ")}`);
    }
  }
  for (const observation of observes) {
    const { field, missing } = OBSERVATIONS[observation];
    // A started system announces its plain listener, if it has one, when it is ready.
    if (observation === "plain" && ixit.system.kind === "process") continue;
    if (missing(ixit)) return no(`IXIT ${field} is missing: what needs it is declared, not judged`, true);
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
