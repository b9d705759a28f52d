export { algorithmsOf, macOctets } from "./algorithms.ts";
export { holdsMessage, selectsPsk, serverShareIn } from "./clear-messages.ts";
export type { Established } from "./client/conversation.ts";
export { type ClientEnd, TlsClient } from "./client/engine.ts";
export { UNBOUND } from "./client/legacy-terms.ts";
export type { ClientOffer, ResumableSession } from "./client/offer.ts";
export type { Hooks } from "./connection/hooks.ts";
export {
  deviationsIn,
  expectationOf,
  handshakeDeviations,
  MISPLACED,
  misplacedAt,
  type Point,
  SHARE_DEVIATIONS,
  type ShareGroup,
  shareDeviation,
  TLS_DEVIATIONS,
  type TlsDeviationName,
  tlsDeviation,
  wrongShares,
} from "./deviations/index.ts";
export { SERVER_DEVIATIONS, type ServerDeviationName, serverDeviation } from "./deviations/of-servers.ts";
export { FORGERIES, type ForgeryName, forge } from "./forgeries.ts";
export { GROUPS, type GroupName } from "./keys/agreement.ts";
export { RETRY_RANDOM } from "./messages/handshake.ts";
export { CONTENT_TYPE, encodeRecord, MAX_CONTENT, RECORD_HEADER } from "./records/record.ts";
export { retiredSuites } from "./retired-suites.ts";
export type {
  Laxity,
  PskQuery,
  SecondHandshakes,
  ServerSession,
  ServerSetup,
} from "./server/conversation.ts";
export { type ServerEnd, TlsServer } from "./server/engine.ts";
export type { Accepted } from "./server/established.ts";
export { SUITE_ROWS } from "./suite-table.ts";
export { type CipherSuite, type SuiteVersion, suiteByName, suiteHex, suitesOf } from "./suites.ts";
export type { TlsVersion } from "./versions.ts";
