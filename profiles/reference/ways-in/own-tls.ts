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
  type Laxity,
  type SecondHandshakes,
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
  /** Second handshakes on a connection, which OpenSSL is told to decline; absent: they are declined. */
  readonly secondHandshakes?: SecondHandshakes & {
    /** The connection remains the first user's. */
    readonly keepsUser?: true;
    /** The user who is named is believed with the first user's key. */
    readonly keepsKey?: true;
    /** When the key expires is not known behind it. */
    readonly forgetsExpiry?: true;
  };
  /** Anew for each connection. */
  readonly hooks?: () => NonNullable<ServerSetup["hooks"]>;
  /** Instead of octets that nobody can guess. */
  readonly random?: (octets: number) => Buffer;
  /** The same for its shares alone. */
  readonly randomOfShares?: (octets: number) => Buffer;
  /** What was heard of late, which then stands in tickets, and up to TLS 1.2 nothing protects those. */
  readonly memory?: Buffer[];
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
    ...(own.randomOfShares === undefined ? {} : { randomOfShares: own.randomOfShares }),
    ...(own.laxity === undefined ? {} : { laxity: own.laxity }),
    ...(own.secondHandshakes === undefined ? {} : { secondHandshakes: own.secondHandshakes }),
    ...(own.hooks === undefined ? {} : { hooks: own.hooks() }),
    ...(own.memory === undefined ? {} : { sessions: forgetful(own.memory) }),
  };
}

/** Octets of a ticket. */
const TICKET = 16_384;

/** Gives tickets with which nothing goes on. */
const forgetful = (memory: readonly Buffer[]) => ({
  keep: () => Buffer.concat(memory).subarray(-TICKET),
  find: () => undefined,
});

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

/** For {@link OwnTls.memory}. */
export function remembering({ memory }: OwnTls) {
  return memory === undefined ? {} : { heard: (octets: Buffer) => void memory.push(Buffer.from(octets)) };
}

/** Takes the connections of an HTTPS server for it. `secured` is told of each before it is served, and when it changes. */
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
      ...remembering(own),
      connection(stream: Duplex, accepted: Accepted) {
        secured(stream, linkOfAccepted(accepted, socket.remoteAddress ?? ""));
        https.emit("secureConnection", stream);
      },
      renegotiated: (stream: Duplex, accepted: Accepted) =>
        secured(stream, linkOfAccepted(accepted, socket.remoteAddress ?? "")),
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
