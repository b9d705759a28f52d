export type { Access, ApplicationRequest, EntryOutcome } from "./access.ts";
export { USER_AGENT } from "./application-request.ts";
export type { NafCredential } from "./credential.ts";
export { type DigestAccess, gbaChallenges } from "./digest-access.ts";
export {
  DIGEST_DEVIATIONS,
  type DigestDeviation,
  type DigestSecrets,
  recomputed,
  type SentRequest,
} from "./digest-deviations.ts";
export type { SecurityAssociation } from "./security-association.ts";
export { type EnablerEntrance, Terminal } from "./terminal.ts";
