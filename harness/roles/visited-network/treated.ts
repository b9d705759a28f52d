import { isSelected, type Position } from "./record-counter.ts";
import { type Direction, describeTreatment, type Treatment } from "./treatment.ts";

/** Where a treatment was carried out. */
export interface TreatedRecord {
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly position: Position;
  /** The record as it came, with its header. */
  readonly octets: Buffer;
}

/** What has become of a treatment. A case that judges by it looks first whether it was carried out. */
export class Treated {
  readonly treatment: Treatment;
  readonly #records: TreatedRecord[] = [];
  readonly #done = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  #claimed = false;
  #whyNot: string | undefined;

  constructor(treatment: Treatment) {
    this.treatment = treatment;
  }

  get carriedOut(): boolean {
    return this.#records.length > 0;
  }

  /** Records on which it was carried out: one, unless it is for every record. */
  get records(): readonly TreatedRecord[] {
    return this.#records;
  }

  /** Resolves when it was carried out for the first time. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Why a record that was found went on as it was; undefined when none was. */
  get whyNot(): string | undefined {
    return this.#whyNot;
  }

  /** Resolves with `release`. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Lets go what a `delay` holds. */
  release(): void {
    this.#released.resolve();
  }

  /** Still looks for a record. */
  isWaiting(direction: Direction, connection: number): boolean {
    const { which, ...wanted } = this.treatment;
    if (wanted.direction !== direction || (this.#claimed && which.nth !== "every")) return false;
    return wanted.connection === undefined || wanted.connection === connection;
  }

  /** For the path: this record is the one. */
  claim(position: Position): boolean {
    if (!isSelected(position, this.treatment.which)) return false;
    this.#claimed = true;
    return true;
  }

  /** For the path. */
  succeeded(record: TreatedRecord): void {
    this.#records.push(record);
    this.#done.resolve();
  }

  /** For the path. */
  failed(why: string): void {
    this.#whyNot = why;
  }

  describe(): string {
    return describeTreatment(this.treatment);
  }
}
