import type { TLSSocket } from "node:tls";

/** What a handshake negotiated. */
export interface Link {
  readonly tls: "1.2" | "1.3";
  /** IANA name. */
  readonly suite: string;
}

export function linkOf(socket: TLSSocket): Link {
  return {
    tls: socket.getProtocol() === "TLSv1.3" ? "1.3" : "1.2",
    suite: socket.getCipher().standardName,
  };
}
