export { buildAutn, buildAuts, challenge, openAuts, parseAutn } from "./authentication-token.ts";
export { IdentityModule } from "./identity-module.ts";
export { milenage, opcFromOp } from "./milenage.ts";
