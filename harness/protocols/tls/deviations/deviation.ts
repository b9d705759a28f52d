import type { Hooks, Outgoing, OutgoingName } from "../connection/hooks.ts";
import { encode } from "../layout/layout.ts";
import { HANDSHAKE_TYPE, type HandshakeName, handshakeLayout } from "../messages/handshake.ts";
import { CONTENT_TYPE } from "../records/record.ts";
import type { TlsVersion } from "../versions.ts";

/** What a server has to make of a deviation, by the clause: what is open to it is only observed. */
export type Expectation = "refuse" | "accept" | "either";

/** A named misbehaviour of the client. */
export interface TlsDeviation {
  /** One sentence about what the client sends. */
  readonly title: string;
  /** The clause that it breaks, or that allows it. */
  readonly clause: string;
  /** Versions in which it can be carried out. */
  readonly versions: readonly TlsVersion[];
  readonly expects: Expectation;
  /** In one version, where that decides. */
  readonly expectsIn?: (version: TlsVersion) => Expectation;
  /** Hooks for one connection. */
  readonly begin: () => Hooks;
}

export const LEGACY: readonly TlsVersion[] = ["1.0", "1.1", "1.2"];
export const ALL: readonly TlsVersion[] = [...LEGACY, "1.3"];

/** The octets with one bit of the octet at `at` changed; negative counts from the end. */
export function flipped(octets: Buffer, at: number): Buffer {
  const changed = Buffer.from(octets);
  const index = at < 0 ? octets.length + at : at;
  changed.writeUInt8(changed.readUInt8(index) ^ 0x01, index);
  return changed;
}

/** Hooks that replace the first message of this name. */
export function onMessage(
  name: OutgoingName,
  replace: (message: Outgoing) => readonly Outgoing[],
): () => Hooks {
  return () => {
    let done = false;
    return {
      message(message) {
        if (message.name !== name || done) return [message];
        done = true;
        return replace(message);
      },
    };
  };
}

/** Hooks that keep the first message of this name back until the next one was sent. */
export function late(name: OutgoingName): () => Hooks {
  return () => {
    let kept: Outgoing | undefined;
    let done = false;
    return {
      message(message) {
        if (message.name === name && !done) {
          done = true;
          kept = message;
          return [];
        }
        const before = kept;
        kept = undefined;
        return before === undefined ? [message] : [message, before];
      },
    };
  };
}

/** Type and length of a handshake message. */
const HEADER = 4;

export const handshakeMessage = (name: HandshakeName, body: Buffer): Outgoing => ({
  name,
  type: CONTENT_TYPE.handshake,
  octets: encode(handshakeLayout, { type: HANDSHAKE_TYPE[name], body }),
});

/** The handshake message with another body, and a header that fits it. */
export const withBody =
  (change: (body: Buffer) => Buffer) =>
  (message: Outgoing): readonly Outgoing[] => [
    {
      ...message,
      octets: encode(handshakeLayout, {
        type: message.octets.readUInt8(0),
        body: change(message.octets.subarray(HEADER)),
      }),
    },
  ];
