import type { TLSSocket } from "node:tls";
import { negotiatedVersion, type TlsVersion } from "../tls/versions.ts";

/** What the enabler knows of a connection. */
export interface Link {
  readonly tls: TlsVersion;
  /** IANA name. */
  readonly suite: string;
  /** Address from which the terminal came; it may be that of a translation. */
  readonly peer: string;
  /** Server name that the terminal sent; undefined: none. */
  readonly serverName: string | undefined;
  readonly resumed: boolean;
  /** Channel binding tls-exporter (RFC 9266), 32 octets as hex: one connection has it and no other. */
  readonly exporter: string;
}

/** What the way in knows better than the socket. */
type Known = Pick<Link, "peer" | "serverName" | "resumed">;

export function linkOf(socket: TLSSocket, known: Known): Link {
  return {
    tls: negotiatedVersion(socket),
    suite: socket.getCipher().standardName,
    exporter: socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)).toString("hex"),
    ...known,
  };
}
