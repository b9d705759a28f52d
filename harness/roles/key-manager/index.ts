export type { KeyManagerActivity } from "./activity.ts";
export { DIAMETER_ANSWERS, type DiameterAnswer } from "./diameter-deviations.ts";
export { KeyManager } from "./key-manager.ts";
export { type Steering, ZN_ANSWERS, type ZnAnswer } from "./steering.ts";
export { randomSubscriber, type Subscriber } from "./subscriber.ts";
export type { UbStep } from "./ub-server.ts";
export type { KeyRequest as ZnRequest } from "./zn-reaction.ts";
