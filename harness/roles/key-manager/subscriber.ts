import { randomBytes } from "node:crypto";

/** A subscriber as the operator's home subscriber system knows it. */
export interface Subscriber {
  readonly impi: string;
  readonly impus: readonly string[];
  /** 16 octets. */
  readonly k: Uint8Array;
  /** 16 octets. */
  readonly opc: Uint8Array;
}

/** A subscriber with fresh random keys, in the domain of the operator. */
export function randomSubscriber(domain: string): Subscriber {
  const name = `user-${randomBytes(6).toString("hex")}`;
  return {
    impi: `${name}_private@${domain}`,
    impus: [`sip:${name}@${domain}`],
    k: randomBytes(16),
    opc: randomBytes(16),
  };
}
