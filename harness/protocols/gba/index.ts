export {
  parseBootstrappingInfo,
  serializeBootstrappingInfo,
} from "./bootstrapping-info.ts";
export { GbaFormatError } from "./format-error.ts";
export { type BTid, makeBTid, parseBTid, pskIdentity } from "./identities.ts";
export {
  asKs,
  asKsNaf,
  deriveKs,
  deriveKsNaf,
  deriveTmpi,
  type Ks,
  ksNafPassword,
} from "./keys.ts";
export { nafId } from "./naf-id.ts";
export { hasProductToken, TMPI_TOKEN } from "./product-tokens.ts";
export {
  parseBootstrappingRealm,
  serializeRealm,
} from "./realm.ts";
export {
  UA_HTTP_DIGEST,
  UA_TLS13_PSK,
  type UaIdentifier,
  uaFromHex,
  uaTlsSuite,
  uaToHex,
} from "./ua-identifier.ts";
export { decodeUbNonce, encodeUbNonce } from "./ub-nonce.ts";
