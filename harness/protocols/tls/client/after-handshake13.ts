/** What a server of TLS 1.3 sends behind the handshake (RFC 8446 4.6). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { type TrafficSecrets, takeKeyUpdate } from "../connection/after-handshake13.ts";
import { is } from "../connection/messages.ts";
import type { HandshakeMessage } from "../connection/receiver.ts";
import { ticketPsk } from "../keys/schedule.ts";
import { decode, uint } from "../layout/layout.ts";
import { extensionValue } from "../messages/extensions.ts";
import { ticket13Layout } from "../messages/handshake.ts";
import type { Conversation } from "./conversation.ts";

export interface Traffic extends TrafficSecrets {
  readonly resumption: Buffer;
}

/** NewSessionTicket and KeyUpdate (RFC 8446 4.6). @throws TlsAlertError */
export function afterHandshake13(c: Conversation, traffic: Traffic, message: HandshakeMessage): void {
  if (is(message, "newSessionTicket")) takeTicket(c, traffic, message.body);
  else if (is(message, "keyUpdate")) takeKeyUpdate(c, traffic, "client", message.body);
  else throw new TlsAlertError(ALERT.unexpectedMessage, `message ${message.type} after the handshake`);
}

function takeTicket(c: Conversation, { suite, resumption }: Traffic, body: Buffer): void {
  const { lifetime, ageAdd, nonce, ticket, extensions } = decode(ticket13Layout, body);
  c.onSession({
    version: "1.3",
    suite: suite.suite,
    psk: ticketPsk(suite.hash, resumption, nonce),
    ticket,
    ageAdd,
    lifetime,
    receivedAt: c.setup.now(),
    maxEarlyData: extensionValue(extensions, "earlyData", uint(4)) ?? 0,
  });
}
