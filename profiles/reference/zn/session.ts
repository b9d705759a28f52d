import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
} from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, TLSSocket } from "node:tls";
import type { KeyOutcome, KeyQuery } from "../association.ts";
import type { Policy } from "../policy/policy.ts";
import { readAnswer, type ZnResponse } from "./answer.ts";
import { NoAnswer, type ZnConnection } from "./connection.ts";
import { connectToKeyManager } from "./secure-socket.ts";

/** Where the key manager is, and what proves the two to each other. All material is PEM. */
export interface KeyManagerAddress {
  /** apiRoot (TS 29.501 4.4), https; http only where a defect falls back to it. */
  readonly url: URL;
  readonly serverName: string;
  readonly trust: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const PATH = "nbsp-gba/v1/bootstrapping-info-retrieval";
const MAX_BODY = 65_536;

/** Nbsp_GBA (TS 29.309): one HTTP/2 connection to the key manager, over mutually authenticated TLS. */
export class ZnSession implements ZnConnection {
  readonly #address: KeyManagerAddress;
  readonly #policy: Policy;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #ready: Promise<void>;
  #failure: NoAnswer | undefined;

  constructor(address: KeyManagerAddress, policy: Policy) {
    this.#address = address;
    this.#policy = policy;
    this.#socket = connectTo(address, policy);
    this.#session = connectHttp2(address.url, { createConnection: () => this.#socket });
    this.#ready = new Promise((resolve, reject) => {
      this.#session.once("connect", () => resolve());
      this.#session.on("error", (error) => this.#fail(error));
      this.#session.once("close", () => reject(this.#fail(new Error("the connection was closed"))));
    });
    // Nobody may be waiting when the connection ends.
    this.#ready.catch(() => {});
    // After the session's own listener, which needs a connection that stands.
    if (policy.keyManagerTrust === "expired-too") {
      this.#socket.once("secureConnect", () => this.#unlessExpired());
    }
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#session.closed && !this.#session.destroyed;
  }

  async ask(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    const { btid: btId, nafFqdn, ua: uaSecProtId } = query;
    const body = JSON.stringify({ btId, nafId: { nafFqdn, uaSecProtId } });
    const response = await this.#post(body, signal);
    return readAnswer(response, query, (hex) => this.#policy.keyMaterial(hex, query.wayIn));
  }

  /** Posts a JSON document. HTTP/2 matches the answer to this request by its stream. */
  async #post(body: string, signal: AbortSignal): Promise<ZnResponse> {
    await this.#ready;
    if (!this.usable) throw this.#fail(new Error("the connection was closed"));
    const stream = this.#open(signal);
    return new Promise((resolve, reject) => {
      const head = { status: 0, contentType: "" };
      const chunks: Buffer[] = [];
      let length = 0;
      stream.on("response", (headers) => {
        head.status = headers[":status"] ?? 0;
        head.contentType = headers["content-type"] ?? "";
      });
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_BODY) stream.close(constants.NGHTTP2_CANCEL);
      });
      stream.on("error", () => {}); // "close" follows
      stream.once("close", () => {
        // An answer that is too long is cut, and then no JSON: malformed, as it should be.
        if (head.status !== 0 && (stream.rstCode === constants.NGHTTP2_NO_ERROR || length > MAX_BODY)) {
          resolve({ ...head, body: Buffer.concat(chunks).subarray(0, MAX_BODY) });
        } else {
          reject(this.#failure ?? new NoAnswer("unreachable", `stream ended with code ${stream.rstCode}`));
        }
      });
      stream.end(body);
    });
  }

  #open(signal: AbortSignal): ClientHttp2Stream {
    const { url, serverName } = this.#address;
    const headers = {
      ":method": "POST",
      ":authority": url.port === "" ? serverName : `${serverName}:${url.port}`,
      ":path": `${url.pathname.replace(/\/$/, "")}/${PATH}`,
      "content-type": "application/json",
      accept: "application/json",
    };
    try {
      return this.#session.request(headers, { signal });
    } catch (error) {
      // A GOAWAY may have come in since the session was chosen.
      throw this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  probe(withinMs: number): void {
    if (this.#session.connecting) {
      this.#failure ??= new NoAnswer("silent", "the connection was not up in time");
      this.destroy();
      return;
    }
    if (!this.usable) return;
    const timer = setTimeout(() => this.destroy(), withinMs);
    this.#session.once("close", () => clearTimeout(timer));
    this.#session.ping(() => clearTimeout(timer));
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  /** Ends a connection whose certificate is wrong in another respect than its age. */
  #unlessExpired(): void {
    // Node types this as Error but gives the code of OpenSSL's verification as a string.
    const reason: unknown = this.#socket instanceof TLSSocket ? this.#socket.authorizationError : undefined;
    if (!reason || reason === "CERT_HAS_EXPIRED") return;
    this.#fail(new Error(String(reason)));
    this.destroy();
  }

  #fail(error: Error): NoAnswer {
    this.#failure ??= new NoAnswer(
      // Node keeps here why it did not believe the certificate or its name, with the type of an Error.
      this.#socket instanceof TLSSocket && this.#socket.authorizationError ? "untrusted" : "unreachable",
      error.message,
    );
    return this.#failure;
  }
}

function connectTo(address: KeyManagerAddress, policy: Policy): Socket {
  const { url } = address;
  // A URL writes an IPv6 address in brackets, a socket does not.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol === "http:") return connectTcp({ host, port: Number(url.port || 80) });
  const options = tlsOptions(address, policy.keyManagerTrust);
  return connectToKeyManager({ ...options, host, port: Number(url.port || 443) }, policy.keyManagerRecords);
}

function tlsOptions(address: KeyManagerAddress, trust: Policy["keyManagerTrust"]): ConnectionOptions {
  return {
    servername: address.serverName,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
    ca: address.trust,
    cert: address.certificate,
    key: address.privateKey,
    rejectUnauthorized: trust === "chain-and-name" || trust === "chain",
    ...(trust === "chain-and-name" || trust === "expired-too"
      ? {}
      : { checkServerIdentity: () => undefined }),
  };
}
