export type { Access, ApplicationRequest, EntryOutcome } from "./access.ts";
export { requestOctets, USER_AGENT } from "./application-request.ts";
export type { NafCredential } from "./credential.ts";
export { type DigestAccess, gbaChallenges, MissingChallenge } from "./digest-access.ts";
export { DIGEST_DEVIATIONS, type DigestDeviation, deviate } from "./digest-deviations.ts";
export type { SecurityAssociation } from "./security-association.ts";
export { type DigestSecrets, recomputed, type SentRequest } from "./sent-request.ts";
export { type EnablerEntrance, pskAuthentication, Terminal } from "./terminal.ts";
