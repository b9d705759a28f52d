import { deriveTmpi } from "../../protocols/gba/index.ts";
import type { Subscriber } from "./subscriber.ts";
import type { Bootstrapping } from "./ub-server.ts";

/** Identities of one subscriber that are kept: a terminal may not have got the answer that gives it the last one. */
const KEPT = 2;

/** The TMPIs that terminals may name instead of an IMPI (TS 33.220 B.4). */
export class TemporaryIdentities {
  readonly #bsfFqdn: string;
  readonly #owners = new Map<string, Subscriber>();
  readonly #given = new Map<Subscriber, readonly string[]>();

  /** @param bsfFqdn FQDN of the key manager: a TMPI is bound to it. */
  constructor(bsfFqdn: string) {
    this.#bsfFqdn = bsfFqdn;
  }

  /** Both ends derive the identity by themselves; the oldest of the subscriber is forgotten. */
  give({ ks, rand, subscriber }: Bootstrapping): void {
    const tmpi = deriveTmpi({ ks, rand, impi: subscriber.impi, bsfFqdn: this.#bsfFqdn });
    const all = [...(this.#given.get(subscriber) ?? []), tmpi];
    for (const old of all.slice(0, -KEPT)) this.#owners.delete(old);
    this.#given.set(subscriber, all.slice(-KEPT));
    this.#owners.set(tmpi, subscriber);
  }

  ownerOf(tmpi: string): Subscriber | undefined {
    return this.#owners.get(tmpi);
  }
}
