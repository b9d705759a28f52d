import { randomBytes } from "node:crypto";
import { request } from "undici";
import type { Access, ApplicationRequest } from "../roles/terminal/index.ts";
import type { Extract, Ixit } from "../system/profile/index.ts";
import { type HttpResponse, MAX_BODY, MAX_HEADERS } from "../wire/http-message.ts";
import { extract } from "./extraction.ts";

/**
 * Reads a value of the SUT where the IXIT says: by a path over the terminal's own connection, or at an
 * absolute URL by the harness itself. Undefined when it cannot be read.
 */
export async function observe(
  access: Access,
  at: { readonly url: string; readonly extract: Extract; readonly headers?: ApplicationRequest["headers"] },
  responseMs: number,
): Promise<string | undefined> {
  const { headers = [] } = at;
  const response = /^https?:/.test(at.url)
    ? await fetchAside(at.url, responseMs)
    : await ask(access, { method: "GET", target: at.url, headers });
  if (response === undefined || response.status < 200 || response.status > 299) return undefined;
  return extract(response, at.extract);
}

async function ask(access: Access, request: ApplicationRequest): Promise<HttpResponse | undefined> {
  const outcome = await access.request(request);
  return outcome.ok ? outcome.response : undefined;
}

async function fetchAside(url: string, responseMs: number): Promise<HttpResponse | undefined> {
  try {
    const reply = await request(url, {
      signal: AbortSignal.timeout(responseMs),

      headersTimeout: responseMs,
    });
    const body = Buffer.from(await reply.body.arrayBuffer()).subarray(0, MAX_BODY);
    const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
      [value ?? ""].flat().map((one) => [name, one.slice(0, MAX_HEADERS)] as const),
    );
    return { status: reply.statusCode, headers, body };
  } catch {
    return undefined;
  }
}

/** The state resource of the IXIT with a token that nobody else uses. */
export interface TokenState {
  readonly change: ApplicationRequest;
  readonly at: { readonly url: string; readonly extract: Extract };
}

export function tokenState(state: NonNullable<Ixit["resources"]["state"]>): TokenState {
  const token = randomBytes(8).toString("hex");
  const fill = (text: string) => text.replaceAll("{token}", token);
  const { method, path, body } = state.change;
  return {
    change: { method, target: fill(path), ...(body === undefined ? {} : { body: fill(body) }) },
    at: { url: fill(state.read.url), extract: state.read.extract },
  };
}
