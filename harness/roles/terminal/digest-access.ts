import { randomBytes } from "node:crypto";
import {
  type Challenge,
  type DigestAlgorithm,
  digestAlgorithm,
  parseAuthenticationInfo,
  parseChallenges,
  type Qop,
  serializeAuthorization,
} from "../../protocols/digest/index.ts";
import { ksNafPassword, parseBootstrappingRealm, type UaIdentifier } from "../../protocols/gba/index.ts";
import type { HttpOutcome } from "../../wire/http-connection.ts";
import { type HttpRequest, type HttpResponse, headerValues } from "../../wire/http-message.ts";
import type { SecureSession } from "../../wire/secure-client.ts";
import type { Access, ApplicationRequest } from "./access.ts";
import { httpRequest } from "./application-request.ts";
import type { NafCredential } from "./credential.ts";
import { type DigestDeviation, deviate } from "./digest-deviations.ts";
import type { EnablerConnection } from "./enabler-connection.ts";
import { type DigestFields, type DigestSecrets, recomputed, type SentRequest } from "./sent-request.ts";

export interface DigestChoice {
  readonly algorithm: DigestAlgorithm;
  readonly qop: Qop;
}

export interface DigestAccessOptions {
  readonly connection: EnablerConnection;
  readonly serverName: string;
  readonly credential: NafCredential;
  /** Ua identifier that the terminal puts into NAF_Id on this connection. */
  readonly ua: UaIdentifier;
  readonly choice: DigestChoice;
}

/** The enabler sent no challenge that this terminal can answer, so there are no credentials to send. */
export class MissingChallenge extends Error {
  override readonly name = "MissingChallenge";

  constructor() {
    super("the enabler sent no challenge that the terminal can answer, so there are no credentials to send");
  }
}

/** `sent` is absent when no challenge could be answered. */
export type DigestOutcome = HttpOutcome & { readonly sent?: SentRequest };

/** Requests over TLS with HTTP Digest, password base64(Ks_NAF) (TS 33.222 5.3, TS 24.109 5.2). */
export class DigestAccess implements Access {
  readonly #options: DigestAccessOptions;
  #challenge: Challenge | undefined;
  #nc = 0;

  constructor(options: DigestAccessOptions) {
    this.#options = options;
  }

  get session(): SecureSession {
    return this.#options.connection.session;
  }

  /** The challenge in use, once one was received. */
  get challenge(): Challenge | undefined {
    return this.#challenge;
  }

  /** Algorithm and password of this access, for responses that a case edits. */
  get secrets(): DigestSecrets {
    const { credential, serverName, ua, choice } = this.#options;
    return {
      algorithm: choice.algorithm,
      password: ksNafPassword(credential.key({ nafFqdn: serverName, ua })),
    };
  }

  /** Another user on the same connection. */
  as(credential: NafCredential): DigestAccess {
    return new DigestAccess({ ...this.#options, credential });
  }

  /** One request without credentials: the answer should be a challenge. */
  ask(request: ApplicationRequest): Promise<HttpOutcome> {
    return this.#options.connection.exchange(httpRequest(this.#options.serverName, request));
  }

  /**
   * Gets a challenge when none is known and answers it; takes up a new nonce once when the old one was stale, or
   * is not accepted a second time. With a deviation nothing is repeated.
   */
  async request(request: ApplicationRequest, deviation?: DigestDeviation): Promise<DigestOutcome> {
    if (this.#challenge === undefined) {
      const first = await this.ask(request);
      if (!first.ok || !this.take(first.response)) return first;
    }
    const outcome = await this.#answer(request, deviation);
    if (!outcome.ok || deviation !== undefined) return outcome;
    if (outcome.response.status !== 401) {
      this.#takeNextNonce(outcome.response);
      return outcome;
    }
    // Nonces for one use exist, and not every server says stale=true when it wants another one.
    const outdated = this.#nc > 1 || this.#choose(outcome.response)?.stale === true;
    return outdated && this.take(outcome.response) ? this.#answer(request, deviation) : outcome;
  }

  /** Takes up a new nonce once, on the same connection, when the old one was stale. */
  async requestHere(request: ApplicationRequest): Promise<HttpOutcome> {
    const outcome = await this.#sendHere(request);
    if (!outcome.ok || outcome.response.status !== 401 || !this.session.alive) return outcome;
    const stale = this.#choose(outcome.response)?.stale === true;
    return stale && this.take(outcome.response) ? this.#sendHere(request) : outcome;
  }

  /** Nothing is repeated, whatever nonce the enabler would rather see. */
  flightHere(requests: readonly ApplicationRequest[]): Promise<readonly HttpOutcome[]> {
    return this.session.pipeline(requests.map((request) => this.#asWritten(request)));
  }

  #sendHere(request: ApplicationRequest): Promise<HttpOutcome> {
    return this.session.exchange(this.#asWritten(request));
  }

  #asWritten(request: ApplicationRequest): HttpRequest {
    // An enabler that never challenged is asked as it was: without credentials.
    if (this.#challenge === undefined) return httpRequest(this.#options.serverName, request);
    return this.#written(this.right(request));
  }

  /** Goes on, on a connection of its own, with the challenge and the counts that another access had. */
  takeOver(other: DigestAccess): void {
    this.#challenge = other.#challenge;
    this.#nc = other.#nc;
  }

  /** Sends recorded or edited credentials as they are. */
  send(sent: SentRequest): Promise<HttpOutcome> {
    return this.#options.connection.exchange(this.#written(sent));
  }

  /** Sends recorded or edited credentials in one flight, and gives the outcomes in their order. */
  pipeline(flight: readonly SentRequest[]): Promise<readonly HttpOutcome[]> {
    return this.#options.connection.pipeline(flight.map((sent) => this.#written(sent)));
  }

  #written({ request, fields, authorization = [serializeAuthorization(fields)] }: SentRequest): HttpRequest {
    return httpRequest(this.#options.serverName, request, authorization);
  }

  /** Takes up the challenge of a response. False when there is none for this access. */
  take(response: HttpResponse): boolean {
    const challenge = this.#choose(response);
    if (challenge === undefined) return false;
    this.#challenge = challenge;
    this.#nc = 0;
    return true;
  }

  /** The right credentials for the challenge in use, with the next nonce count. @throws MissingChallenge */
  right(request: ApplicationRequest): SentRequest {
    return recomputed({ request, fields: this.#fields(request) }, this.secrets);
  }

  async #answer(request: ApplicationRequest, deviation: DigestDeviation | undefined): Promise<DigestOutcome> {
    const right = this.right(request);
    const sent = deviation === undefined ? right : deviate(deviation, right, this.secrets);
    return { ...(await this.send(sent)), sent };
  }

  /** Everything but the response, with the next nonce count. */
  #fields(request: ApplicationRequest): DigestFields {
    const { credential, serverName, choice } = this.#options;
    const challenge = this.#challenge;
    if (challenge === undefined) throw new MissingChallenge();
    this.#nc += 1;
    const counted = {
      qop: choice.qop,
      nc: this.#nc.toString(16).padStart(8, "0"),
      cnonce: randomBytes(16).toString("hex"),
    };
    return {
      username: credential.name,
      realm: realmFor(challenge.realm ?? "", serverName),
      nonce: challenge.nonce,
      uri: request.target,
      // RFC 7616 3.4: algorithm is returned as it was received, and left out when it was absent.
      algorithm: challenge.parameters.get("algorithm")?.value,
      opaque: challenge.opaque,
      // RFC 2617 3.2.2: without qop in the challenge there is none in the answer.
      ...(challenge.qop === undefined ? {} : counted),
    };
  }

  /** RFC 7616 3.5: the nonce that the server wishes to see next. */
  #takeNextNonce(response: HttpResponse): void {
    const header = headerValues(response, "authentication-info")[0];
    if (header === undefined || this.#challenge === undefined) return;
    const nonce = nextNonce(header);
    if (nonce === undefined || nonce === "") return;
    this.#challenge = { ...this.#challenge, nonce };
    this.#nc = 0;
  }

  #choose(response: HttpResponse): Challenge | undefined {
    return gbaChallenges(response, this.#options.serverName).find(
      ({ algorithm }) => digestAlgorithm(algorithm) === this.#options.choice.algorithm,
    );
  }
}

function nextNonce(header: string): string | undefined {
  try {
    return parseAuthenticationInfo(header).nextnonce;
  } catch {
    return undefined;
  }
}

/** Digest challenges with a bootstrapping realm for this FQDN; none when the header is no list of challenges. */
export function gbaChallenges(response: HttpResponse, fqdn: string): readonly Challenge[] {
  let challenges: readonly Challenge[];
  try {
    challenges = parseChallenges(headerValues(response, "www-authenticate"));
  } catch {
    return [];
  }
  return challenges.filter(
    ({ scheme, realm }) =>
      scheme.toLowerCase() === "digest" && realm !== undefined && realmFor(realm, fqdn) !== undefined,
  );
}

/** Of a realm with two names the one for a key in the ME; it stands in the answer and in the hash (TS 24.109 5.2.4). */
function realmFor(realm: string, fqdn: string): string | undefined {
  const realms = parseBootstrappingRealm(realm);
  const mine = realms.find(
    // Some products put the port behind the name (oracles T8): odd, and judged where the challenge is.
    (one) =>
      one.variant === "3GPP-bootstrapping" &&
      one.fqdn.toLowerCase().replace(/:\d{1,5}$/, "") === fqdn.toLowerCase(),
  );
  if (mine === undefined) return undefined;
  return realms.length === 1 ? realm : `${mine.variant}@${mine.fqdn}`;
}
