import type { Identity } from "../association.ts";
import type { WireResponse } from "../ways-in/http-exchange.ts";
import type { Link } from "../ways-in/link.ts";

/** A request as the application sees it: who, and what. */
export interface ApplicationRequest {
  readonly method: string;
  /** Request target without its query. */
  readonly path: string;
  /** Undefined for a visitor of what is open to everyone. */
  readonly identity: Identity | undefined;
  readonly link: { readonly tls: string; readonly suite: string } & Partial<
    Pick<Link, "exporter" | "resumed" | "serverName">
  >;
}

const MAX_COUNTERS = 10_000;
const COUNTER_PATH = /^\/counters\/([A-Za-z0-9_-]{1,64})$/;

/**
 * The service that the enabler protects: one resource to read, one that is open to everyone, the identity that the enabler was told,
 * and counters, whose state shows whether a request acted.
 */
export class Application {
  readonly #protectedText: string;
  readonly #openText: string;
  readonly #counters = new Map<string, number>();

  constructor(serverName: string) {
    this.#protectedText = `protected resource of ${serverName}\n`;
    this.#openText = `open resource of ${serverName}`;
  }

  answer(request: ApplicationRequest): WireResponse {
    const { method, path, identity, link } = request;
    const counter = COUNTER_PATH.exec(path)?.[1];
    if (counter !== undefined && method === "POST") return this.#count(counter);
    if (method !== "GET" && method !== "HEAD") return text(404, "no such resource\n");
    if (counter !== undefined) return json({ count: this.#counters.get(counter) ?? 0 });
    if (path === "/protected") return text(200, this.#protectedText);
    if (path === "/open") return json({ resource: this.#openText, user: identity?.user ?? null });
    if (path === "/identity") return json({ ...told(identity), tls: link.tls, suite: link.suite });
    if (path === "/view") return json(viewOf(identity, link));
    return text(404, "no such resource\n");
  }

  #count(token: string): WireResponse {
    const count = (this.#counters.get(token) ?? 0) + 1;
    if (count === 1 && this.#counters.size >= MAX_COUNTERS) return text(507, "no room for another counter\n");
    this.#counters.set(token, count);
    return json({ count });
  }
}

/** The public identities among which one was chosen are not the application's business. */
function told(identity: Identity | undefined): object {
  const { publicIdentities: _, ...rest } = identity ?? {};
  return rest;
}

/** What this end knows of the connection and its user, to hold against what the other end knows. */
function viewOf(
  identity: Identity | undefined,
  { tls, suite, serverName, resumed, exporter }: ApplicationRequest["link"],
): object {
  return { tls, suite, serverName, resumed, exporter, user: identity?.user, btid: identity?.btid };
}

function text(status: number, body: string): WireResponse {
  return { status, headers: [["Content-Type", "text/plain; charset=utf-8"]], body: Buffer.from(body) };
}

function json(value: object): WireResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status: 200, headers: [["Content-Type", "application/json"]], body };
}
