/**
 * TLS of the suite instead of OpenSSL, for defects that OpenSSL does not have: outside programs check it (openssl
 * s_client, gnutls-cli and Node). A conforming enabler never comes here.
 */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type Accepted,
  type CipherSuite,
  type Hooks,
  type Laxity,
  type ServerSetup,
  suiteByName,
} from "../../../harness/protocols/tls/index.ts";
import { serveEngine } from "../../../harness/wire/engine/engine-listener.ts";
import type { TlsVersion } from "../tls/versions.ts";
import type { Listener } from "./filtered-https.ts";
import type { CertificateMaterial } from "./https-digest.ts";
import type { Link } from "./link.ts";

/** What is wrong with this TLS. */
export interface OwnTls {
  readonly laxity?: Laxity;
  /** Anew for each connection. */
  readonly hooks?: () => Hooks;
  /** Instead of octets that nobody can guess. */
  readonly random?: (octets: number) => Buffer;
  /** What was heard on a connection is said again behind its end, where nothing protects it. */
  readonly repeatsInClear?: true;
}

/** IANA names that the engine can carry out. */
function engineSuites(names: readonly string[]): readonly CipherSuite[] {
  return names.map(suiteByName).filter((suite) => suite !== undefined);
}

export function engineSetup(
  own: OwnTls,
  parts: { readonly versions: readonly TlsVersion[]; readonly suites: readonly string[] },
): ServerSetup {
  return {
    versions: parts.versions,
    suites: engineSuites(parts.suites),
    random: own.random ?? ((octets) => randomBytes(octets)),
    ...(own.laxity === undefined ? {} : { laxity: own.laxity }),
    ...(own.hooks === undefined ? {} : { hooks: own.hooks() }),
  };
}

export function credentialOf({ certificate, privateKey }: CertificateMaterial) {
  const parts = certificate.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return { chain: parts.map((pem) => new X509Certificate(pem).raw), key: createPrivateKey(privateKey) };
}

export function linkOfAccepted(accepted: Accepted, peer: string): Link {
  return {
    tls: accepted.version,
    suite: accepted.suite.name,
    peer,
    serverName: accepted.serverName,
    resumed: accepted.resumed,
    exporter: accepted.exporter("EXPORTER-Channel-Binding", Buffer.alloc(0), 32).toString("hex"),
  };
}

/** For {@link OwnTls.repeatsInClear}. */
export function repeating({ repeatsInClear }: OwnTls, socket: Socket) {
  const heard: Buffer[] = [];
  if (repeatsInClear !== true) return {};
  return {
    heard: (octets: Buffer) => void heard.push(Buffer.from(octets)),
    closing: () => void socket.write(Buffer.concat(heard)),
  };
}

/** Takes the connections of an HTTPS server for it. `secured` is told of each before it is served. */
export function ownListener(
  https: Server,
  own: OwnTls,
  setup: () => ServerSetup,
  boundMs: number,
  secured: (stream: Duplex, link: Link) => void,
): Listener {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const events = {
      ...repeating(own, socket),
      connection(stream: Duplex, accepted: Accepted) {
        secured(stream, linkOfAccepted(accepted, socket.remoteAddress ?? ""));
        https.emit("secureConnection", stream);
      },
    };
    serveEngine(socket, setup(), events, boundMs);
  });
  return {
    server,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
