/** A request as the harness wants it on the wire; header order is kept, but Host comes first (RFC 9110 7.2). */
export interface HttpRequest {
  readonly method: string;
  /** Request-target, origin form. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** The body goes in two chunks instead of behind a Content-Length (RFC 9112 7.1). */
  readonly chunked?: true;
}

/** A response, bounded: at most {@link MAX_BODY} octets of body and {@link MAX_HEADERS} octets of header. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Octets of a response body that are read before the connection is given up. */
export const MAX_BODY = 256 * 1024;
/** Octets of a response header that are read before the connection is given up. */
export const MAX_HEADERS = 32 * 1024;

/** All values of a header field, in order; names are compared without case (RFC 9110 5.1). */
export function headerValues(message: Pick<HttpResponse, "headers">, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
}
