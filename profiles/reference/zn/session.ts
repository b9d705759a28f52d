import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
} from "node:http2";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import type { Unavailability } from "../association.ts";
import type { Policy } from "../policy/policy.ts";
import type { ZnResponse } from "./answer.ts";

/** Where the key manager is, and what proves the two to each other. All material is PEM. */
export interface KeyManagerAddress {
  /** apiRoot (TS 29.501 4.4), https. */
  readonly url: URL;
  readonly serverName: string;
  readonly trust: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** No answer came. */
export class NoAnswer extends Error {
  readonly why: Unavailability;

  constructor(why: Unavailability, message: string) {
    super(message);
    this.name = "NoAnswer";
    this.why = why;
  }
}

const PATH = "nbsp-gba/v1/bootstrapping-info-retrieval";
const MAX_BODY = 65_536;

/** One HTTP/2 connection to the key manager, over mutually authenticated TLS. */
export class ZnSession {
  readonly #address: KeyManagerAddress;
  readonly #socket: TLSSocket;
  readonly #session: ClientHttp2Session;
  readonly #ready: Promise<void>;
  #failure: NoAnswer | undefined;

  constructor(address: KeyManagerAddress, trust: Policy["keyManagerTrust"]) {
    this.#address = address;
    this.#socket = connectTls(tlsOptions(address, trust));
    this.#session = connectHttp2(address.url, { createConnection: () => this.#socket });
    this.#ready = new Promise((resolve, reject) => {
      this.#session.once("connect", () => resolve());
      this.#session.on("error", (error) => this.#fail(error));
      this.#session.once("close", () => reject(this.#fail(new Error("the connection was closed"))));
    });
    // Nobody may be waiting when the connection ends.
    this.#ready.catch(() => {});
  }

  /** False once the connection has ended, is ending or was refused. */
  get usable(): boolean {
    return this.#failure === undefined && !this.#session.closed && !this.#session.destroyed;
  }

  /**
   * Posts a JSON document. HTTP/2 matches the answer to this request by its stream.
   * @throws NoAnswer when the connection cannot be made, ends first, or the signal aborts the wait
   */
  async post(body: string, signal: AbortSignal): Promise<ZnResponse> {
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

  /** Ends a connection that is not up, or does not answer a ping within the time, milliseconds. */
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

  #fail(error: Error): NoAnswer {
    this.#failure ??= new NoAnswer(
      // Node keeps here why it did not believe the certificate or its name, with the type of an Error.
      this.#socket.authorizationError ? "untrusted" : "unreachable",
      error.message,
    );
    return this.#failure;
  }
}

function tlsOptions(address: KeyManagerAddress, trust: Policy["keyManagerTrust"]): ConnectionOptions {
  return {
    // A URL writes an IPv6 address in brackets, a socket does not.
    host: address.url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(address.url.port || 443),
    servername: address.serverName,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
    ca: address.trust,
    cert: address.certificate,
    key: address.privateKey,
    rejectUnauthorized: trust !== "nothing",
    ...(trust === "chain-and-name" ? {} : { checkServerIdentity: () => undefined }),
  };
}
