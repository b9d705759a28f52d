import type { IdentityModule } from "../../protocols/aka/index.ts";
import {
  DigestSyntaxError,
  digestResponse,
  parseAuthenticationInfo,
  parseChallenges,
  rspauth,
  serializeAuthorization,
} from "../../protocols/digest/index.ts";
import {
  decodeUbNonce,
  deriveKs,
  deriveTmpi,
  GbaFormatError,
  hasProductToken,
  parseBootstrappingInfo,
  TMPI_TOKEN,
} from "../../protocols/gba/index.ts";
import { HttpConnection } from "../../wire/http-connection.ts";
import { type HttpResponse, headerValues } from "../../wire/http-message.ts";
import { describeEnding, type Observer } from "../../wire/observer.ts";
import type { ConnectionBounds, Destination } from "../../wire/secure-client.ts";
import { connectTcp } from "../../wire/tcp.ts";
import { USER_AGENT } from "./application-request.ts";
import { SecurityAssociation } from "./security-association.ts";

/** Bootstrapping on Ub did not succeed; the message names the message at fault. */
export class BootstrappingError extends Error {
  override readonly name = "BootstrappingError";
}

export interface UbRun {
  readonly keyManager: { readonly name: string; readonly ub: Destination };
  readonly impi: string;
  /** IMPI or TMPI: the identity that goes over Ub (TS 33.220 4.5.2). */
  readonly named: string;
  /** The terminal says that it knows temporary identities (TS 24.109 annex A.3). */
  readonly knowsTmpi: boolean;
  readonly identityModule: IdentityModule;
  readonly bounds: ConnectionBounds;
  readonly observer: Observer;
  /** 16 octets, fresh: the client nonce. */
  readonly cnonce: string;
}

const NC = "00000001";
/** Challenges that one run answers: the first, and one more after a resynchronisation. */
const MAX_CHALLENGES = 2;

/**
 * The bootstrapping procedure of the terminal (TS 24.109 4.2, RFC 3310): Digest AKAv1-MD5 with auth-int,
 * resynchronisation with AUTS, rspauth verified before the B-TID is believed.
 * @throws BootstrappingError
 */
export async function bootstrap(run: UbRun): Promise<SecurityAssociation> {
  const tcp = await connectTcp(run.keyManager.ub, run.bounds.connectMs);
  if (!tcp.ok) throw new BootstrappingError(`Ub: ${describeEnding(tcp.ending)}`);
  const connection = new HttpConnection({
    socket: tcp.socket,
    responseMs: run.bounds.responseMs,
    observer: run.observer,
    from: "terminal",
    to: "key manager",
  });
  try {
    return await procedure(run, connection);
  } finally {
    await connection.close();
  }
}

async function procedure(run: UbRun, connection: HttpConnection): Promise<SecurityAssociation> {
  const realm = run.keyManager.name;
  // TS 24.109 annex A.3: the first request names the user, with empty nonce and response.
  let authorization = serializeAuthorization({
    username: run.named,
    realm,
    nonce: "",
    uri: "/",
    response: "",
  });
  for (let count = 0; count < MAX_CHALLENGES; count++) {
    const challenge = akaChallenge(await get(run, connection, authorization), realm);
    const { rand, autn } = read("Ub 401", () => decodeUbNonce(challenge.nonce));
    const answer = run.identityModule.authenticate(rand, autn);
    if (answer.kind === "mac-failure")
      throw new BootstrappingError("Ub 401: AUTN does not authenticate the network");
    if (answer.kind === "synchronisation-failure") {
      authorization = akaAuthorization(run, challenge, new Uint8Array(), answer.auts);
      continue;
    }
    const response = await get(run, connection, akaAuthorization(run, challenge, answer.res));
    return associationOf(run, challenge, response, { rand, ...answer });
  }
  throw new BootstrappingError("Ub: the key manager did not take the resynchronisation");
}

async function get(run: UbRun, connection: HttpConnection, authorization: string): Promise<HttpResponse> {
  const outcome = await connection.exchange({
    method: "GET",
    target: "/",
    headers: [
      ["Host", run.keyManager.name],
      ["User-Agent", run.knowsTmpi ? `${USER_AGENT} ${TMPI_TOKEN}` : USER_AGENT],
      ["Authorization", authorization],
    ],
  });
  if (!outcome.ok) throw new BootstrappingError(`Ub: ${describeEnding(outcome.ending)}`);
  return outcome.response;
}

interface AkaChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
}

function akaChallenge(response: HttpResponse, realm: string): AkaChallenge {
  if (response.status !== 401) throw new BootstrappingError(`Ub: ${response.status} instead of a challenge`);
  const challenges = read("Ub 401", () => parseChallenges(headerValues(response, "www-authenticate")));
  const challenge = challenges.find(({ algorithm }) => algorithm.toLowerCase() === "akav1-md5");
  if (challenge?.nonce === undefined)
    throw new BootstrappingError("Ub 401: no challenge with algorithm AKAv1-MD5");
  if (challenge.realm !== realm) throw new BootstrappingError(`Ub 401: the realm is not ${realm}`);
  return { realm, nonce: challenge.nonce, opaque: challenge.opaque };
}

/** The parameters of TS 24.109 annex A.4. */
function akaAuthorization(
  run: UbRun,
  challenge: AkaChallenge,
  password: Uint8Array,
  auts?: Uint8Array,
): string {
  const { nonce, opaque, realm } = challenge;
  const fields = {
    username: run.named,
    realm,
    nonce,
    uri: "/",
    qop: "auth-int",
    nc: NC,
    cnonce: run.cnonce,
  } as const;
  const response = digestResponse({ ...fields, algorithm: "AKAv1-MD5", password, method: "GET", body: "" });
  return serializeAuthorization({
    ...fields,
    response,
    opaque,
    algorithm: "AKAv1-MD5",
    auts: auts === undefined ? undefined : Buffer.from(auts).toString("base64"),
  });
}

function associationOf(
  run: UbRun,
  challenge: AkaChallenge,
  response: HttpResponse,
  aka: { rand: Uint8Array; res: Uint8Array; ck: Uint8Array; ik: Uint8Array },
): SecurityAssociation {
  if (response.status !== 200)
    throw new BootstrappingError(`Ub: ${response.status} instead of 200 to the right answer`);
  const body = response.body.toString("utf8");
  const info = headerValues(response, "authentication-info")[0];
  const right = rspauth({
    algorithm: "AKAv1-MD5",
    username: run.named,
    realm: challenge.realm,
    password: aka.res,
    nonce: challenge.nonce,
    uri: "/",
    qop: "auth-int",
    nc: NC,
    cnonce: run.cnonce,
    body,
  });
  // TS 24.109 4.2: only rspauth shows that the network knows RES, so the B-TID is not believed without it.
  if (info === undefined || read("Ub 200", () => parseAuthenticationInfo(info)).rspauth !== right) {
    throw new BootstrappingError("Ub 200: Authentication-Info does not prove the network (rspauth)");
  }
  const { btid, lifetime } = read("Ub 200", () => parseBootstrappingInfo(body));
  const bound = { ks: deriveKs(aka.ck, aka.ik), rand: aka.rand, impi: run.impi };
  const bothKnow = run.knowsTmpi && hasProductToken(headerValues(response, "server")[0], TMPI_TOKEN);
  const tmpi = bothKnow ? deriveTmpi({ ...bound, bsfFqdn: run.keyManager.name }) : undefined;
  return new SecurityAssociation({ btid, ...bound, lifetime, tmpi });
}

/** Reads a part of a message. @throws BootstrappingError that names the message when a decoder does not take it */
function read<T>(message: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof GbaFormatError || error instanceof DigestSyntaxError) {
      throw new BootstrappingError(`${message}: ${error.message}`);
    }
    throw error;
  }
}
