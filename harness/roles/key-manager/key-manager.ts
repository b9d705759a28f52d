import { randomBytes } from "node:crypto";
import { makeAvp } from "../../protocols/diameter/index.ts";
import { type BTid, deriveKsNaf, makeBTid, nafId, parseBTid, uaFromHex } from "../../protocols/gba/index.ts";
import type { Destination } from "../../wire/secure-client.ts";
import type { KeyManagerActivity } from "./activity.ts";
import { AuthenticationCentre } from "./authentication-centre.ts";
import { DiameterServer } from "./diameter-server.ts";
import { HeldAnswers } from "./held-answers.ts";
import { RequestLog } from "./request-log.ts";
import type { Steering } from "./steering.ts";
import type { Subscriber } from "./subscriber.ts";
import { type Bootstrapping, UbServer, type UbStep } from "./ub-server.ts";
import {
  isKeyless,
  type KeyInformation,
  type KeyRequest,
  type ZnCredentials,
  type ZnListener,
  type ZnReaction,
} from "./zn-reaction.ts";
import { ZnServer } from "./zn-server.ts";

/** Lifetime of a key when nothing else is steered: milliseconds. */
const LIFETIME_MS = 3_600_000;

/** Where Zn listens, and in which binding; Nbsp_GBA when none is named. */
export type ZnOptions =
  | (Destination & { readonly binding?: "nbsp-gba" })
  | (Destination & {
      readonly binding: "diameter";
      /** Realm of the key manager; its DiameterIdentity is its name. */
      readonly realm: string;
      /** Left out: `tls`. `none`: TCP alone, for a path that something else protects. */
      readonly protection?: "tls" | "none";
    });

export interface HoldOptions {
  readonly withinMs: number;
  readonly count?: number;
  readonly first?: (asked: number) => Promise<void>;
}

export interface KeyManagerOptions {
  /** FQDN: realm on Ub, name in the certificate on Zn, domain of each B-TID. */
  readonly name: string;
  readonly ub: Destination;
  readonly zn: ZnOptions;
  /** PEM of the server certificate on Zn and its key, and of the CAs of the enablers. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly trust: string;
  /** FQDNs for which an enabler gets keys (TS 33.220 4.4.5: the key manager checks the NAF's right). */
  readonly authorisedNafs: readonly string[];
  /** Given with every key: which public identities the user has; absent: only what is steered. */
  readonly settingsOf?: (subscriber: Subscriber) => NonNullable<Steering["uss"]>;
  /** Told of everything at once, for whoever watches. */
  readonly onActivity?: (activity: KeyManagerActivity) => void;
}

/** The key manager (BSF): bootstraps terminals on Ub, hands keys to enablers on Zn, and is steered per B-TID. */
export class KeyManager {
  readonly name: string;
  readonly #options: KeyManagerOptions;
  readonly #centre = new AuthenticationCentre();
  readonly #bootstrappings = new Map<string, Bootstrapping & { readonly created: Date }>();
  readonly #steering = new Map<string, Steering>();
  readonly #log = new RequestLog();
  readonly #chosenBTids = new Map<string, BTid>();
  readonly #ubSteps = new Map<string, readonly UbStep[]>();
  readonly #ub: UbServer;
  readonly #zn: ZnListener;
  readonly #held = new Set<HeldAnswers>();

  private constructor(options: KeyManagerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#ub = new UbServer({
      name: options.name,
      ...options.ub,
      centre: this.#centre,
      lifetimeMs: LIFETIME_MS,
      chosenBTid: ({ impi }) => this.#takeChosenBTid(impi),
      onBootstrapped: (bootstrapping) => this.#bootstrapped(bootstrapping),
      onStep: ({ impi }, step) => {
        this.#ubSteps.set(impi, [...(this.#ubSteps.get(impi) ?? []), step]);
        options.onActivity?.({ kind: "ub", impi, step });
      },
      onRefused: (status, problem) => options.onActivity?.({ kind: "ub-refused", status, problem }),
    });
    this.#zn = this.#newListener(options);
  }

  #newListener({ name, zn, certificate, privateKey, trust }: KeyManagerOptions): ZnListener {
    const listener = {
      host: zn.host,
      port: zn.port,
      certificate,
      privateKey,
      trust,
      onRequest: (request: KeyRequest) => this.#answer(request),
      onMalformed: (problem: string) => {
        this.#log.addProblem(problem);
        this.#options.onActivity?.({ kind: "zn-malformed", problem });
      },
      onRefused: (problem: string) => this.#options.onActivity?.({ kind: "zn-refused", problem }),
    };
    if (zn.binding !== "diameter") return new ZnServer(listener);
    const { realm, protection = "tls" } = zn;
    return new DiameterServer({ ...listener, self: { host: name, realm }, protection });
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

  #bootstrapped(bootstrapping: Bootstrapping): void {
    const { btid, subscriber, expiry } = bootstrapping;
    this.#bootstrappings.set(btid, { ...bootstrapping, created: new Date() });
    this.#options.onActivity?.({ kind: "bootstrapped", btid, impi: subscriber.impi, expiry });
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

  /** @throws RangeError when the binding cannot say it: a deviation of Diameter, or a time before 1968 or after 2104. */
  steer(btid: string, steering: Steering): void {
    if (this.#options.zn.binding === "diameter") {
      if (steering.expiry !== undefined) makeAvp("Key-ExpiryTime", steering.expiry);
      if (steering.created !== undefined) makeAvp("BootstrapInfoCreationTime", steering.created);
    } else if (steering.deviation !== undefined) {
      throw new RangeError(`${steering.deviation} is a deviation of Diameter, and Zn is Nbsp_GBA here`);
    }
    this.#steering.set(btid, { ...this.#steering.get(btid), ...steering });
  }

  /**
   * The next bootstrapping of this subscriber gets this B-TID: its local part is opaque to enablers, so it may be of any
   * length. @throws GbaFormatError when it is not of the form name@domain
   */
  chooseBTid(impi: string, btid: string): void {
    this.#chosenBTids.set(impi, parseBTid(btid));
  }

  #takeChosenBTid(impi: string): BTid | undefined {
    const chosen = this.#chosenBTids.get(impi);
    this.#chosenBTids.delete(impi);
    return chosen;
  }

  /** From now on the key has expired on Zn. */
  expireKey(btid: string): void {
    this.steer(btid, { expiry: new Date(Date.now() - 1_000) });
  }

  /** A B-TID of the form that this key manager gives out, which it never gave out. */
  unknownBTid(): BTid {
    return makeBTid(randomBytes(16), this.name);
  }

  /**
   * Holds the answers for these B-TIDs until `count` of them were asked for, all when it is left out, and gives the last
   * one first; everybody else is answered as ever.
   * @param withinMs milliseconds after the first of them was asked for, when the answers go all the same.
   * @param first what is waited for before they go, told how many of the B-TIDs were asked for.
   * @returns how many of the B-TIDs had been asked for when the answers went; open as long as nobody asks. Fails with
   *   what `first` throws.
   */
  holdAnswers(
    btids: readonly string[],
    { withinMs, count = btids.length, first }: HoldOptions,
  ): { readonly released: Promise<number> } {
    const held = new HeldAnswers(btids, count, withinMs, first);
    this.#held.add(held);
    const done = () => this.#held.delete(held);
    void held.released.then(done, done);
    return held;
  }

  /** Key requests that named this B-TID, in order. */
  requestsFor(btid: string): readonly KeyRequest[] {
    return this.#log.of(btid);
  }

  /** What the terminal of this subscriber asked on Ub, in order. */
  ubStepsOf(impi: string): readonly UbStep[] {
    return this.#ubSteps.get(impi) ?? [];
  }

  /** Every B-TID for whose key an enabler asked. */
  get askedFor(): ReadonlySet<string> {
    return this.#log.btids;
  }

  /** Messages on Zn that TS 29.309, or TS 29.109 and RFC 6733, do not allow, one line each. */
  get malformedRequests(): readonly string[] {
    return this.#log.problems;
  }

  /** Stops listening on Zn and drops every connection there. */
  goAway(): Promise<void> {
    return this.#zn.stop();
  }

  /** Listens on Zn again, on the same port; with other credentials, or without TLS, when that is said. */
  async comeBack(credentials?: ZnCredentials): Promise<void> {
    await this.#zn.listen(credentials === undefined ? {} : { credentials });
  }

  /**
   * Leaves its place on Zn to a path: drops every connection, and listens on another port of the loopback until it goes
   * away. `onSecret`: takes the lines of a key log. @returns where it listens
   */
  async standAside(onSecret: (line: string) => void): Promise<Destination> {
    await this.#zn.stop();
    return this.#zn.listen({ at: { host: "127.0.0.1", port: 0 }, onSecret });
  }

  async close(): Promise<void> {
    await Promise.all([this.#ub.close(), this.#zn.stop()]);
  }

  async #answer(request: KeyRequest): Promise<ZnReaction> {
    const reaction = this.#react(request);
    this.#options.onActivity?.({
      kind: "zn",
      request,
      answer: reaction.answer,
      ...("information" in reaction ? { expiry: reaction.information.expiry } : {}),
    });
    await [...this.#held].find((held) => held.holds(request.btid))?.turn(request.btid);
    return reaction;
  }

  #react(request: KeyRequest): ZnReaction {
    this.#log.add(request);
    const steering = this.#steering.get(request.btid) ?? {};
    const answer = steering.answer ?? "key";
    if (isKeyless(answer)) return { answer };
    const bootstrapping = this.#bootstrappings.get(request.btid);
    if (bootstrapping === undefined) return { answer: "unknown" };
    const authorised = this.#options.authorisedNafs.includes(request.nafFqdn) || steering.anyNaf === true;
    if (!authorised) return { answer: "not-authorised" };
    const { deviation } = steering;
    return {
      answer,
      information: informationFor(request, bootstrapping, this.#withSettings(steering, bootstrapping)),
      ...(deviation === undefined ? {} : { deviation }),
    };
  }

  #withSettings(steering: Steering, { subscriber }: Bootstrapping): Steering {
    const { settingsOf } = this.#options;
    const withheld = steering.identity === "withheld";
    if (settingsOf === undefined || steering.uss !== undefined || withheld) return steering;
    return { ...steering, uss: settingsOf(subscriber) };
  }
}

function informationFor(
  { nafFqdn, ua }: KeyRequest,
  { ks, rand, subscriber, ...bootstrapping }: Bootstrapping & { readonly created: Date },
  steering: Steering,
): KeyInformation {
  const { impi } = subscriber;
  const binding = { ks, rand, impi, nafId: nafId(nafFqdn, uaFromHex(ua)) };
  return {
    key: deriveKsNaf(binding),
    uiccKey: steering.uiccKey === undefined ? undefined : deriveKsNaf({ ...binding, variant: "gba-u" }),
    expiry: steering.expiry ?? bootstrapping.expiry,
    created: steering.created ?? bootstrapping.created,
    gbaType: steering.gbaType ?? "3G_GBA",
    impi: steering.identity === "withheld" ? undefined : impi,
    uss: steering.uss ?? [],
  };
}
