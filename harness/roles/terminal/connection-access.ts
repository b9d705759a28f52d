import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import type { Access, ApplicationRequest } from "./access.ts";
import { httpRequest } from "./application-request.ts";
import type { EnablerConnection } from "./enabler-connection.ts";

/**
 * Requests that carry no proof of their own: over PSK-TLS the connection authenticates them (TS 33.222 5.4), and over
 * the way in `server-only` nothing does (OMA-RD-SEC_CF 4.2).
 */
export class ConnectionAccess implements Access {
  readonly #connection: EnablerConnection;
  readonly #serverName: string;

  constructor(connection: EnablerConnection, serverName: string) {
    this.#connection = connection;
    this.#serverName = serverName;
  }

  get session(): SecureSession {
    return this.#connection.session;
  }

  request(request: ApplicationRequest): Promise<HttpOutcome> {
    return this.#connection.exchange(httpRequest(this.#serverName, request));
  }

  requestHere(request: ApplicationRequest): Promise<HttpOutcome> {
    return this.session.exchange(httpRequest(this.#serverName, request));
  }

  flightHere(requests: readonly ApplicationRequest[]): Promise<readonly HttpOutcome[]> {
    return this.session.pipeline(requests.map((request) => httpRequest(this.#serverName, request)));
  }
}
