import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { AnswerFilter } from "../tls/answer-filter.ts";
import type { RecordPath } from "../tls/record-path.ts";

/** Begins TLS to the key manager; `path`: what stands before OpenSSL, undefined: nothing. */
export function connectToKeyManager(
  { host, port, ...options }: ConnectionOptions & { readonly host: string; readonly port: number },
  path: RecordPath | undefined,
): TLSSocket {
  if (path === undefined) return connect({ host, port, ...options });
  const socket = connectTcp({ host, port });
  const filter = new AnswerFilter(socket, path);
  const tls = connect({ ...options, socket: filter });
  filter.follow(tls);
  // A socket on top of a stream does not know the addresses below it.
  Object.defineProperty(tls, "localAddress", { get: () => socket.localAddress });
  return tls;
}
