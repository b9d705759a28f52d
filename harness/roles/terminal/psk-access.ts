import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import type { Access, ApplicationRequest } from "./access.ts";
import { applicationHeaders } from "./application-request.ts";

/** Requests over PSK-TLS: the connection authenticates them (TS 33.222 5.4). */
export class PskAccess implements Access {
  readonly session: SecureSession;
  readonly #serverName: string;

  constructor(session: SecureSession, serverName: string) {
    this.session = session;
    this.#serverName = serverName;
  }

  request(request: ApplicationRequest): Promise<HttpOutcome> {
    return this.session.exchange({
      method: request.method,
      target: request.target,
      headers: applicationHeaders(this.#serverName, request.body),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
  }
}
