import { randomBytes } from "node:crypto";
import { type BTid, deriveKsNaf, makeBTid, nafId, uaFromHex } from "../../protocols/gba/index.ts";
import type { BootstrappingInfoResponse } from "../../protocols/nbsp-gba/index.ts";
import type { Destination } from "../../wire/secure-client.ts";
import { AuthenticationCentre } from "./authentication-centre.ts";
import type { Steering, ZnAnswer, ZnRequest } from "./steering.ts";
import type { Subscriber } from "./subscriber.ts";
import { type Bootstrapping, UbServer } from "./ub-server.ts";
import { type KeyRequest, problem, type ZnAnswerMessage, type ZnReaction, ZnServer } from "./zn-server.ts";

/** Lifetime of a key when nothing else is steered: milliseconds. */
const LIFETIME_MS = 3_600_000;

export interface KeyManagerOptions {
  /** FQDN: realm on Ub, name in the certificate on Zn, domain of each B-TID. */
  readonly name: string;
  readonly ub: Destination;
  readonly zn: Destination;
  /** PEM of the server certificate on Zn and its key, and of the CAs of the enablers. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly trust: string;
  /** FQDNs for which an enabler gets keys (TS 33.220 4.4.5: the key manager checks the NAF's right). */
  readonly authorisedNafs: readonly string[];
}

/** The key manager (BSF): bootstraps terminals on Ub, hands keys to enablers on Zn, and is steered per B-TID. */
export class KeyManager {
  readonly name: string;
  readonly #options: KeyManagerOptions;
  readonly #centre = new AuthenticationCentre();
  readonly #bootstrappings = new Map<string, Bootstrapping>();
  readonly #steering = new Map<string, Steering>();
  readonly #requests = new Map<string, ZnRequest[]>();
  readonly #problems: string[] = [];
  readonly #ub: UbServer;
  readonly #zn: ZnServer;

  private constructor(options: KeyManagerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#ub = new UbServer({
      name: options.name,
      ...options.ub,
      centre: this.#centre,
      lifetimeMs: LIFETIME_MS,
      onBootstrapped: (bootstrapping) => this.#bootstrappings.set(bootstrapping.btid, bootstrapping),
    });
    this.#zn = new ZnServer({
      ...options.zn,
      certificate: options.certificate,
      privateKey: options.privateKey,
      trust: options.trust,
      onRequest: (request) => this.#react(request),
      onMalformed: (text) => this.#problems.push(text),
    });
  }

  /** Listens on both interfaces. @throws the socket's error, EADDRINUSE when a port is taken. */
  static async start(options: KeyManagerOptions): Promise<KeyManager> {
    const keyManager = new KeyManager(options);
    try {
      await keyManager.#ub.listen();
      await keyManager.#zn.listen();
    } catch (error) {
      await keyManager.close();
      throw error;
    }
    return keyManager;
  }

  get ub(): Destination {
    return { host: this.#options.ub.host, port: this.#ub.port };
  }

  get zn(): Destination {
    return { host: this.#options.zn.host, port: this.#zn.port };
  }

  addSubscriber(subscriber: Subscriber): Subscriber {
    return this.#centre.add(subscriber);
  }

  /** Every IMPI and IMPU that an enabler could be told. */
  identities(): readonly string[] {
    return this.#centre.identities();
  }

  steer(btid: string, steering: Steering): void {
    this.#steering.set(btid, { ...this.#steering.get(btid), ...steering });
  }

  /** From now on the key has expired on Zn. */
  expireKey(btid: string): void {
    this.steer(btid, { expiry: new Date(Date.now() - 1_000) });
  }

  /** A B-TID of the form that this key manager gives out, which it never gave out. */
  unknownBTid(): BTid {
    return makeBTid(randomBytes(16), this.name);
  }

  /** Key requests that named this B-TID, in order. */
  requestsFor(btid: string): readonly ZnRequest[] {
    return this.#requests.get(btid) ?? [];
  }

  /** Requests on Zn that TS 29.309 does not allow, one line each. */
  get malformedRequests(): readonly string[] {
    return this.#problems;
  }

  /** Stops listening on Zn and drops every connection there. */
  goAway(): Promise<void> {
    return this.#zn.stop();
  }

  /** Listens on Zn again, on the same port; with other credentials when they are given. */
  comeBack(credentials?: { certificate: string; privateKey: string }): Promise<void> {
    return this.#zn.listen(credentials);
  }

  async close(): Promise<void> {
    await Promise.all([this.#ub.close(), this.#zn.stop()]);
  }

  #react(request: KeyRequest): ZnReaction {
    const requests = this.#requests.get(request.btid) ?? [];
    this.#requests.set(request.btid, [...requests, request]);
    const steering = this.#steering.get(request.btid) ?? {};
    const answer = steering.answer ?? "key";
    const refusal = REFUSALS[answer];
    if (refusal !== undefined) return refusal;
    const bootstrapping = this.#bootstrappings.get(request.btid);
    if (bootstrapping === undefined) return problem(404, "CONTEXT_NOT_FOUND");
    const authorised = this.#options.authorisedNafs.includes(request.nafFqdn) || steering.anyNaf === true;
    if (!authorised) return problem(403, "NAF_NOT_AUTHORISED");
    return keyAnswer(request, bootstrapping, steering, answer);
  }
}

/** Answers that need no key. */
const REFUSALS: Readonly<Partial<Record<ZnAnswer, ZnReaction>>> = {
  unknown: problem(404, "CONTEXT_NOT_FOUND"),
  "not-authorised": problem(403, "NAF_NOT_AUTHORISED"),
  busy: problem(503, "NF_CONGESTION"),
  overloaded: problem(429, "NF_CONGESTION_RISK"),
  silent: "silent",
  reset: "reset",
  "broken-json": json('{"meKeyMaterial":"00112233'),
  html: { status: 200, contentType: "text/html", body: "<html><body>Welcome</body></html>" },
};

function json(body: string): ZnAnswerMessage {
  return { status: 200, contentType: "application/json", body };
}

function keyAnswer(
  request: KeyRequest,
  { ks, rand, subscriber, expiry }: Bootstrapping,
  steering: Steering,
  answer: ZnAnswer,
): ZnAnswerMessage {
  const key = deriveKsNaf({
    ks,
    rand,
    impi: subscriber.impi,
    nafId: nafId(request.nafFqdn, uaFromHex(request.ua)),
  });
  const right: BootstrappingInfoResponse = {
    meKeyMaterial: Buffer.from(key).toString("hex"),
    keyExpiryTime: (steering.expiry ?? expiry).toISOString(),
    gbaType: "3G_GBA",
    ...(steering.identity === "withheld" ? {} : { impi: subscriber.impi }),
  };
  const { meKeyMaterial, ...withoutKey } = right;
  switch (answer) {
    case "wrong-key":
      return json(JSON.stringify({ ...right, meKeyMaterial: randomBytes(32).toString("hex") }));
    case "short-key":
      return json(JSON.stringify({ ...right, meKeyMaterial: meKeyMaterial.slice(0, 32) }));
    case "empty-key":
      return json(JSON.stringify({ ...right, meKeyMaterial: "" }));
    case "long-key":
      return json(JSON.stringify({ ...right, meKeyMaterial: `${meKeyMaterial}00` }));
    case "no-key":
      return json(JSON.stringify(withoutKey));
    case "no-hex":
      return json(JSON.stringify({ ...right, meKeyMaterial: `zz${meKeyMaterial.slice(2)}` }));
    default:
      return json(JSON.stringify(right));
  }
}
