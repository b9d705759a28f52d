import { isIPv4 } from "node:net";
import type { Duplex } from "node:stream";
import {
  allValues,
  answerTo,
  BOOTSTRAPPING_INFO,
  CAPABILITIES_EXCHANGE,
  type Command,
  DEVICE_WATCHDOG,
  DISCONNECT_PEER,
  DiameterFormatError,
  type DiameterHeader,
  type DiameterMessage,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  firstValue,
  type Layout,
  type LayoutProblem,
  MessageSplitter,
  RELAY_APPLICATION,
  RESULT,
  readFields,
  VENDOR_3GPP,
  ZN_APPLICATION,
  ZN_APPLICATION_GROUP,
} from "../../protocols/diameter/index.ts";
import { type DiameterName, failure, type KeyRequestMessage } from "./diameter-answers.ts";
import type { WireAnswer } from "./diameter-deviations.ts";

/** Octets of the longest message that is read; a request for a key has some hundred. */
const MAX_MESSAGE = 64 * 1024;

export interface DiameterPeerOptions {
  readonly self: DiameterName;
  /** Address of our end, as net.Socket tells it. */
  readonly localAddress: string;
  readonly onKeyRequest: (request: KeyRequestMessage) => Promise<WireAnswer | "silent" | "reset">;
  readonly onMalformed: (problem: string) => void;
  /** Ends the connection at once, with a reset where the system allows it. */
  readonly reset: () => void;
}

/** The connection of one peer of the key manager, which the peer has opened (RFC 6733 5.6). */
export class DiameterPeer {
  readonly #stream: Duplex;
  readonly #options: DiameterPeerOptions;
  readonly #splitter = new MessageSplitter(MAX_MESSAGE);
  /** Capabilities have been exchanged. */
  #open = false;
  /** An answer that waits for another one to change Hop-by-Hop Identifiers with. */
  #unpaired: Buffer | undefined;

  constructor(stream: Duplex, options: DiameterPeerOptions) {
    this.#stream = stream;
    this.#options = options;
    // What becomes of the connection is the peer's doing, seen in what it does next.
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const octets of this.#splitter.push(chunk)) {
        if (this.#stream.writableEnded) return;
        this.#take(octets);
      }
    } catch (error) {
      if (!(error instanceof DiameterFormatError)) throw error;
      this.#breakOff(error.message);
    }
  }

  /** For what leaves no way to answer: the connection is of no use any more. */
  #breakOff(problem: string): void {
    this.#options.onMalformed(problem);
    this.#stream.destroy();
  }

  #take(octets: Buffer): void {
    const header = decodeHeader(octets);
    // We ask nothing, so that no answer belongs to anything (RFC 6733 3: discard).
    if (!header.request) return;
    if (!this.#open && header.command !== CAPABILITIES_EXCHANGE.code) {
      this.#breakOff(`command ${header.command} before the capabilities were exchanged`);
      return;
    }
    const message = this.#decode(octets, header);
    if (message !== undefined) this.#serve(message);
  }

  /** Undefined after the request has been refused for an AVP that ends where it cannot. */
  #decode(octets: Buffer, header: DiameterHeader): DiameterMessage | undefined {
    try {
      return decodeMessage(octets);
    } catch (error) {
      if (!(error instanceof DiameterFormatError)) throw error;
      const failed = {
        code: error.avpCode ?? 0,
        vendor: undefined,
        mandatory: false,
        protected: false,
        reserved: 0,
        data: Buffer.alloc(0),
      };
      this.#refuse(header, { resultCode: RESULT.invalidAvpLength, text: error.message, failed });
      return undefined;
    }
  }

  #serve(message: DiameterMessage): void {
    switch (`${message.application}:${message.command}`) {
      case keyOf(CAPABILITIES_EXCHANGE):
        this.#exchangeCapabilities(message);
        break;
      case keyOf(DEVICE_WATCHDOG):
        this.#confirm(message, DEVICE_WATCHDOG);
        break;
      case keyOf(DISCONNECT_PEER):
        // The peer closes when it has the answer (RFC 6733 5.4).
        this.#confirm(message, DISCONNECT_PEER);
        break;
      case keyOf(BOOTSTRAPPING_INFO):
        void this.#giveKey(message);
        break;
      default:
        this.#refuseCommand(message);
    }
  }

  #refuseCommand({ avps: _, ...header }: DiameterMessage): void {
    const { application, command } = header;
    const known = application === ZN_APPLICATION || application === 0;
    this.#options.onMalformed(
      `command ${command} of application ${application} is not asked of a key manager`,
    );
    const code = known ? RESULT.commandUnsupported : RESULT.applicationUnsupported;
    this.#send(failure(header, this.#options.self, code));
  }

  /** The grammar's fields, or undefined after the request has been refused for what is wrong with it. */
  #fieldsOf<R extends Layout>(message: DiameterMessage, { request }: Command<R>) {
    const read = readFields(request, message.avps);
    if (read.ok) return read.fields;
    this.#refuse(message, read.problem);
    return undefined;
  }

  #refuse(request: DiameterHeader & Partial<DiameterMessage>, problem: LayoutProblem): void {
    this.#options.onMalformed(`command ${request.command}: ${problem.text}`);
    const sessionId = sessionIdOf(request);
    const known = sessionId === undefined ? {} : { "Session-Id": sessionId };
    this.#send(failure(request, this.#options.self, problem.resultCode, known, problem));
  }

  #exchangeCapabilities(message: DiameterMessage): void {
    const fields = this.#fieldsOf(message, CAPABILITIES_EXCHANGE);
    if (fields === undefined) {
      this.#stream.end();
      return;
    }
    const common = namesZn(message);
    this.#open = common;
    const { host, realm } = this.#options.self;
    this.#send(
      answerTo(message, CAPABILITIES_EXCHANGE.answer, {
        "Result-Code": common ? RESULT.success : RESULT.noCommonApplication,
        "Origin-Host": host,
        "Origin-Realm": realm,
        "Host-IP-Address": [addressOctets(this.#options.localAddress)],
        "Vendor-Id": VENDOR_3GPP,
        "Product-Name": "seccf key manager",
        "Supported-Vendor-Id": [VENDOR_3GPP],
        "Auth-Application-Id": [ZN_APPLICATION],
        "Vendor-Specific-Application-Id": [ZN_APPLICATION_GROUP],
      }),
    );
    if (common) return;
    this.#options.onMalformed(`the peer ${fields["Origin-Host"]} does not name the application of Zn`);
    // RFC 6733 5.3: 5010, then the transport SHOULD be disconnected.
    this.#stream.end();
  }

  #confirm(message: DiameterMessage, command: Command): void {
    if (this.#fieldsOf(message, command) === undefined) return;
    const { host, realm } = this.#options.self;
    this.#send(
      // DWA differs by an optional AVP only.
      answerTo(message, DISCONNECT_PEER.answer, {
        "Result-Code": RESULT.success,
        "Origin-Host": host,
        "Origin-Realm": realm,
      }),
    );
  }

  async #giveKey(message: DiameterMessage): Promise<void> {
    const fields = this.#fieldsOf(message, BOOTSTRAPPING_INFO);
    if (fields === undefined) return;
    const answer = await this.#options.onKeyRequest({ header: message, fields });
    if (answer === "silent") return;
    if (answer === "reset") return this.#options.reset();
    const { octets, twice, swapped } = answer;
    if (swapped) return this.#swap(octets);
    this.#write(octets);
    if (twice) this.#write(octets);
  }

  #swap(octets: Buffer): void {
    const first = this.#unpaired;
    this.#unpaired = first === undefined ? octets : undefined;
    if (first === undefined) return;
    const identifiers = [first, octets].map((answer) => decodeHeader(answer).hopByHop);
    for (const [index, answer] of [octets, first].entries()) {
      answer.writeUInt32BE(identifiers[index] ?? 0, 12);
      this.#write(answer);
    }
  }

  #send(message: DiameterMessage): void {
    this.#write(encodeMessage(message));
  }

  #write(octets: Buffer): void {
    if (this.#stream.writable) this.#stream.write(octets);
  }
}

function keyOf({ application, code }: Command): string {
  return `${application}:${code}`;
}

/** RFC 6733 5.3: by itself, in a vendor's group, or as a relay of everything. */
function namesZn({ avps }: DiameterMessage): boolean {
  const groups = allValues(avps, "Vendor-Specific-Application-Id");
  const named = [avps, ...groups].flatMap((all) => allValues(all, "Auth-Application-Id"));
  return named.some((application) => application === ZN_APPLICATION || application === RELAY_APPLICATION);
}

function sessionIdOf({ avps = [] }: Partial<DiameterMessage>): string | undefined {
  try {
    return firstValue(avps, "Session-Id");
  } catch {
    // What cannot be read cannot be sent back.
    return undefined;
  }
}

/** 4 octets; the unspecified address for one that is not IPv4. */
function addressOctets(address: string): Uint8Array {
  const v4 = address.replace(/^::ffff:/, "");
  return isIPv4(v4) ? Buffer.from(v4.split(".").map(Number)) : Buffer.alloc(16);
}
