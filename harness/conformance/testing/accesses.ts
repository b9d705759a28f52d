/** Hand-written accesses: what a terminal would see of an enabler, without sockets. */
import { suiteByName } from "../../protocols/tls/index.ts";
import type { Access, ApplicationRequest, EntryOutcome } from "../../roles/terminal/index.ts";
import type { HttpOutcome } from "../../wire/http-connection.ts";
import type { HttpResponse } from "../../wire/http-message.ts";
import type { Ending } from "../../wire/observer.ts";
import type { SecureSession } from "../../wire/secure-client.ts";

export function response(status: number, body = "", headers: HttpResponse["headers"] = []): HttpResponse {
  return { status, headers, body: Buffer.from(body) };
}

export const answers = (status: number, body?: string): HttpOutcome => ({
  ok: true,
  response: response(status, body),
});

export const ends = (ending: Ending = { kind: "closed" }): HttpOutcome => ({ ok: false, ending });

/** An access whose enabler does what `enabler` says, and whose connection is open until it is closed. */
export function access(enabler: (request: ApplicationRequest) => HttpOutcome): Access {
  const suite = suiteByName("TLS_PSK_WITH_AES_128_GCM_SHA256");
  if (suite === undefined) throw new Error("the suite table lost TLS_PSK_WITH_AES_128_GCM_SHA256");
  let open = true;
  const session: SecureSession = {
    version: "1.2",
    suite,
    pskInUse: true,
    resumed: false,
    hint: null,
    channelBinding: undefined,
    get alive() {
      return open;
    },
    exchange: async () => ends(),
    pipeline: async (requests) => requests.map(() => ends()),
    close: async () => {
      open = false;
    },
  };
  const request = async (asked: ApplicationRequest) => enabler(asked);
  const flight = async (asked: readonly ApplicationRequest[]) => asked.map(enabler);
  return { session, request, requestHere: request, flightHere: flight };
}

export const entered = (one: Access): EntryOutcome => ({ entered: true, access: one });

export function refusedEntry(
  ending: Ending = { kind: "alert", alert: 40 },
  tcpConnected = true,
): EntryOutcome {
  return { entered: false, tcpConnected, ending, tookMs: 1 };
}
