import { createServer } from "node:http";
import type { Socket } from "node:net";
import { DigestAuthenticator } from "../reference/digest/authenticator.ts";
import { answerRequests, HTTP_OPTIONS } from "../reference/ways-in/http-exchange.ts";
import { answerOverHttps, type HttpsDigestParts } from "../reference/ways-in/https-digest.ts";
import type { Link } from "../reference/ways-in/link.ts";

/** Gives what takes the connections of a library with a certificate, and answers what comes out of them. */
export function httpsVisits(parts: HttpsDigestParts): (stream: Socket, link: Link) => void {
  const { serverName, policy, offer, obtain } = parts;
  const authenticator = new DigestAuthenticator(serverName, policy, offer, obtain);
  const links = new WeakMap<object, Link>();
  const server = createServer(HTTP_OPTIONS);
  answerRequests(server, policy.cutBody, (request, body) => {
    const link = links.get(request.socket);
    if (link === undefined) throw new Error("every connection comes out of TLS");
    return answerOverHttps(request, body, link, authenticator, parts);
  });
  return (stream, link) => {
    links.set(stream, link);
    server.emit("connection", stream);
  };
}
