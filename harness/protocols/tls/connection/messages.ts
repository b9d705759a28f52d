/** Handshake messages of either end. */
import { createHash } from "node:crypto";
import { HANDSHAKE_TYPE, type HandshakeName } from "../messages/handshake.ts";
import type { HandshakeMessage, Incoming } from "./receiver.ts";

/** For texts: the name of a message, or of the protocol that is no handshake. */
export function nameOf(message: Incoming): string {
  if (message.kind !== "handshake") return message.kind;
  const named = Object.entries(HANDSHAKE_TYPE).find(([, number]) => number === message.type);
  return named?.[0] ?? `message ${message.type}`;
}

export const is = (message: HandshakeMessage, name: HandshakeName): boolean =>
  message.type === HANDSHAKE_TYPE[name];

/** Hash of the messages one behind the other. */
export function hashMessages(hash: string, messages: readonly Uint8Array[]): Buffer {
  const hashing = createHash(hash);
  for (const message of messages) hashing.update(message);
  return hashing.digest();
}
