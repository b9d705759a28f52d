import type { CipherSuite } from "../../protocols/tls/index.ts";
import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { Ending } from "../../wire/observer.ts";
import type { SecureSession } from "../../wire/secure-client.ts";

/** A request as the application in the terminal makes it. */
export interface ApplicationRequest {
  readonly method: string;
  /** Origin form. */
  readonly target: string;
  readonly body?: string;
  /** The body goes with transfer coding chunked. */
  readonly chunked?: true;
  /** Header fields of the application's own. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** The terminal inside: it authenticates what it asks, as its way in demands. */
export interface Access {
  /** The connection of now: the enabler may close one after each response. */
  readonly session: SecureSession;
  /** Over a new connection when the enabler closed the old one. Never throws. */
  request(request: ApplicationRequest): Promise<HttpOutcome>;
  /** On this connection or not at all. Never throws. */
  requestHere(request: ApplicationRequest): Promise<HttpOutcome>;
  /** In one flight on this connection or not at all; outcomes in the order of the requests. Never throws. */
  flightHere(requests: readonly ApplicationRequest[]): Promise<readonly HttpOutcome[]>;
}

export type EntryOutcome<A extends Access = Access> =
  | { readonly entered: true; readonly access: A }
  | {
      readonly entered: false;
      readonly tcpConnected: boolean;
      readonly ending: Ending;
      readonly tookMs: number;
      /** Up to TLS 1.2: the enabler had chosen a PSK suite and asked for the identity. */
      readonly pskAsked?: true;
      /** The suite that the enabler chose before the end, where the client tells. */
      readonly suiteChosen?: CipherSuite;
    };
