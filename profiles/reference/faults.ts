/**
 * The defects that the reference system can be started with. Each proves that a case notices it: the proof
 * reads ids, titles and requirements here without starting anything.
 */
import { connectionFaults } from "./faults/connections.ts";
import { digestAnswerFaults } from "./faults/digest-answers.ts";
import { digestKeyFaults } from "./faults/digest-keys.ts";
import type { Fault, ReferenceProfile } from "./faults/fault.ts";
import { identityFaults } from "./faults/identities.ts";
import { keyManagerFaults } from "./faults/key-manager.ts";
import { pskKeyFaults } from "./faults/psk-keys.ts";
import { conforming } from "./policy/conforming.ts";
import type { Policy } from "./policy/policy.ts";

export type { Fault, ReferenceProfile };

export const FAULTS: readonly Fault[] = Object.freeze(
  [
    ...pskKeyFaults,
    ...connectionFaults,
    ...identityFaults,
    ...keyManagerFaults,
    ...digestAnswerFaults,
    ...digestKeyFaults,
  ].map((fault) => Object.freeze(fault)),
);

/** The conforming policy, changed by a fault when one is named; undefined when there is no such fault. */
export function policyOf(faultId: string | null): Policy | undefined {
  if (faultId === null) return conforming;
  const fault = FAULTS.find(({ id }) => id === faultId);
  return fault === undefined ? undefined : { ...conforming, ...fault.change() };
}
