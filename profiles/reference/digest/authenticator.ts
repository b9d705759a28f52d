import { randomBytes } from "node:crypto";
import { type Admission, canBeBtid, identityOf, type KeyQuery } from "../association.ts";
import type { Policy } from "../policy/policy.ts";
import { digestOf, inputOf } from "./computation.ts";
import type { DigestCredentials } from "./credentials.ts";
import { authenticationInfo, challenges } from "./header-fields.ts";
import { KeyCache } from "./key-cache.ts";
import type { Checked, DigestOffer, DigestRefusal } from "./terms.ts";

/** What the check of one request needs of it. */
export interface DigestRequest {
  readonly method: string;
  /** Request target as it came. */
  readonly target: string;
  /** Values of all Authorization fields. */
  readonly authorization: readonly string[];
  readonly body: Buffer;
  /** The body came with transfer coding chunked. */
  readonly chunked: boolean;
  /** Ua security protocol identifier of the connection. */
  readonly ua: string;
  /** Address from which the terminal came. */
  readonly peer?: string;
}

const refused = (refusal: DigestRefusal): Checked => ({ ok: false, refusal });

/** HTTP Digest with Ks_NAF (TS 33.222 5.3, TS 24.109 5.2; RFC 7616) on the server's side. */
export class DigestAuthenticator {
  readonly #policy: Policy;
  readonly #serverName: string;
  readonly #offer: DigestOffer;
  readonly #realm: string;
  readonly #nonces;
  readonly #keys: KeyCache;
  /** Returned by clients as it is; nothing is read out of it (RFC 7616 3.3). */
  readonly #opaque = randomBytes(12).toString("base64");

  constructor(
    serverName: string,
    policy: Policy,
    offer: DigestOffer,
    obtain: (query: KeyQuery) => Promise<Admission>,
  ) {
    this.#offer = offer;
    this.#policy = policy;
    this.#serverName = serverName;
    this.#realm = policy.realm(serverName);
    this.#nonces = policy.nonceLedger(offer.nonceLifetimeMs);
    this.#keys = new KeyCache(obtain, policy);
  }

  /** Values of WWW-Authenticate, with a new nonce. */
  challenges(stale: boolean): string[] {
    const nonce = this.#nonces.issue(Date.now());
    return challenges(this.#offer, { realm: this.#realm, nonce, opaque: this.#opaque, stale });
  }

  /** Whether a request proves a key. The body has to be complete: it is hashed before anything acts on it. */
  async check(request: DigestRequest): Promise<Checked> {
    const credentials = this.#credentials(request);
    if (credentials === "absent") return this.#withoutCredentials();
    if (credentials === "malformed") return refused("malformed-credentials");
    if (!this.#policy.isOwnRealm(credentials.realm, this.#realm)) return refused("wrong-response");
    const state = this.#nonces.look(credentials.nonce, Date.now());
    if (state !== "current") return refused(state === "stale" ? "stale-nonce" : "unknown-nonce");
    if (!canBeBtid(credentials.username)) return refused("unknown");
    return this.#checkKey(request, credentials);
  }

  #withoutCredentials(): Checked {
    const identity = this.#policy.identityWithoutCredentials;
    if (identity === undefined) return refused("no-credentials");
    return { ok: true, identity, authenticationInfo: () => undefined };
  }

  /** Credentials that belong to this request: their `uri` is its target (RFC 7616 3.4.6). */
  #credentials({ authorization, target }: DigestRequest): DigestCredentials | "absent" | "malformed" {
    const credentials = this.#policy.credentials(authorization);
    if (credentials === "absent" || credentials === "malformed") return credentials;
    if (credentials.protection === undefined && this.#policy.qopRequired) return "malformed";
    if (!this.#policy.isOffered(credentials, this.#offer)) return "malformed";
    return this.#policy.namesTarget(credentials.uri, target) ? credentials : "malformed";
  }

  async #checkKey(request: DigestRequest, credentials: DigestCredentials): Promise<Checked> {
    const query: KeyQuery = {
      wayIn: "uc1.https-digest",
      btid: credentials.username,
      nafFqdn: this.#serverName,
      ua: request.ua,
      ...(request.peer === undefined ? {} : { peer: request.peer }),
    };
    const admission = await this.#keys.admission(query);
    if (!admission.admitted) return refused(admission.reason);
    const { association } = admission;
    const key = await this.#policy.provenKey({
      credentials,
      method: request.method,
      target: request.target,
      body: request.body,
      chunked: request.chunked,
      query,
      association,
      obtain: (other) => this.#keys.admission(other),
    });
    if (key === undefined) return refused("wrong-response");
    // Only a right response uses a count up: nobody else can spend a user's counts.
    if (!this.#useCount(credentials)) return refused("used-count");
    return {
      ok: true,
      identity: identityOf(association),
      authenticationInfo: (body) => this.#authenticationInfo(credentials, key, body),
    };
  }

  /** Without qop there is no count (RFC 7616 3.4.3 is then that of RFC 2069): the nonce serves once. */
  #useCount({ nonce, protection }: DigestCredentials): boolean {
    const count = protection === undefined ? 1 : Number.parseInt(protection.nc, 16);
    return this.#nonces.use(nonce, count, protection?.cnonce ?? "", Date.now());
  }

  #authenticationInfo(credentials: DigestCredentials, key: Buffer, body: Buffer): string | undefined {
    const { protection } = credentials;
    if (protection === undefined) return undefined;
    // RFC 7616 3.5: the method is left out of A2.
    const rspauth = digestOf(inputOf(credentials, key), "", body);
    const nextnonce = this.#nonces.next(credentials.nonce, Date.now());
    const more = nextnonce === undefined ? {} : { nextnonce };
    return authenticationInfo(this.#policy.authenticationInfo({ rspauth, ...protection, ...more }));
  }
}
