export { loadProfile } from "./load-profile.ts";
export { ProfileError, type ProfileProblem } from "./problem.ts";
export type {
  ClaimedWayIn,
  Extract,
  Ics,
  Ixit,
  Profile,
  TlsVersion,
  ViewField,
} from "./profile.ts";
export { isPerToken } from "./state-resource.ts";
