import { randomBytes } from "node:crypto";
import { request } from "undici";
import type { Access, ApplicationRequest } from "../roles/terminal/index.ts";
import type { Extract, Ixit, ViewField } from "../system/profile/index.ts";
import { type HttpResponse, MAX_BODY, MAX_HEADERS } from "../wire/http-message.ts";
import { describeEnding } from "../wire/observer.ts";
import { extract } from "./extraction.ts";
import { Inconclusive } from "./verdict.ts";

export interface Place {
  readonly url: string;
  readonly extract: Extract;
  readonly headers?: ApplicationRequest["headers"];
}

/** A response, or in one line why there is none. */
type Reading =
  | { readonly ok: true; readonly response: HttpResponse }
  | { readonly ok: false; readonly how: string };

/**
 * Reads a value of the SUT where the IXIT says: by a path over the terminal's own connection, or at an
 * absolute URL by the harness itself. Undefined when the SUT does not tell it there.
 * @throws Inconclusive when the harness cannot reach a URL of its own
 */
export async function observe(access: Access, place: Place, responseMs: number): Promise<string | undefined> {
  const reading = await read(access, place, responseMs);
  if (!reading.ok && isAside(place.url)) throw unreadable(place.url, reading.how);
  return reading.ok && isSuccess(reading.response) ? extract(reading.response, place.extract) : undefined;
}

/**
 * Reads the state; undefined when it was never changed, for which a SUT may answer 404 or 410.
 * @throws Inconclusive for every other answer and for none: what cannot be read has not stayed the same
 */
export async function readState(
  access: Access,
  { at }: TokenState,
  responseMs: number,
): Promise<string | undefined> {
  const reading = await read(access, at, responseMs);
  if (!reading.ok) throw unreadable(at.url, reading.how);
  const { response } = reading;
  if (isSuccess(response)) return extract(response, at.extract);
  if (response.status === 404 || response.status === 410) return undefined;
  throw unreadable(at.url, `status ${response.status}`);
}

/**
 * Reads what the SUT knows of the connection over which it is asked, field by field.
 * @throws Error when it is not served there
 */
export async function readView(
  access: Access,
  view: Ixit["resources"]["view"],
): Promise<ReadonlyMap<ViewField, string | undefined> | undefined> {
  if (view === undefined) return undefined;
  const outcome = await access.request({ method: "GET", target: view.path });
  if (!outcome.ok) throw new Error(`${view.path} (IXIT resources.view): ${describeEnding(outcome.ending)}`);
  const { response } = outcome;
  if (!isSuccess(response)) throw new Error(`${view.path} (IXIT resources.view): status ${response.status}`);
  const told = new Map<ViewField, string | undefined>();
  for (const field of VIEW_FIELDS) {
    const how = view.tells[field];
    if (how !== undefined) told.set(field, extract(response, how));
  }
  return told;
}

const VIEW_FIELDS: readonly ViewField[] = [
  "version",
  "suite",
  "serverName",
  "resumed",
  "user",
  "btid",
  "exporter",
];

const isAside = (url: string) => /^https?:/.test(url);
const isSuccess = ({ status }: HttpResponse) => status >= 200 && status < 300;

function unreadable(url: string, how: string): Inconclusive {
  return new Inconclusive(`${url} cannot be read (IXIT resources): ${how}`);
}

/** A response at a place of the IXIT, whatever its status. Never throws. */
export async function read(
  access: Access,
  { url, headers = [] }: Place,
  responseMs: number,
): Promise<Reading> {
  if (isAside(url)) return fetchAside(url, responseMs);
  const outcome = await access.request({ method: "GET", target: url, headers });
  return outcome.ok ? outcome : { ok: false, how: describeEnding(outcome.ending) };
}

async function fetchAside(url: string, responseMs: number): Promise<Reading> {
  try {
    const reply = await request(url, {
      signal: AbortSignal.timeout(responseMs),
      headersTimeout: responseMs,
    });
    const body = await boundedBody(reply.body);
    const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
      [value ?? ""].flat().map((one) => [name, one.slice(0, MAX_HEADERS)] as const),
    );
    return { ok: true, response: { status: reply.statusCode, headers, body } };
  } catch (error) {
    return { ok: false, how: error instanceof Error ? error.message : String(error) };
  }
}

/** At most the first {@link MAX_BODY} octets; the rest is not read. */
async function boundedBody(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  for await (const part of body) {
    parts.push(part);
    octets += part.length;
    if (octets >= MAX_BODY) break;
  }
  return Buffer.concat(parts).subarray(0, MAX_BODY);
}

/** The state resource of the IXIT with a token that nobody else uses. */
export interface TokenState {
  readonly change: ApplicationRequest;
  readonly at: Place;
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
