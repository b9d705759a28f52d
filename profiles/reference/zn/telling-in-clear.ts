import { connect } from "node:net";
import type { KeyOutcome, KeyQuery } from "../association.ts";
import type { ZnConnection } from "./connection.ts";

/** Says to the key manager in clear what it has given, as no conforming enabler does. */
export class TellingInClear implements ZnConnection {
  readonly #connection: ZnConnection;
  readonly #to: { readonly host: string; readonly port: number };

  constructor(connection: ZnConnection, to: { readonly host: string; readonly port: number }) {
    this.#connection = connection;
    this.#to = to;
  }

  get usable(): boolean {
    return this.#connection.usable;
  }

  async ask(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    const outcome = await this.#connection.ask(query, signal);
    if (outcome.kind === "key") {
      const { key, impi = "" } = outcome.association;
      await this.#tell(`got ${query.btid} ${impi} ${key.toString("base64")}\r\n`);
    }
    return outcome;
  }

  /** Resolves when it is said, or cannot be. */
  #tell(text: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#to, () => socket.end(text));
      socket.on("error", () => {}); // "close" follows
      socket.once("finish", () => resolve());
      socket.once("close", () => resolve());
      socket.resume();
    });
  }

  probe(withinMs: number): void {
    this.#connection.probe(withinMs);
  }

  destroy(): void {
    this.#connection.destroy();
  }
}
