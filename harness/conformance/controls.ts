import type { Access, EntryOutcome } from "../roles/terminal/index.ts";
import { describeEnding } from "../wire/observer.ts";
import type { EnablerView, RefusalOptions, Trial } from "./case-context.ts";
import { readState, type TokenState } from "./observations.ts";
import { Inconclusive } from "./verdict.ts";

export interface ControlDependencies {
  /** What a valid terminal gets. */
  readonly enabler: Pick<EnablerView, "protectedResource" | "serves">;
  readonly responseMs: number;
  /** Milliseconds for a system to work again after something was restored. */
  readonly recoveryMs: number;
  /** A subscriber that was never seen before, with a fresh key, entering as the instance says. */
  readonly enterAnew: () => Promise<EntryOutcome>;
  readonly note: (text: string) => void;
}

/** Between two tries of a system that is recovering. */
const RETRY_MS = 200;

/**
 * Valid connections around a refusal: they show the SUT alive and willing just before and just after.
 * The control after one refusal is the control before the next, as long as nothing came between.
 */
export class Controls {
  readonly #dependencies: ControlDependencies;
  #last: Access | undefined;

  constructor(dependencies: ControlDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Carries `action` out between two controls. A positive finding needs no control after it.
   * @throws Inconclusive when a control fails or the state cannot be read, and what the functions given throw
   */
  async around(
    action: () => Promise<Trial>,
    { before, after }: RefusalOptions,
    state: TokenState | undefined,
  ): Promise<Trial & { readonly refused: boolean }> {
    const first = await this.#control("before");
    const stateBefore = state === undefined ? undefined : await this.#read(first, state);
    let trial: Trial;
    try {
      await before?.();
      trial = await action();
    } finally {
      this.#last = undefined;
      await after?.();
    }
    if (trial.served) return { ...trial, refused: false };
    const second = after === undefined ? await this.#control("after") : await this.#recovered();
    this.#last = second;
    if (state === undefined) return { ...trial, refused: true };
    const stateAfter = await this.#read(second, state);
    if (stateAfter === stateBefore) return { ...trial, refused: true };
    return {
      ...trial,
      refused: false,
      how: `${trial.how}, but the state went from ${stateBefore} to ${stateAfter}`,
    };
  }

  /** A valid terminal that is being served. @throws Inconclusive */
  async valid(): Promise<Access> {
    this.#last = await this.#control("of the state");
    return this.#last;
  }

  /** A valid terminal is served anew, after something that may have cost the system a connection. @throws Inconclusive */
  async recover(): Promise<void> {
    this.#last = undefined;
    this.#last = await this.#recovered();
  }

  /** A system may wait before it tries again what failed: it is asked until its bound. @throws Inconclusive */
  async #recovered(): Promise<Access> {
    const end = performance.now() + this.#dependencies.recoveryMs;
    for (;;) {
      try {
        return await this.#control("after");
      } catch (error) {
        if (!(error instanceof Inconclusive) || performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #control(when: string): Promise<Access> {
    const { enabler, enterAnew, note } = this.#dependencies;
    // Alive is not yet willing: also a connection that served once is asked again.
    if (this.#last?.session.alive === true && (await this.#isServed(this.#last))) return this.#last;
    const fail = (how: string): Inconclusive => {
      note(`control ${when}: failed: ${how}`);
      return new Inconclusive(`the control ${when} failed, so a refusal proves nothing: ${how}`);
    };
    const entry = await enterAnew();
    if (!entry.entered) throw fail(describeEnding(entry.ending));
    const outcome = await entry.access.request(enabler.protectedResource);
    if (!outcome.ok) throw fail(describeEnding(outcome.ending));
    if (!enabler.serves(outcome.response)) throw fail(`status ${outcome.response.status}`);
    note(`control ${when}: served`);
    return entry.access;
  }

  async #isServed(access: Access): Promise<boolean> {
    const { enabler } = this.#dependencies;
    const outcome = await access.request(enabler.protectedResource);
    return outcome.ok && enabler.serves(outcome.response);
  }

  #read(access: Access, state: TokenState): Promise<string | undefined> {
    return readState(access, state, this.#dependencies.responseMs);
  }
}
