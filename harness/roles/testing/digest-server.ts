import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { onTestFinished } from "vitest";
import type { DigestAlgorithm } from "../../protocols/digest/index.ts";
import { suiteByName } from "../../protocols/tls/index.ts";
import { HttpConnection } from "../../wire/http-connection.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import { connectTcp } from "../../wire/tcp.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { EnablerConnection } from "../terminal/enabler-connection.ts";

/** How one server of a test challenges; what is absent is as RFC 7616 has it. */
export interface DigestServerOptions {
  /** Passwords by user name. */
  readonly users: ReadonlyMap<string, string>;
  /** Values of WWW-Authenticate for a nonce; `stale` is true when an answer had the right response. */
  readonly challenges: (nonce: string, stale: boolean) => readonly string[];
  /** Realms of which the answer may have one; the first one is also that of the challenge. */
  readonly realms: readonly string[];
  readonly algorithms?: readonly DigestAlgorithm[];
  readonly qops?: readonly string[];
  /** Answers without qop are taken (RFC 2617 3.2.2). */
  readonly withoutQop?: true;
  /** The challenge names no algorithm, which means MD5. */
  readonly withoutAlgorithm?: true;
  readonly opaque?: string;
  /** Answers that a nonce is good for; absent: any number. */
  readonly usesOfNonce?: number;
  /** Each answer that is served brings a new nonce in Authentication-Info. */
  readonly nextNonce?: true;
}

/** What the server made of each request: `challenged`, `served USER`, or the first reason for a refusal. */
export interface StrictDigest {
  readonly listener: RequestListener;
  readonly log: string[];
  /** Values of Authorization as they were received; empty where there was none. */
  readonly received: string[];
}

interface Nonce {
  readonly value: string;
  readonly counts: Set<number>;
  uses: number;
}

/** Parameters of an Authorization header by the grammar of RFC 7616 3.4; undefined when it breaks it. */
function parse(header: string): ReadonlyMap<string, string> | undefined {
  if (!header.startsWith("Digest ")) return undefined;
  const fields = new Map<string, string>();
  let rest = header.slice(7);
  for (;;) {
    const match = /^([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([A-Za-z0-9-]+))(?:, |$)/.exec(rest);
    if (match === null) return undefined;
    const [whole, name = "", quoted, token] = match;
    const mustNotBeQuoted = ["qop", "nc", "algorithm"].includes(name);
    if (mustNotBeQuoted !== (token !== undefined) || fields.has(name)) return undefined;
    fields.set(name, token ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
    rest = rest.slice(whole.length);
    if (rest === "") return fields;
  }
}

/** A Digest server of node:crypto that forgives nothing. */
export function strictDigest(options: DigestServerOptions): StrictDigest {
  const nonces = new Map<string, Nonce>();
  const log: string[] = [];
  const received: string[] = [];

  function issue(): string {
    const value = randomBytes(18).toString("base64");
    nonces.set(value, { value, counts: new Set(), uses: 0 });
    return value;
  }

  function judge(request: IncomingMessage, body: Buffer): string | { readonly user: string } {
    const fields = parse(request.headers.authorization ?? "");
    if (fields === undefined) return "grammar";
    const user = fields.get("username") ?? "";
    return (
      wrongParameter(fields, request.url ?? "", options) ??
      wrongProof(fields, nonces, options, { method: request.method ?? "", body }) ?? { user }
    );
  }

  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      received.push(request.headers.authorization ?? "");
      const asked = request.headers.authorization !== undefined;
      const verdict = asked ? judge(request, Buffer.concat(chunks)) : "challenged";
      log.push(typeof verdict === "string" ? verdict : `served ${verdict.user}`);
      if (typeof verdict === "string") {
        const challenges = options.challenges(issue(), verdict === "stale");
        response.writeHead(401, { "WWW-Authenticate": [...challenges] }).end();
      } else {
        if (options.nextNonce) response.setHeader("Authentication-Info", `nextnonce="${issue()}"`);
        response.end(`protected resource of ${verdict.user}`);
      }
    });
  };
  return { listener, log, received };
}

type Fields = ReadonlyMap<string, string>;

/** What is wrong before anything is computed. */
function wrongParameter(fields: Fields, target: string, options: DigestServerOptions): string | undefined {
  const get = (name: string) => fields.get(name) ?? "";
  const { algorithms = ["MD5"], qops = ["auth"] } = options;
  const counted = fields.has("qop");
  const right: Readonly<Record<string, boolean>> = {
    uri: get("uri") === target,
    realm: options.realms.includes(get("realm")),
    opaque: fields.get("opaque") === options.opaque,
    // RFC 7616 3.4: it is returned as it was received, and left out when it was absent.
    algorithm: options.withoutAlgorithm
      ? !fields.has("algorithm")
      : algorithms.some((one) => one === fields.get("algorithm")),
    qop: counted ? qops.includes(get("qop")) : options.withoutQop === true,
    "nc and cnonce": counted
      ? /^[0-9a-f]{8}$/.test(get("nc")) && get("cnonce") !== ""
      : !fields.has("nc") && !fields.has("cnonce"),
  };
  return Object.keys(right).find((name) => right[name] !== true);
}

/** What is wrong with nonce, user, response or count. */
function wrongProof(
  fields: Fields,
  nonces: ReadonlyMap<string, Nonce>,
  options: DigestServerOptions,
  request: { readonly method: string; readonly body: Buffer },
): string | undefined {
  const nonce = nonces.get(fields.get("nonce") ?? "");
  if (nonce === undefined) return "nonce";
  const password = options.users.get(fields.get("username") ?? "");
  if (password === undefined) return "username";
  if (fields.get("response") !== expected(fields, password, request)) return "response";
  nonce.uses += 1;
  if (nonce.uses > (options.usesOfNonce ?? Number.POSITIVE_INFINITY)) return "stale";
  const count = Number.parseInt(fields.get("nc") ?? "0", 16);
  if (nonce.counts.has(count)) return "replay";
  nonce.counts.add(count);
  return undefined;
}

function expected(fields: Fields, password: string, request: { method: string; body: Buffer }): string {
  const algorithm = fields.get("algorithm") ?? "MD5";
  const name = algorithm.replace("-sess", "").toLowerCase().replace("sha-256", "sha256");
  const hash = (data: string | Buffer) =>
    createHash(name.replace("sha-512-256", "sha512-256")).update(data).digest("hex");
  const get = (field: string) => fields.get(field) ?? "";
  const secret = hash(`${get("username")}:${get("realm")}:${password}`);
  const a1 = algorithm.endsWith("-sess") ? hash(`${secret}:${get("nonce")}:${get("cnonce")}`) : secret;
  const entity = get("qop") === "auth-int" ? `:${hash(request.body)}` : "";
  const a2 = hash(`${request.method}:${get("uri")}${entity}`);
  const counted = fields.has("qop") ? `${get("nc")}:${get("cnonce")}:${get("qop")}:` : "";
  return hash(`${a1}:${get("nonce")}:${counted}${a2}`);
}

/** Listens for one test on a free port of the loopback. */
export async function listenHttp(server: Server | RequestListener): Promise<{ host: string; port: number }> {
  const listening = typeof server === "function" ? createServer(server) : server;
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(async () => {
    listening.close();
    listening.closeAllConnections();
  });
  const address = listening.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has an address");
  return { host: "127.0.0.1", port: address.port };
}

/** A connection to what listens there, as a terminal holds one, but for TLS: what is asked on it is what counts. */
export async function connectionWith(listener: RequestListener): Promise<EnablerConnection> {
  const at = await listenHttp(listener);
  const open = async () => ({ ok: true, session: await plainSession(at) }) as const;
  return new EnablerConnection((await open()).session, open);
}

async function plainSession(at: { host: string; port: number }): Promise<SecureSession> {
  const tcp = await connectTcp(at, 10_000);
  if (!tcp.ok) throw new Error(JSON.stringify(tcp.ending));
  const { socket } = tcp;
  const http = new HttpConnection({
    socket,
    responseMs: 10_000,
    observer: new Recorder(),
    from: "terminal",
    to: "enabler",
  });
  onTestFinished(() => http.close());
  const suite = suiteByName("TLS_AES_128_GCM_SHA256");
  if (suite === undefined) throw new Error("the suite is in the table");
  return {
    version: "1.3",
    suite,
    pskInUse: false,
    resumed: false,
    hint: null,
    channelBinding: undefined,
    get alive() {
      return !socket.destroyed && socket.readable;
    },
    exchange: (request) => http.exchange(request),
    pipeline: (requests) => http.pipeline(requests),
    close: () => http.close(),
  };
}
