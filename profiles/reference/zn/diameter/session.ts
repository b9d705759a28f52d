import { randomBytes, randomInt } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { KeyOutcome, KeyQuery } from "../../association.ts";
import type { Policy } from "../../policy/policy.ts";
import { NoAnswer, type ZnConnection } from "../connection.ts";
import { connectToKeyManager } from "../secure-socket.ts";
import { readAnswer, unsigned, valuesOf } from "./answer.ts";
import { type Avp, decodeAvps, MalformedMessage } from "./avp.ts";
import { BASE_AVP } from "./dictionary.ts";
import { bodyOf, COMMAND, encodeMessage, headerOf, type Message, splitMessages } from "./message.ts";
import {
  capabilitiesRequest,
  type DiameterNames,
  type Identifiers,
  keyRequest,
  peerAnswer,
  watchdogRequest,
} from "./messages.ts";

/** Where the key manager is, and what proves the two to each other. All material is PEM. */
export interface DiameterAddress extends DiameterNames {
  readonly host: string;
  readonly port: number;
  readonly trust: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const SUCCESS = 2001;

interface Question extends Identifiers {
  readonly sessionId: string;
  readonly query: KeyQuery;
  readonly settle: (outcome: KeyOutcome) => void;
  readonly fail: (error: NoAnswer) => void;
}

/** One Diameter connection to the key manager, over mutually authenticated TLS from the start (RFC 6733 13). */
export class DiameterSession implements ZnConnection {
  readonly #address: DiameterAddress;
  readonly #policy: Policy;
  readonly #socket: TLSSocket;
  readonly #questions = new Map<number, Question>();
  readonly #up = Promise.withResolvers<void>();
  #received = Buffer.alloc(0);
  /** RFC 6733 3: Hop-by-Hop begins anywhere and grows by one. */
  #nextHopByHop = randomInt(2 ** 32);
  #open = false;
  #failure: NoAnswer | undefined;
  #onSignOfLife: (() => void) | undefined;

  constructor(address: DiameterAddress, policy: Policy) {
    this.#address = address;
    this.#policy = policy;
    const trust = policy.keyManagerTrust;
    const options = {
      host: address.host,
      port: address.port,
      servername: address.destinationHost,
      minVersion: "TLSv1.2",
      ca: address.trust,
      cert: address.certificate,
      key: address.privateKey,
      rejectUnauthorized: trust !== "nothing",
      ...(trust === "chain-and-name" ? {} : { checkServerIdentity: () => undefined }),
    } as const;
    this.#socket = connectToKeyManager(options, policy.keyManagerRecords);
    this.#socket.once("secureConnect", () => {
      this.#send(capabilitiesRequest(this.#identifiers(), address, this.#socket.localAddress ?? ""));
    });
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (error) => this.#fail(error.message));
    this.#socket.once("close", () => this.#fail("the connection was closed"));
    // Nobody may be waiting when the connection ends.
    this.#up.promise.catch(() => {});
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#socket.destroyed;
  }

  async ask(query: KeyQuery, signal: AbortSignal): Promise<KeyOutcome> {
    await this.#up.promise;
    if (!this.usable) throw this.#fail("the connection was closed");
    if (signal.aborted) throw new NoAnswer("silent", "the wait has ended");
    const ids = this.#identifiers();
    const sessionId = `${this.#address.originHost};${Math.floor(Date.now() / 1000)};${randomBytes(8).toString("hex")}`;
    return new Promise((resolve, reject) => {
      const done = () => this.#questions.delete(ids.hopByHop);
      signal.addEventListener("abort", done, { once: true });
      this.#questions.set(ids.hopByHop, {
        ...ids,
        sessionId,
        query,
        settle: (outcome) => {
          done();
          resolve(outcome);
        },
        fail: reject,
      });
      this.#send(keyRequest(ids, this.#address, sessionId, query));
    });
  }

  probe(withinMs: number): void {
    if (!this.#open) {
      this.#failure ??= new NoAnswer("silent", "the connection was not up in time");
      this.destroy();
      return;
    }
    if (!this.usable) return;
    const timer = setTimeout(() => this.destroy(), withinMs);
    this.#onSignOfLife = () => clearTimeout(timer);
    this.#socket.once("close", () => clearTimeout(timer));
    this.#send(watchdogRequest(this.#identifiers(), this.#address));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #identifiers(): Identifiers {
    const hopByHop = this.#nextHopByHop;
    this.#nextHopByHop = (hopByHop + 1) % 2 ** 32;
    return { hopByHop, endToEnd: randomBytes(4).readUInt32BE() };
  }

  #send(message: Message): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeMessage(message));
  }

  #take(chunk: Buffer): void {
    try {
      const { messages, rest } = splitMessages(Buffer.concat([this.#received, chunk]));
      this.#received = Buffer.from(rest);
      for (const octets of messages) this.#message(octets);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      // Where the next message begins is not known any more.
      this.#fail(error.message);
      this.destroy();
    }
  }

  #message(octets: Buffer): void {
    const header = headerOf(octets);
    if (header.request) this.#request(header);
    else if (header.command === COMMAND.capabilitiesExchange && !this.#open) this.#capabilities(octets);
    else if (header.command === COMMAND.deviceWatchdog) this.#onSignOfLife?.();
    else this.#answer(header, octets);
  }

  #request({ command, hopByHop, endToEnd }: Omit<Message, "avps">): void {
    if (command !== COMMAND.deviceWatchdog && command !== COMMAND.disconnectPeer) return;
    this.#send(peerAnswer(command, { hopByHop, endToEnd }, this.#address));
    if (command === COMMAND.disconnectPeer) this.#socket.end();
  }

  #capabilities(octets: Buffer): void {
    const code = unsigned(
      valuesOf(decodeAvps(bodyOf(octets)), BASE_AVP.resultCode)[0] ?? Buffer.alloc(0),
      "Result-Code",
    );
    if (code !== SUCCESS) throw new MalformedMessage(`the capabilities were answered with ${code}`);
    this.#open = true;
    this.#up.resolve();
  }

  #answer(header: Omit<Message, "avps">, octets: Buffer): void {
    const question = this.#policy.diameter.question(header, [...this.#questions.values()]);
    // RFC 6733 3: an answer to nothing that was asked is discarded.
    if (question === undefined) return;
    question.settle(this.#outcome(header, octets, question));
  }

  #outcome(header: Omit<Message, "avps">, octets: Buffer, question: Question): KeyOutcome {
    let avps: readonly Avp[];
    try {
      avps = this.#policy.diameter.avps(bodyOf(octets));
    } catch (error) {
      if (error instanceof MalformedMessage) return { kind: "malformed", detail: error.message };
      throw error;
    }
    const sessionId = valuesOf(avps, BASE_AVP.sessionId)[0]?.toString("utf8");
    if (!this.#policy.diameter.fits(header, sessionId, question))
      return { kind: "malformed", detail: "the answer does not belong to the question" };
    return readAnswer(header.error, avps, question.query, this.#policy);
  }

  #fail(message: string): NoAnswer {
    // Node keeps here why it did not believe the certificate or its name, with the type of an Error.
    this.#failure ??= new NoAnswer(this.#socket.authorizationError ? "untrusted" : "unreachable", message);
    this.#up.reject(this.#failure);
    for (const { fail } of this.#questions.values()) fail(this.#failure);
    this.#questions.clear();
    return this.#failure;
  }
}
