import { constants } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import { createSecureContext, type TLSSocket } from "node:tls";
import type { Application } from "../application/application.ts";
import type { Admission, KeyQuery } from "../association.ts";
import { DigestAuthenticator } from "../digest/authenticator.ts";
import type { DigestOffer, DigestRefusal } from "../digest/terms.ts";
import type { Log } from "../log.ts";
import type { Policy, Visit } from "../policy/policy.ts";
import { toldIdentity } from "../policy/told.ts";
import { cipherString, uaOfSuite } from "../tls/suites.ts";
import { hasOldVersion, type TlsVersion, versionRange } from "../tls/versions.ts";
import { filteredListener, type Listener } from "./filtered-https.ts";
import {
  answerRequests,
  HTTP_OPTIONS,
  intendedIdentity,
  pathOf,
  type WireResponse,
} from "./http-exchange.ts";
import { type Link, linkOf } from "./link.ts";
import { credentialOf, engineSetup, ownListener } from "./own-tls.ts";

/** PEM texts. */
export interface CertificateMaterial {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface HttpsDigestParts {
  readonly serverName: string;
  /** TLS versions of the configuration. */
  readonly versions: readonly TlsVersion[];
  readonly material: CertificateMaterial;
  /** What is challenged with. */
  readonly offer: DigestOffer;
  readonly policy: Policy;
  readonly application: Application;
  readonly obtain: (query: KeyQuery) => Promise<Admission>;
  readonly log: Log;
}

/**
 * Way in uc1.https-digest: the enabler proves itself by certificate, the terminal by Digest (TS 33.222 5.3). What is
 * open to everyone is served here without a user: way in server-only (SEC_CF 4.2).
 */
export function createHttpsDigestServer(parts: HttpsDigestParts): Listener {
  const { serverName, material, policy, log } = parts;
  const versions = policy.tlsVersions("uc1.https-digest", parts.versions);
  const authenticator = new DigestAuthenticator(serverName, policy, parts.offer, parts.obtain);
  const tls = {
    cert: material.certificate,
    key: material.privateKey,
    ...versionRange(versions),
    ciphers: cipherString(suitesFor(versions, policy), versions),
    honorCipherOrder: true,
    dhparam: "auto",
    // Another suite on the same connection would be another NAF_Id (TS 33.220 H.3).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  const server = createServer({ ...HTTP_OPTIONS, ...tls, handshakeTimeout: 10_000 });
  server.on("tlsClientError", (error) => log("uc1.https-digest", `handshake failed: ${error.message}`));
  // Asked while the connection stands: its last request may be answered behind its end.
  const links = new WeakMap<object, Link>();
  server.on("secureConnection", (socket) => {
    if (!links.has(socket)) links.set(socket, httpsLink(socket));
  });
  answerRequests(server, policy.cutBody, (request, body) => {
    const known = links.get(request.socket);
    if (known === undefined) throw new Error("an HTTPS server serves TLS connections");
    return answerOverHttps(request, body, known, authenticator, parts);
  });
  const listener = {
    server,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const { ownTls } = policy;
  if (ownTls !== undefined) {
    const own = ownListener(
      server,
      ownTls,
      () => ({
        ...engineSetup(ownTls, { versions, suites: suitesFor(versions, policy) }),
        credential: credentialOf(material),
      }),
      10_000,
      (stream, link) => links.set(stream, link),
    );
    return closedWith(server, own);
  }
  if (policy.recordPath === undefined) return listener;
  const filtered = filteredListener(server, createSecureContext(tls), policy.recordPath, (socket) => {
    const link = httpsLink(socket);
    return (plain) => links.set(plain, link);
  });
  return closedWith(server, filtered);
}

/** Ends the HTTP connections too. */
function closedWith(https: Server, listener: Listener): Listener {
  return {
    server: listener.server,
    close() {
      listener.close();
      https.closeAllConnections();
    },
  };
}

/** No suite of the policy suits versions before TLS 1.2. */
function suitesFor(versions: readonly TlsVersion[], { httpsSuites }: Policy): readonly string[] {
  return hasOldVersion(versions) ? [...httpsSuites, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"] : httpsSuites;
}

/** What the request gets: what is open, or what Digest credentials give. `known`: its connection. */
export async function answerOverHttps(
  request: IncomingMessage,
  body: Buffer,
  known: Link,
  authenticator: DigestAuthenticator,
  parts: HttpsDigestParts,
): Promise<WireResponse> {
  const { policy, application, log } = parts;
  const { socket } = request;
  const link = policy.linkTold(known);
  const { method = "", url = "" } = request;
  const opened = policy.open(visitOf(request, link, parts));
  if (opened !== undefined) {
    const { path, user } = opened;
    const identity = user === undefined ? undefined : ({ user, form: "IMPI", btid: "" } as const);
    return application.answer({ method, path, identity, link });
  }
  const authorization = request.headersDistinct["authorization"] ?? [];
  return policy.answer({
    hasBody: body.length > 0,
    connection: socket,
    authorization,
    userAgent: request.headers["user-agent"],
    check: () =>
      authenticator.check({
        method,
        target: url,
        authorization,
        body,
        chunked: request.headers["transfer-encoding"] !== undefined,
        ua: uaOfSuite(known.suite),
        peer: link.peer,
      }),
    act: (checked) => {
      const identity = toldIdentity(policy, {
        identity: checked.identity,
        wayIn: "uc1.https-digest",
        connection: socket,
        fresh: true,
        peer: link.peer,
        intended: intendedIdentity(request),
      });
      const response = application.answer({ method, path: pathOf(request), identity, link });
      log("uc1.https-digest", `${method} ${JSON.stringify(url)} by ${JSON.stringify(identity.btid)}`);
      const info = checked.authenticationInfo(policy.sentBody(method, response.body));
      if (info === undefined) return response;
      return { ...response, headers: [...response.headers, ["Authentication-Info", info]] };
    },
    refuse: (refusal) => {
      log("uc1.https-digest", `${method} ${JSON.stringify(url)} refused: ${refusal}`);
      return refuse(refusal, authenticator, policy);
    },
  });
}

function httpsLink(socket: TLSSocket): Link {
  // The types leave out what Node keeps of the server name; it is false when none was sent.
  const { servername } = socket as TLSSocket & { readonly servername?: unknown };
  return linkOf(socket, {
    peer: socket.remoteAddress ?? "",
    serverName: typeof servername === "string" ? servername : undefined,
    resumed: socket.isSessionReused(),
  });
}

function visitOf(request: IncomingMessage, link: Link, { serverName, obtain }: HttpsDigestParts): Visit {
  const wayIn = "uc1.https-digest";
  return {
    target: request.url ?? "",
    connection: request.socket,
    intended: intendedIdentity(request),
    obtain: (btid) =>
      obtain({ wayIn, btid, nafFqdn: serverName, ua: uaOfSuite(link.suite), peer: link.peer }),
  };
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
