export type { PathConnection } from "./path-connection.ts";
export { type Protection, protectionOf } from "./protection.ts";
export { REGIONS, type RegionName } from "./regions.ts";
export type { Replay, ReplayOptions } from "./replay-connection.ts";
export { ACTIONS, type Action, type Selection, type Treatment } from "./treatment.ts";
export { VisitedNetwork } from "./visited-network.ts";
