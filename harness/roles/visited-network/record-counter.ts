import { CONTENT_TYPE } from "../../protocols/tls/index.ts";
import type { Counted, Selection } from "./treatment.ts";

/** Which one a record is of everything that it counts as. */
export type Position = Readonly<Partial<Record<Counted, number>>>;

export const isSelected = (position: Position, { nth, of }: Selection): boolean => {
  const number = position[of];
  return number !== undefined && (nth === "every" || number === nth);
};

const TYPE_NAMES: Readonly<Record<number, Counted>> = {
  [CONTENT_TYPE.changeCipherSpec]: "change-cipher-spec",
  [CONTENT_TYPE.alert]: "alert",
  [CONTENT_TYPE.handshake]: "handshake",
  [CONTENT_TYPE.applicationData]: "data",
};

/** Counts the records of one direction. */
export class RecordCounter {
  readonly #counts = new Map<Counted, number>();
  #cipherChanged = false;
  #marked = false;

  /** `tls13`: undefined until a ServerHello came by; only early data of TLS 1.3 is protected before. */
  count(type: number, tls13: boolean | undefined): Position {
    const isData = type === CONTENT_TYPE.applicationData;
    const isProtected = isData || (this.#cipherChanged && tls13 === false);
    const isApplication = isData && (this.#marked || tls13 === false);
    if (type === CONTENT_TYPE.changeCipherSpec) this.#cipherChanged = true;
    const name = TYPE_NAMES[type];
    return {
      any: this.#next("any"),
      ...(name === undefined ? {} : { [name]: this.#next(name) }),
      ...(isProtected ? { protected: this.#next("protected") } : {}),
      ...(isApplication ? { application: this.#next("application") } : {}),
    };
  }

  /** From now on records of type 23 are application records, and the next is the first. */
  mark(): void {
    this.#marked = true;
    this.#counts.delete("application");
  }

  #next(what: Counted): number {
    const number = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, number);
    return number;
  }
}
