import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Application } from "../reference/application/application.ts";
import { type Association, identityOf, type KeyQuery } from "../reference/association.ts";
import type { Policy } from "../reference/policy/policy.ts";
import { toldIdentity } from "../reference/policy/told.ts";
import { UA_SHARED_KEY_TLS_13, uaOfSuiteCode } from "../reference/tls/suites.ts";
import {
  answerRequests,
  HTTP_OPTIONS,
  intendedIdentity,
  pathOf,
  type WireResponse,
} from "../reference/ways-in/http-exchange.ts";
import type { Link } from "../reference/ways-in/link.ts";
import type { KeyManager } from "../reference/zn/key-manager.ts";
import type { Named } from "./gateway.ts";

const WAY_IN = "uc1.psk-tls";
/** Keys that are remembered; the oldest goes first. */
const MAX_KNOWN = 10_000;
/** setTimeout takes no longer time, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface VisitsParts {
  /** Names of the enabler, each with keys of its own. */
  readonly serverNames: readonly string[];
  readonly policy: Policy;
  readonly application: Application;
  readonly keyManager: KeyManager;
}

interface Session {
  readonly association: Association;
  readonly link: Link;
}

/** The enabler behind PSK-TLS of a library: gives it keys, and answers what comes out of it. */
export class PskVisits {
  readonly #parts: VisitsParts;
  readonly #http = createServer(HTTP_OPTIONS);
  readonly #sessions = new WeakMap<object, Session>();
  /** By identity and server name: whose a session is that goes on. */
  readonly #known = new Map<string, Association>();

  constructor(parts: VisitsParts) {
    this.#parts = parts;
    answerRequests(this.#http, parts.policy.cutBody, (request) => this.#answer(request));
  }

  /** The key for an identity, in hex; undefined: it has none here. */
  async keyFor(named: Named, version: string, suite: number): Promise<string | undefined> {
    const { policy, serverNames, keyManager } = this.#parts;
    const { identity, serverName } = named;
    const nafFqdn = policy.nafFqdn(serverName, serverNames);
    const text = policy.identityText(Buffer.from(identity === "-" ? "" : identity, "hex"));
    const btid = text === undefined ? undefined : policy.btidOf(text);
    if (nafFqdn === undefined || btid === undefined) return undefined;
    const ua = version === "1.3" ? UA_SHARED_KEY_TLS_13 : uaOfSuiteCode(suite);
    const query: KeyQuery = { wayIn: WAY_IN, btid, nafFqdn, ua };
    const admission = await keyManager.obtain(query);
    if (!admission.admitted) return undefined;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(indexOf(named), admission.association);
    return admission.association.key.toString("hex");
  }

  /** Serves a connection whose handshake proved the key of this identity; false when that key is not known. */
  opened(stream: Socket, named: Named, link: Link): boolean {
    const association = this.#known.get(indexOf(named));
    if (association === undefined) return false;
    this.#endAtExpiry(stream, association);
    this.#sessions.set(stream, { association, link });
    this.#http.emit("connection", stream);
    return true;
  }

  /** TS 24.109 F.2.1: an expired key is not used any more, in established connections either. */
  #endAtExpiry(stream: Socket, association: Association): void {
    const left = Math.max(association.expiresAt - Date.now(), 1);
    const timer = setTimeout(
      () => {
        if (this.#expired(association)) stream.destroy();
        else this.#endAtExpiry(stream, association);
      },
      Math.min(left, LONGEST_TIMER_MS),
    );
    stream.once("close", () => clearTimeout(timer));
  }

  #expired({ expiresAt }: Association): boolean {
    return this.#parts.policy.hasExpired(expiresAt, Date.now(), WAY_IN, "later");
  }

  async #answer(request: IncomingMessage): Promise<WireResponse | undefined> {
    const { policy, application } = this.#parts;
    const session = this.#sessions.get(request.socket);
    if (session === undefined || this.#expired(session.association)) return undefined;
    const { association, link } = session;
    const identity = toldIdentity(policy, {
      identity: identityOf(association),
      wayIn: WAY_IN,
      connection: request.socket,
      fresh: true,
      peer: link.peer,
      intended: intendedIdentity(request),
    });
    return application.answer({ method: request.method ?? "", path: pathOf(request), identity, link });
  }
}

const indexOf = ({ identity, serverName }: Named) => JSON.stringify([identity, serverName?.toLowerCase()]);
