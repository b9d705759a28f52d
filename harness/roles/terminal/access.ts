import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { Ending } from "../../wire/observer.ts";
import type { SecureSession } from "../../wire/secure-client.ts";

/** A request as the application in the terminal makes it. */
export interface ApplicationRequest {
  readonly method: string;
  /** Origin form. */
  readonly target: string;
  readonly body?: string;
}

/** A connection to the enabler on which the terminal authenticates what it asks, as its way in demands. */
export interface Access {
  readonly session: SecureSession;
  /** Never throws. */
  request(request: ApplicationRequest): Promise<HttpOutcome>;
}

export type EntryOutcome<A extends Access = Access> =
  | { readonly entered: true; readonly access: A }
  | {
      readonly entered: false;
      readonly tcpConnected: boolean;
      readonly ending: Ending;
      readonly tookMs: number;
    };
