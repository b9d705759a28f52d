/** What either end does behind the handshake of TLS 1.3 in the same way (RFC 8446 4.6.3). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { nextTrafficSecret } from "../keys/schedule.ts";
import { decode } from "../layout/layout.ts";
import { keyUpdateLayout } from "../messages/handshake.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { Suite13 } from "./suite13.ts";

const UPDATE_REQUESTED = 1;

/** Traffic secrets after the handshake, each replaced by KeyUpdate. */
export interface TrafficSecrets {
  readonly suite: Suite13;
  client: Buffer;
  server: Buffer;
}

/** The peer of `own` has taken new keys, and may want this end to do so too. @throws TlsAlertError (illegal_parameter) */
export function takeKeyUpdate(
  { sender, receiver }: { readonly sender: Sender; readonly receiver: Receiver },
  traffic: TrafficSecrets,
  own: "client" | "server",
  body: Buffer,
): void {
  const request = decode(keyUpdateLayout, body);
  if (request > UPDATE_REQUESTED)
    throw new TlsAlertError(ALERT.illegalParameter, `request_update ${request}`);
  const { suite } = traffic;
  const peer = own === "client" ? "server" : "client";
  traffic[peer] = nextTrafficSecret(suite.hash, traffic[peer]);
  receiver.use(suite.opener(traffic[peer]));
  if (request !== UPDATE_REQUESTED) return;
  sender.handshake("keyUpdate", Buffer.of(0));
  traffic[own] = nextTrafficSecret(suite.hash, traffic[own]);
  sender.use(suite.sealer(traffic[own]));
}
