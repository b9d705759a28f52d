import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { HttpRequest } from "../../wire/http-message.ts";
import type { Ending } from "../../wire/observer.ts";
import type { HandshakeOutcome, SecureSession } from "../../wire/secure-client.ts";

/** Methods that may be sent again when a kept-alive connection turns out to be closed (RFC 9112 9.3.1). */
const REPEATABLE: readonly string[] = ["GET", "HEAD"];

/**
 * The terminal's connection to an enabler that may close after each response: the next request then goes
 * over a new connection, made in the same way. Some enablers speak HTTP/1.0, or close after a 401.
 */
export class EnablerConnection {
  #session: SecureSession;
  readonly #reopen: () => Promise<HandshakeOutcome>;
  #used = false;

  constructor(session: SecureSession, reopen: () => Promise<HandshakeOutcome>) {
    this.#session = session;
    this.#reopen = reopen;
  }

  /** The connection of now. */
  get session(): SecureSession {
    return this.#session;
  }

  /** Never throws. */
  async exchange(request: HttpRequest): Promise<HttpOutcome> {
    if (!this.#session.alive) return this.#anew(request);
    const reused = this.#used;
    this.#used = true;
    const outcome = await this.#session.exchange(request);
    if (outcome.ok || !reused || !REPEATABLE.includes(request.method)) return outcome;
    // Closed while it was idle: no answer to this request was lost.
    const idle = outcome.ending.kind === "closed" || outcome.ending.kind === "reset";
    return idle ? this.#anew(request) : outcome;
  }

  /** Requests in one flight, outcomes in their order. Nothing is sent again. Never throws. */
  async pipeline(requests: readonly HttpRequest[]): Promise<readonly HttpOutcome[]> {
    const ending = this.#session.alive ? undefined : await this.#connectAnew();
    if (ending !== undefined) return requests.map(() => ({ ok: false, ending }));
    this.#used = true;
    return this.#session.pipeline(requests);
  }

  async #anew(request: HttpRequest): Promise<HttpOutcome> {
    const ending = await this.#connectAnew();
    return ending === undefined ? this.#session.exchange(request) : { ok: false, ending };
  }

  /** Why there is no new connection; undefined when there is one. */
  async #connectAnew(): Promise<Ending | undefined> {
    await this.#session.close();
    const outcome = await this.#reopen();
    if (!outcome.ok) return outcome.ending;
    this.#session = outcome.session;
    this.#used = true;
    return undefined;
  }
}
