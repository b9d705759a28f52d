import type { KeyShare } from "../keys/agreement.ts";
import type { ClientHello, HandshakeName } from "../messages/handshake.ts";
import type { Content } from "../records/protection.ts";

export type OutgoingName = HandshakeName | "changeCipherSpec" | "alert" | "applicationData";

/** Something that the client is about to send: a whole handshake message, or the content of another protocol. */
export interface Outgoing {
  readonly name: OutgoingName;
  /** ContentType. */
  readonly type: number;
  /** With the header of the handshake protocol, where it is of that. */
  readonly octets: Buffer;
}

/**
 * Where a client can be made to misbehave. Each takes what would be sent and gives what is sent instead: changed, left
 * out (an empty list), repeated, split, with something before or behind it; to reorder, a hook keeps something back.
 * One set of hooks belongs to one connection and may remember.
 */
export interface Hooks {
  /** Fields of each ClientHello; binders of TLS 1.3 are computed over what this gives. */
  clientHello?(hello: ClientHello): ClientHello;
  /** This side's share of an agreement: what is sent of it, and which secret it makes. */
  share?(share: KeyShare): KeyShare;
  message?(message: Outgoing): readonly Outgoing[];
  /** The content of each record, before it is protected. */
  record?(content: Content, of: OutgoingName): readonly Content[];
  /** Each record as it goes out, with its header. */
  wire?(octets: Buffer, of: OutgoingName): readonly Buffer[];
  /** The premaster secret, or the shared secret of TLS 1.3, before anything is derived from it. */
  secret?(secret: Buffer): Buffer;
  /** The Finished hashes go over the messages as they were meant, and not as this gives them. */
  readonly hashesWhatWasMeant?: true;
}
