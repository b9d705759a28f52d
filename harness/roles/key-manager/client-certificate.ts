import { TLSSocket } from "node:tls";

/** Common name of the certificate that the other end showed; empty: it showed none. */
export function clientName(socket: unknown): string {
  if (!(socket instanceof TLSSocket)) return "";
  const certificate = socket.getPeerCertificate();
  return [certificate.subject?.CN ?? ""].flat().join(", ");
}
