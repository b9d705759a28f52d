import type { Admission, Association, KeyQuery } from "../association.ts";
import type { Policy } from "../policy/policy.ts";

const CAPACITY = 1_000;

/** Keeps each key until it expires, so that the key manager is asked once per B-TID and NAF_Id. */
export class KeyCache {
  readonly #kept = new Map<string, Association>();
  readonly #obtain: (query: KeyQuery) => Promise<Admission>;
  readonly #policy: Policy;

  constructor(obtain: (query: KeyQuery) => Promise<Admission>, policy: Policy) {
    this.#obtain = obtain;
    this.#policy = policy;
  }

  async admission(query: KeyQuery): Promise<Admission> {
    const index = this.#policy.keyIndex(query);
    const kept = this.#kept.get(index);
    if (kept === undefined) return this.#fetch(index, query);
    if (!this.#policy.hasExpired(kept.expiresAt, Date.now(), query.wayIn, "later")) {
      return { admitted: true, association: kept, remember: true };
    }
    this.#kept.delete(index);
    return { admitted: false, reason: "expired" };
  }

  async #fetch(index: string, query: KeyQuery): Promise<Admission> {
    const admission = await this.#obtain(query);
    if (admission.admitted && admission.remember) {
      this.#kept.set(index, admission.association);
      if (this.#kept.size > CAPACITY) this.#dropOldest();
    }
    return admission;
  }

  #dropOldest(): void {
    for (const index of this.#kept.keys()) {
      this.#kept.delete(index);
      return;
    }
  }
}
