import type { Identity } from "../association.ts";
import type { Policy } from "./policy.ts";

/** Whom the application is told for one request, with the public identity that goes with it. */
export function toldIdentity(policy: Policy, told: Parameters<Policy["identityTold"]>[0]): Identity {
  const identity = policy.identityTold(told);
  const publicIdentity = policy.publicIdentityTold(identity, told.intended);
  return publicIdentity === undefined ? identity : { ...identity, publicIdentity };
}
