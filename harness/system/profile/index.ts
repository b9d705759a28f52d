export { loadProfile } from "./load-profile.ts";
export { ProfileError, type ProfileProblem } from "./problem.ts";
export type {
  Address,
  ClaimedWayIn,
  DigestAlgorithm,
  Extract,
  Ics,
  Ixit,
  Profile,
  Qop,
  Role,
  TlsClaim,
  TlsVersion,
} from "./profile.ts";
export { isPerToken } from "./state-resource.ts";
