import type { Admission, KeyOutcome, KeyQuery } from "../association.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { NoAnswer, type ZnConnection } from "./connection.ts";

/** The key manager as the enabler sees it: asked over Zn, in one binding or the other. */
export class KeyManager {
  readonly #connect: () => ZnConnection;
  readonly #timeoutMs: number;
  readonly #policy: Policy;
  readonly #log: Log;
  #session: ZnConnection | undefined;
  #closed = false;

  /** `connect` begins a new connection; `timeoutMs`: for one answer. */
  constructor(connect: () => ZnConnection, timeoutMs: number, policy: Policy, log: Log) {
    this.#connect = connect;
    this.#timeoutMs = timeoutMs;
    this.#policy = policy;
    this.#log = log;
  }

  /** Asks for a key and decides what the answer allows. Never throws; bounded by the policy. */
  async obtain(query: KeyQuery): Promise<Admission> {
    const [first, ...further] = this.#policy.questions(query);
    for (const each of further) void this.#ask(each);
    const outcome = this.#judgeExpiry(query, await this.#ask(first));
    this.#log("zn", `${JSON.stringify(query.btid)} for ${query.nafFqdn} ${query.ua}: ${describe(outcome)}`);
    return this.#policy.admit(query, outcome);
  }

  close(): void {
    this.#closed = true;
    this.#session?.destroy();
  }

  #judgeExpiry(query: KeyQuery, outcome: KeyOutcome): KeyOutcome {
    if (outcome.kind !== "key") return outcome;
    const { expiresAt } = outcome.association;
    const expired = this.#policy.hasExpired(expiresAt, Date.now(), query.wayIn, "first-use");
    return expired ? { ...outcome, kind: "expired" } : outcome;
  }

  async #ask(query: KeyQuery): Promise<KeyOutcome> {
    const boundMs = this.#policy.keyManagerBoundMs(query.wayIn, this.#timeoutMs);
    const bound = new AbortController();
    const silence = Promise.withResolvers<KeyOutcome>();
    const timer =
      boundMs === undefined
        ? undefined
        : setTimeout(() => {
            bound.abort();
            this.#giveUp();
            silence.resolve({ kind: "unavailable", why: "silent", detail: `no answer in ${boundMs} ms` });
          }, boundMs);
    try {
      return await Promise.race([silence.promise, this.#exchange(query, bound.signal)]);
    } finally {
      clearTimeout(timer);
    }
  }

  #giveUp(): void {
    // Other questions may be under way on this connection: it ends only if it is dead.
    if (this.#policy.keyManagerSilence === "probed") this.#session?.probe(this.#timeoutMs);
    else this.#session?.destroy();
  }

  async #exchange(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    try {
      return await this.#askOnce(query, signal);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: "unavailable", why: error.why, detail: error.message };
      throw error;
    }
  }

  /** A connection that was there before may end in the very moment it is used: then once more on a new one. */
  async #askOnce(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    const before = this.#session;
    const session = this.#connection();
    try {
      return await session.ask(query, signal);
    } catch (error) {
      if (session !== before || signal.aborted || session.usable || this.#closed) throw error;
      return this.#connection().ask(query, signal);
    }
  }

  #connection(): ZnConnection {
    if (this.#closed) throw new NoAnswer("unreachable", "the enabler is stopping");
    if (this.#session?.usable !== true) {
      this.#session = this.#connect();
    }
    return this.#session;
  }
}

function describe(outcome: KeyOutcome): string {
  switch (outcome.kind) {
    case "key":
    case "expired":
      return `${outcome.kind}, until ${new Date(outcome.association.expiresAt).toISOString()}`;
    case "unavailable":
      return `unavailable, ${outcome.why}: ${outcome.detail}`;
    case "malformed":
      return `malformed: ${outcome.detail}`;
    default:
      return outcome.kind;
  }
}
