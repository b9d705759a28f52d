import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { encodeMessage, RESULT } from "../../protocols/diameter/index.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { clientName } from "./client-certificate.ts";
import { type DiameterName, diameterAnswer, failure, type KeyRequestMessage } from "./diameter-answers.ts";
import type { WireAnswer } from "./diameter-deviations.ts";
import { DiameterPeer } from "./diameter-peer.ts";
import { ReturningListener } from "./returning-listener.ts";
import type { ZnCredentials, ZnListener, ZnListenerOptions, ZnListening } from "./zn-reaction.ts";

/** Octets of a Ua security protocol identifier, the last ones of a NAF_Id. */
const UA_LENGTH = 5;

export interface DiameterServerOptions extends ZnListenerOptions {
  /** DiameterIdentity and realm of the key manager; its certificate names the identity. */
  readonly self: DiameterName;
  /** `none`: TCP alone, for a path that something else protects (RFC 6733 13: IPsec). */
  readonly protection: "tls" | "none";
}

/**
 * Zn as Diameter (TS 29.109, RFC 6733): over TLS from the start, in which both ends authenticate (RFC 6733 13.1).
 * A peer without a certificate of the given CAs does not get a TLS connection.
 */
export class DiameterServer implements ZnListener {
  readonly #options: DiameterServerOptions;
  readonly #listener: ReturningListener;

  constructor(options: DiameterServerOptions) {
    this.#options = options;
    this.#listener = new ReturningListener(options.host, options.port);
  }

  get port(): number {
    return this.#listener.port;
  }

  async listen({
    credentials = this.#ownCredentials(),
    at,
    onSecret,
  }: ZnListening = {}): Promise<Destination> {
    const server = this.#newServer(credentials);
    if (onSecret !== undefined) server.on("keylog", (line: Buffer) => onSecret(line.toString("latin1")));
    return this.#listener.listen(server, at);
  }

  #ownCredentials(): ZnCredentials {
    return this.#options.protection === "none" ? "unprotected" : this.#options;
  }

  #newServer(credentials: ZnCredentials): Server {
    if (credentials === "unprotected") return createServer((socket) => this.#accept(socket));
    const server = createTlsServer({
      key: credentials.privateKey,
      cert: credentials.certificate,
      ca: this.#options.trust,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    });
    // Refused handshakes are the enabler's business, seen in what it does next.
    server.on("tlsClientError", (error) => this.#options.onRefused?.(error.message));
    server.on("secureConnection", (socket) => this.#accept(socket));
    return server;
  }

  #accept(socket: Socket): void {
    const client = clientName(socket);
    const { remotePort } = socket;
    new DiameterPeer(socket, {
      self: this.#options.self,
      localAddress: socket.localAddress ?? "",
      onMalformed: this.#options.onMalformed,
      onKeyRequest: (request) => this.#answerTo(request, client),
      // The TCP connection under TLS is the one with the same port: only that one can be reset.
      reset: () => {
        const tcp = [...this.#listener.connections].find((one) => one.remotePort === remotePort);
        tcp?.resetAndDestroy();
        socket.destroy();
      },
    });
  }

  async #answerTo(request: KeyRequestMessage, client: string): Promise<WireAnswer | "silent" | "reset"> {
    const { self, onRequest, onMalformed } = this.#options;
    const { fields } = request;
    const undeliverable = this.#undeliverable(request);
    if (undeliverable !== undefined) {
      onMalformed(undeliverable.problem);
      return { octets: encodeMessage(failure(request.header, self, undeliverable.resultCode, fields)) };
    }
    const nafId = Buffer.from(fields["NAF-Id"]);
    if (nafId.length <= UA_LENGTH) {
      onMalformed(`a NAF-Id of ${nafId.length} octets has no room for an FQDN and a Ua identifier`);
      return { octets: encodeMessage(failure(request.header, self, RESULT.invalidAvpValue, fields)) };
    }
    const reaction = await onRequest({
      btid: transactionText(Buffer.from(fields["Transaction-Identifier"])),
      nafFqdn: nafId.subarray(0, -UA_LENGTH).toString("utf8"),
      ua: nafId.subarray(-UA_LENGTH).toString("hex"),
      client,
      originHost: fields["Origin-Host"],
    });
    return diameterAnswer(reaction, request, self);
  }

  /** RFC 6733 6.1: a request for another host or realm is none that is processed here. */
  #undeliverable({ fields }: KeyRequestMessage) {
    const { host, realm } = this.#options.self;
    const { "Destination-Realm": toRealm, "Destination-Host": toHost = host } = fields;
    if (toRealm.toLowerCase() !== realm.toLowerCase()) {
      const problem = `Destination-Realm is ${toRealm}, the key manager is in the realm ${realm}`;
      return { resultCode: RESULT.realmNotServed, problem };
    }
    if (toHost.toLowerCase() !== host.toLowerCase()) {
      const problem = `Destination-Host is ${toHost}, the key manager is ${host}`;
      return { resultCode: RESULT.unableToDeliver, problem };
    }
    return undefined;
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }
}

/** A B-TID is UTF-8; other octets name none, and never become the text that a careless decoder would make of them. */
function transactionText(octets: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return `octets ${octets.toString("hex")}`;
  }
}
