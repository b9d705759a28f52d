export { KeyManager } from "./key-manager.ts";
export { type Steering, ZN_ANSWERS, type ZnAnswer, type ZnRequest } from "./steering.ts";
export { randomSubscriber, type Subscriber } from "./subscriber.ts";
