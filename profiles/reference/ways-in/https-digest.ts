import { constants } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import { TLSSocket } from "node:tls";
import type { Application } from "../application/application.ts";
import type { Admission, KeyQuery } from "../association.ts";
import { DigestAuthenticator } from "../digest/authenticator.ts";
import type { DigestRefusal } from "../digest/terms.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { cipherString, uaOfSuite } from "../tls/suites.ts";
import {
  answerRequests,
  HTTP_OPTIONS,
  intendedIdentity,
  pathOf,
  type WireResponse,
} from "./http-exchange.ts";
import { linkOf } from "./link.ts";

/** PEM texts. */
export interface CertificateMaterial {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface HttpsDigestParts {
  readonly serverName: string;
  readonly material: CertificateMaterial;
  readonly policy: Policy;
  readonly application: Application;
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
  readonly log: Log;
}

/** Way in uc1.https-digest: the enabler proves itself by certificate, the terminal by Digest (TS 33.222 5.3). */
export function createHttpsDigestServer(parts: HttpsDigestParts): Server {
  const { serverName, material, policy, log } = parts;
  const authenticator = new DigestAuthenticator(serverName, policy, parts.obtain);
  const server = createServer({
    ...HTTP_OPTIONS,
    cert: material.certificate,
    key: material.privateKey,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: cipherString(policy.httpsSuites),
    honorCipherOrder: true,
    dhparam: "auto",
    // Another suite on the same connection would be another NAF_Id (TS 33.220 H.3).
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    handshakeTimeout: 10_000,
  });
  server.on("tlsClientError", (error) => log("uc1.https-digest", `handshake failed: ${error.message}`));
  answerRequests(server, (request, body) => answer(request, body, authenticator, parts));
  return server;
}

async function answer(
  request: IncomingMessage,
  body: Buffer,
  authenticator: DigestAuthenticator,
  { policy, application, log }: HttpsDigestParts,
): Promise<WireResponse> {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) throw new Error("an HTTPS server serves TLS connections");
  const link = linkOf(socket);
  const { method = "", url = "" } = request;
  return policy.answer({
    hasBody: body.length > 0,
    check: () =>
      authenticator.check({
        method,
        target: url,
        authorization: request.headersDistinct["authorization"] ?? [],
        body,
        ua: uaOfSuite(link.suite),
      }),
    act: (checked) => {
      const identity = policy.identityTold({
        identity: checked.identity,
        wayIn: "uc1.https-digest",
        connection: socket,
        fresh: true,
        intended: intendedIdentity(request),
      });
      const response = application.answer({ method, path: pathOf(request), identity, link });
      log("uc1.https-digest", `${method} ${JSON.stringify(url)} by ${JSON.stringify(identity.btid)}`);
      // The body of an answer to HEAD is empty (RFC 9112 6.3).
      const info = checked.authenticationInfo(method === "HEAD" ? Buffer.alloc(0) : response.body);
      if (info === undefined) return response;
      return { ...response, headers: [...response.headers, ["Authentication-Info", info]] };
    },
    refuse: (refusal) => {
      log("uc1.https-digest", `${method} ${JSON.stringify(url)} refused: ${refusal}`);
      return refuse(refusal, authenticator, policy);
    },
  });
}

function refuse(refusal: DigestRefusal, authenticator: DigestAuthenticator, policy: Policy): WireResponse {
  const { status, challenge, stale } = policy.refusal(refusal);
  const fields = challenge ? authenticator.challenges(stale) : [];
  return {
    status,
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ...fields.map((value) => ["WWW-Authenticate", value] as const),
    ],
    body: Buffer.from(`not served: ${refusal}\n`),
  };
}
