import type { Association } from "../association.ts";

const CAPACITY = 64;

/** The associations that a defective enabler has not let go, the newest first. A conforming one keeps none. */
export class Recollection {
  #recent: Association[] = [];

  remember(association: Association): void {
    const others = this.#recent.filter(({ btid, ua }) => btid !== association.btid || ua !== association.ua);
    this.#recent = [association, ...others].slice(0, CAPACITY);
  }

  get all(): readonly Association[] {
    return this.#recent;
  }

  /** The newest for this Ua security protocol identifier, since another's key would never fit. */
  latest(ua: string): Association | undefined {
    return this.#recent.find((association) => association.ua === ua);
  }
}
