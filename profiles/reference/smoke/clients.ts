import { createHash } from "node:crypto";
import { type RequestOptions, request as requestHttp } from "node:http";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import { type Bench, SERVER_NAME } from "./bench.ts";
import { type Bootstrapping, deriveKey } from "./key-manager.ts";

/** The enabler that a client connects to. */
export type Target = Pick<Bench, "material" | "endpoints">;

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

export interface PskOffer {
  readonly version: SecureVersion;
  /** OpenSSL's name. */
  readonly cipher: string;
  readonly identity: string;
  readonly key: Buffer;
  readonly serverName?: string;
  /** OpenSSL's names of key exchange groups, in the client's order. */
  readonly groups?: string;
  /** Address from which the client comes; absent: any. */
  readonly localAddress?: string;
  /** Told the psk_identity_hint, null when none came. */
  readonly onHint?: (hint: string | null) => void;
}

/** Resolves after the handshake; rejects with the error or the close that ended it. */
function handshake(socket: TLSSocket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => resolve(socket));
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

/** `port`: of a path to the enabler, when the connection does not go straight to it. */
export function connectPsk(target: Target, offer: PskOffer, port?: number): Promise<TLSSocket> {
  return handshake(
    connect({
      ...target.endpoints["uc1.psk-tls"],
      ...(port === undefined ? {} : { port }),
      ...(offer.localAddress === undefined ? {} : { localAddress: offer.localAddress }),
      servername: offer.serverName ?? SERVER_NAME,
      minVersion: offer.version,
      maxVersion: offer.version,
      ciphers: offer.version === "TLSv1.3" ? offer.cipher : `${offer.cipher}:@SECLEVEL=0`,
      ...(offer.groups === undefined ? {} : { ecdhCurve: offer.groups }),
      checkServerIdentity: () => undefined,
      rejectUnauthorized: false,
      pskCallback: (hint) => {
        offer.onHint?.(hint);
        return { identity: offer.identity, psk: offer.key };
      },
    }),
  );
}

export const identityOf = (user: Bootstrapping) => `3GPP-bootstrapping;${user.btid}`;

/** TLS version, OpenSSL's name of a suite, Ua security protocol identifier of both. */
export type Link = readonly [version: PskOffer["version"], cipher: string, ua: string];

/** A PSK offer that should work. */
export function pskOffer(user: Bootstrapping, ...[version, cipher, ua]: Link): PskOffer {
  return { version, cipher, identity: identityOf(user), key: deriveKey(user, SERVER_NAME, ua) };
}

/** `ciphers`: instead of what Node offers. */
export function connectHttps(
  target: Target,
  version: PskOffer["version"],
  ciphers?: string,
): Promise<TLSSocket> {
  return handshake(
    connect({
      ...target.endpoints["uc1.https-digest"],
      servername: SERVER_NAME,
      ca: target.material.authority.certificate,
      minVersion: version,
      maxVersion: version,
      // Without a certificate there is nothing to verify.
      ...(ciphers === undefined ? {} : { ciphers, rejectUnauthorized: false }),
    }),
  );
}

/** One HTTP exchange over a connection that stays open. */
export async function exchange(socket: TLSSocket, sent: Sent): Promise<Response> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(new Error("closed"));
  socket.once("close", end);
  try {
    return await Promise.race([send({ createConnection: () => socket }, sent), ended.promise]);
  } finally {
    socket.off("close", end);
  }
}

/** One HTTP exchange without TLS. */
export function httpExchange(endpoint: Endpoint, sent: Sent): Promise<Response> {
  return send(endpoint, sent);
}

function send(options: RequestOptions, sent: Sent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { Host: SERVER_NAME, Connection: "keep-alive", ...sent.headers };
    const request = requestHttp(
      { ...options, method: sent.method ?? "GET", path: sent.path, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(sent.body);
  });
}

export interface DigestChoice {
  readonly user: string;
  readonly key: Buffer;
  readonly nonce: string;
  readonly nc?: number;
  readonly cnonce?: string;
  readonly qop?: "auth" | "auth-int" | "none";
  readonly algorithm?: "MD5" | "SHA-256";
  /** What is hashed in place of the body that is sent. */
  readonly hashedBody?: string;
  readonly uri?: string;
  readonly realm?: string;
  /** What is hashed in place of the method that is sent. */
  readonly hashedMethod?: string;
  /** nc as it is sent, in place of `nc` in 8 hex digits. */
  readonly count?: string;
  readonly response?: string;
}

/** The nonce of a 401. */
export function nonceOf(response: Response): string {
  const challenge = String(response.headers["www-authenticate"]);
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1];
  if (nonce === undefined) throw new Error(`no nonce in ${challenge}`);
  return nonce;
}

/** Value of Authorization, made apart from the enabler's own code. */
export function authorization(sent: Sent, choice: DigestChoice): string {
  const { algorithm = "SHA-256", qop = "auth", nc = 1, cnonce = "0a4f113b" } = choice;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const realm = choice.realm ?? `3GPP-bootstrapping@${SERVER_NAME}`;
  const uri = choice.uri ?? sent.path;
  const count = choice.count ?? nc.toString(16).padStart(8, "0");
  const body = choice.hashedBody ?? sent.body ?? "";
  const a1 = hash(`${choice.user}:${realm}:${choice.key.toString("base64")}`);
  const a2 = hash(
    `${choice.hashedMethod ?? sent.method ?? "GET"}:${uri}${qop === "auth-int" ? `:${hash(body)}` : ""}`,
  );
  const middle = qop === "none" ? choice.nonce : `${choice.nonce}:${count}:${cnonce}:${qop}`;
  const response = choice.response ?? hash(`${a1}:${middle}:${a2}`);
  const protection = qop === "none" ? "" : `, qop=${qop}, nc=${count}, cnonce="${cnonce}"`;
  return `Digest username="${choice.user}", realm="${realm}", nonce="${choice.nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}"${protection}`;
}

/** A request with Digest credentials over the connection. */
export function digestExchange(socket: TLSSocket, sent: Sent, choice: DigestChoice): Promise<Response> {
  return exchange(socket, {
    ...sent,
    headers: { ...sent.headers, Authorization: authorization(sent, choice) },
  });
}
