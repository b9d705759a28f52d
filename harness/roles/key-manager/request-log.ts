import type { KeyRequest } from "./zn-reaction.ts";

/** Characters of all requests together that are kept; a whole run needs some hundred thousand. */
const KEPT_REQUESTS = 16 * 1024 * 1024;
/** Problems that are kept, and characters of each. */
const KEPT_PROBLEMS = 1_000;
const KEPT_PROBLEM = 500;

/** What enablers asked on Zn. An enabler that asks without end is answered, but not remembered without end. */
export class RequestLog {
  readonly #requests = new Map<string, KeyRequest[]>();
  readonly #problems: string[] = [];
  #length = 0;

  add(request: KeyRequest): void {
    const { btid, nafFqdn, ua, client } = request;
    this.#length += btid.length + nafFqdn.length + ua.length + client.length;
    if (this.#length > KEPT_REQUESTS) return;
    const known = this.#requests.get(btid);
    if (known === undefined) this.#requests.set(btid, [request]);
    else known.push(request);
  }

  addProblem(problem: string): void {
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(problem.slice(0, KEPT_PROBLEM));
  }

  /** Requests that named this B-TID until now, in order. */
  of(btid: string): readonly KeyRequest[] {
    return [...(this.#requests.get(btid) ?? [])];
  }

  get btids(): ReadonlySet<string> {
    return new Set(this.#requests.keys());
  }

  get problems(): readonly string[] {
    return this.#problems;
  }
}
