import { setImmediate } from "node:timers/promises";

/** Holds the answers to some key requests back until all of them were asked, and lets the last go first. */
export class HeldAnswers {
  readonly #btids: ReadonlySet<string>;
  readonly #count: number;
  readonly #waiting: { readonly btid: string; readonly go: () => void }[] = [];
  readonly #released = Promise.withResolvers<number>();
  readonly #withinMs: number;
  readonly #first: (asked: number) => Promise<void>;
  #releasing = false;
  #timer: NodeJS.Timeout | undefined;
  #open = false;

  /**
   * @param count B-TIDs that must have been asked for before the first answer goes.
   * @param withinMs milliseconds after the first of them was asked for, when the answers go all the same.
   * @param first what is waited for before the first answer goes, told how many B-TIDs were asked for.
   */
  constructor(
    btids: readonly string[],
    count: number,
    withinMs: number,
    first: (asked: number) => Promise<void> = async () => undefined,
  ) {
    this.#btids = new Set(btids);
    this.#count = count;
    this.#withinMs = withinMs;
    this.#first = first;
  }

  /**
   * How many B-TIDs had been asked for when the answers went: fewer than `count` when the time was over. It remains open
   * as long as nobody asks, and fails with what was thrown before the first answer went.
   */
  get released(): Promise<number> {
    return this.#released.promise;
  }

  holds(btid: string): boolean {
    return !this.#open && this.#btids.has(btid);
  }

  /** Resolves when the answer to a request for this B-TID may go. */
  turn(btid: string): Promise<void> {
    this.#timer ??= setTimeout(() => void this.#release(), this.#withinMs).unref();
    return new Promise((go) => {
      this.#waiting.push({ btid, go });
      if (this.#asked() >= this.#count) void this.#release();
    });
  }

  #asked(): number {
    return new Set(this.#waiting.map(({ btid }) => btid)).size;
  }

  async #release(): Promise<void> {
    if (this.#releasing) return;
    this.#releasing = true;
    clearTimeout(this.#timer);
    const asked = this.#asked();
    // Nobody is kept waiting by what goes wrong in between.
    const failure = await this.#first(asked).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#open = true;
    for (const { go } of this.#waiting.reverse()) {
      go();
      // Its answer is on its way before the next one may go.
      await setImmediate();
    }
    if (failure === undefined) this.#released.resolve(asked);
    else this.#released.reject(failure.error);
  }
}
