/**
 * The defects that the reference system can be started with. Each proves that a case notices it: the proof
 * reads ids, titles and requirements here without starting anything.
 */
import { connectionFaults } from "./faults/connections.ts";
import { diameterFaults } from "./faults/diameter.ts";
import { digestAnswerFaults } from "./faults/digest-answers.ts";
import { digestDirectiveFaults } from "./faults/digest-directives.ts";
import { digestKeyFaults } from "./faults/digest-keys.ts";
import { digestReplayFaults } from "./faults/digest-replays.ts";
import { digestRequestFaults } from "./faults/digest-requests.ts";
import type { Fault, ReferenceProfile } from "./faults/fault.ts";
import { handshakeFaults } from "./faults/handshakes.ts";
import { identityFaults } from "./faults/identities.ts";
import { keyManagerFaults } from "./faults/key-manager.ts";
import { keyManagerPathFaults } from "./faults/key-manager-path.ts";
import { lostRightFaults } from "./faults/lost-right.ts";
import { cachingFaults } from "./faults/psk-caching.ts";
import { pskIdentityFaults } from "./faults/psk-identities.ts";
import { identityOctetFaults } from "./faults/psk-identity-octets.ts";
import { pskKeyFaults } from "./faults/psk-keys.ts";
import { sessionFaults } from "./faults/psk-sessions.ts";
import { versionFaults } from "./faults/psk-versions.ts";
import { publicIdentityFaults } from "./faults/public-identities.ts";
import { recordFaults } from "./faults/records.ts";
import { serverOnlyFaults } from "./faults/server-only.ts";
import { viewFaults } from "./faults/views.ts";
import { conforming } from "./policy/conforming.ts";
import type { Policy } from "./policy/policy.ts";

export type { Fault, ReferenceProfile };

export const FAULTS: readonly Fault[] = Object.freeze(
  [
    ...pskKeyFaults,
    ...pskIdentityFaults,
    ...identityOctetFaults,
    ...sessionFaults,
    ...cachingFaults,
    ...connectionFaults,
    ...versionFaults,
    ...recordFaults,
    ...handshakeFaults,
    ...identityFaults,
    ...publicIdentityFaults,
    ...serverOnlyFaults,
    ...viewFaults,
    ...keyManagerFaults,
    ...keyManagerPathFaults,
    ...lostRightFaults,
    ...digestAnswerFaults,
    ...digestKeyFaults,
    ...diameterFaults,
    ...digestDirectiveFaults,
    ...digestReplayFaults,
    ...digestRequestFaults,
  ].map((fault) => Object.freeze(fault)),
);

/** The conforming policy, changed by a fault when one is named; undefined when there is no such fault. */
export function policyOf(faultId: string | null): Policy | undefined {
  if (faultId === null) return conforming;
  const fault = FAULTS.find(({ id }) => id === faultId);
  return fault === undefined ? undefined : { ...conforming, ...fault.change() };
}
