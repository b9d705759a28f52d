import type { KeyOutcome, KeyQuery } from "../association.ts";
import { NoAnswer, type ZnConnection } from "./connection.ts";

/** Asks without protection when asking with it has failed, as no conforming enabler does. */
export class FallingBack implements ZnConnection {
  readonly #protected: ZnConnection;
  readonly #connectUnprotected: () => ZnConnection;
  #unprotected: ZnConnection | undefined;

  constructor(protectedConnection: ZnConnection, connectUnprotected: () => ZnConnection) {
    this.#protected = protectedConnection;
    this.#connectUnprotected = connectUnprotected;
  }

  get usable(): boolean {
    return this.#protected.usable;
  }

  async ask(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    try {
      return await this.#protected.ask(query, signal);
    } catch (error) {
      if (!(error instanceof NoAnswer) || signal.aborted) throw error;
      this.#unprotected ??= this.#connectUnprotected();
      return this.#unprotected.ask(query, signal);
    }
  }

  probe(withinMs: number): void {
    this.#protected.probe(withinMs);
    this.#unprotected?.probe(withinMs);
  }

  destroy(): void {
    this.#protected.destroy();
    this.#unprotected?.destroy();
  }
}
