import { randomBytes } from "node:crypto";
import { challenge, openAuts } from "../../protocols/aka/index.ts";
import type { Subscriber } from "./subscriber.ts";

/** AMF of every challenge: separation bit 0, as GBA has it (TS 33.220 uses plain AKA). */
const AMF = Uint8Array.of(0, 0);

/** Home subscriber system and authentication centre: keys and sequence numbers of all subscribers. */
export class AuthenticationCentre {
  readonly #subscribers = new Map<string, { readonly subscriber: Subscriber; sqn: number }>();

  /** Adds a subscriber, or leaves the one that has this IMPI already. */
  add(subscriber: Subscriber): Subscriber {
    const known = this.#subscribers.get(subscriber.impi);
    if (known !== undefined) return known.subscriber;
    this.#subscribers.set(subscriber.impi, { subscriber, sqn: 0 });
    return subscriber;
  }

  find(impi: string): Subscriber | undefined {
    return this.#subscribers.get(impi)?.subscriber;
  }

  /** Every IMPI and IMPU that an enabler could be told. */
  identities(): readonly string[] {
    return [...this.#subscribers.values()].flatMap(({ subscriber }) => [
      subscriber.impi,
      ...subscriber.impus,
    ]);
  }

  /** A fresh authentication vector; SQN grows by one. @throws RangeError when K or OPc are not 16 octets. */
  challenge(subscriber: Subscriber) {
    const entry = this.#subscribers.get(subscriber.impi);
    if (entry === undefined) throw new Error(`${subscriber.impi} is no subscriber`);
    entry.sqn += 1;
    const rand = randomBytes(16);
    const { k, opc } = subscriber;
    return { rand, ...challenge({ k, opc, rand, sqn: sqnOctets(entry.sqn), amf: AMF }) };
  }

  /** Takes over the identity module's SQN when MAC-S proves it (TS 33.102 6.3.5); false when it does not. */
  resynchronise(subscriber: Subscriber, rand: Uint8Array, auts: Uint8Array): boolean {
    const entry = this.#subscribers.get(subscriber.impi);
    const sqnMs = openAuts({ k: subscriber.k, opc: subscriber.opc, rand, auts });
    if (entry === undefined || sqnMs === undefined) return false;
    entry.sqn = Buffer.from(sqnMs).readUIntBE(0, 6);
    return true;
  }
}

function sqnOctets(sqn: number): Uint8Array {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(sqn, 0, 6);
  return octets;
}
