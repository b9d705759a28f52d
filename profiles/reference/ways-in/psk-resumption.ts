import type { TLSSocket } from "node:tls";
import type { Policy } from "../policy/policy.ts";
import type { Prepared } from "./psk-handshake.ts";

/** Sessions that are remembered; the oldest go first. */
const MOST_SESSIONS = 10_000;

/** Of whom a session is that can go on. */
export interface ResumableSession {
  readonly prepared: Prepared;
  readonly serverName: string | undefined;
}

/** Whose key stands behind the sessions up to TLS 1.2 that may go on, by their master secret. */
export class PskResumption {
  readonly #policy: Policy;
  readonly #sessions = new Map<string, ResumableSession>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** `master`: hex; empty when OpenSSL told none, and then nothing can go on. */
  add(master: string, session: ResumableSession): void {
    if (master === "") return;
    if (this.#sessions.size >= MOST_SESSIONS) {
      const [oldest = ""] = this.#sessions.keys();
      this.#sessions.delete(oldest);
    }
    this.#sessions.set(master, session);
  }

  /**
   * The key of a session that went on: only with the name for which it was made (RFC 6066 3), and no longer than the key
   * is valid (TS 24.109 F.2.1). A text says why it must not.
   */
  find(master: string, serverName: string | undefined): Prepared | string {
    const known = this.#sessions.get(master);
    if (known === undefined) return "a session of nobody goes on";
    return (
      this.#policy.refusesResumption(known, serverName, Date.now()) ?? this.#policy.resumedAs(known.prepared)
    );
  }
}

/** The master secret of a connection up to TLS 1.2, as hex: OpenSSL names a resumed session in no other way. */
export function masterSecret(tls: TLSSocket): () => string {
  let master = "";
  tls.on("keylog", (line: Buffer) => {
    const [label, , secret = ""] = line.toString("latin1").trim().split(" ");
    if (label === "CLIENT_RANDOM") master = secret;
  });
  return () => master;
}
