import type { Identity } from "../association.ts";
import type { WireResponse } from "../ways-in/http-exchange.ts";

/** A request as the application sees it: who, and what. */
export interface ApplicationRequest {
  readonly method: string;
  /** Request target without its query. */
  readonly path: string;
  readonly identity: Identity;
  readonly link: { readonly tls: string; readonly suite: string };
}

const MAX_COUNTERS = 10_000;
const COUNTER_PATH = /^\/counters\/([A-Za-z0-9_-]{1,64})$/;

/**
 * The service that the enabler protects: one resource to read, the identity that the enabler was told,
 * and counters, whose state shows whether a request acted.
 */
export class Application {
  readonly #protectedText: string;
  readonly #counters = new Map<string, number>();

  constructor(serverName: string) {
    this.#protectedText = `protected resource of ${serverName}\n`;
  }

  answer(request: ApplicationRequest): WireResponse {
    const { method, path, identity, link } = request;
    const counter = COUNTER_PATH.exec(path)?.[1];
    if (counter !== undefined && method === "POST") return this.#count(counter);
    if (method !== "GET" && method !== "HEAD") return text(404, "no such resource\n");
    if (counter !== undefined) return json({ count: this.#counters.get(counter) ?? 0 });
    if (path === "/protected") return text(200, this.#protectedText);
    if (path === "/identity") return json({ ...identity, ...link });
    return text(404, "no such resource\n");
  }

  #count(token: string): WireResponse {
    const count = (this.#counters.get(token) ?? 0) + 1;
    if (count === 1 && this.#counters.size >= MAX_COUNTERS) return text(507, "no room for another counter\n");
    this.#counters.set(token, count);
    return json({ count });
  }
}

function text(status: number, body: string): WireResponse {
  return { status, headers: [["Content-Type", "text/plain; charset=utf-8"]], body: Buffer.from(body) };
}

function json(value: object): WireResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status: 200, headers: [["Content-Type", "application/json"]], body };
}
