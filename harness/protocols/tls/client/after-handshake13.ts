/** What a server of TLS 1.3 sends behind the handshake (RFC 8446 4.6). */
import { ALERT, TlsAlertError } from "../alert.ts";
import { is } from "../connection/messages.ts";
import type { HandshakeMessage } from "../connection/receiver.ts";
import type { Suite13 } from "../connection/suite13.ts";
import { nextTrafficSecret, ticketPsk } from "../keys/schedule.ts";
import { decode, uint } from "../layout/layout.ts";
import { extensionValue } from "../messages/extensions.ts";
import { keyUpdateLayout, ticket13Layout } from "../messages/handshake.ts";
import type { Conversation } from "./conversation.ts";

/** Traffic secrets after the handshake, each replaced by KeyUpdate. */
export interface Traffic {
  readonly suite: Suite13;
  client: Buffer;
  server: Buffer;
  readonly resumption: Buffer;
}

/** NewSessionTicket and KeyUpdate (RFC 8446 4.6). @throws TlsAlertError */
export function afterHandshake13(c: Conversation, traffic: Traffic, message: HandshakeMessage): void {
  if (is(message, "newSessionTicket")) takeTicket(c, traffic, message.body);
  else if (is(message, "keyUpdate")) updateKeys(c, traffic, decode(keyUpdateLayout, message.body));
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

const UPDATE_REQUESTED = 1;

function updateKeys(c: Conversation, traffic: Traffic, request: number): void {
  if (request > UPDATE_REQUESTED)
    throw new TlsAlertError(ALERT.illegalParameter, `request_update ${request}`);
  const { suite } = traffic;
  traffic.server = nextTrafficSecret(suite.hash, traffic.server);
  c.receiver.use(suite.opener(traffic.server));
  if (request === UPDATE_REQUESTED) sendKeyUpdate(c, traffic);
}

/** Takes new keys for what this side sends. */
function sendKeyUpdate(c: Conversation, traffic: Traffic): void {
  const { suite } = traffic;
  c.sender.handshake("keyUpdate", Buffer.of(0));
  traffic.client = nextTrafficSecret(suite.hash, traffic.client);
  c.sender.use(suite.sealer(traffic.client));
}
