export { type Challenge, parseChallenges } from "./challenge.ts";
export {
  type DigestCredentials,
  parseAuthenticationInfo,
  parseAuthorization,
} from "./credentials.ts";
export {
  type DigestAlgorithm,
  type DigestInput,
  digestAlgorithm,
  digestResponse,
  type Qop,
  rspauth,
} from "./response.ts";
export {
  serializeAuthenticationInfo,
  serializeAuthorization,
  serializeChallenge,
} from "./serialize.ts";
export { DigestSyntaxError } from "./syntax.ts";
