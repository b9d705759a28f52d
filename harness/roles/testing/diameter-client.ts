import type { Socket } from "node:net";
import {
  type Avp,
  BOOTSTRAPPING_INFO,
  CAPABILITIES_EXCHANGE,
  type DiameterMessage,
  decodeMessage,
  encodeMessage,
  type FieldsOf,
  MessageSplitter,
  requestOf,
  ZN_APPLICATION_GROUP,
} from "../../protocols/diameter/index.ts";
import { nafId, uaFromHex } from "../../protocols/gba/index.ts";
import { NAF, REALM, UA } from "./names.ts";

/** What is asked of a key manager; what is absent is right. */
export interface DiameterQuestion {
  readonly btid?: string;
  readonly nafFqdn?: string;
  /** 10 hexadecimal digits. */
  readonly ua?: string;
  readonly fields?: Partial<FieldsOf<typeof BOOTSTRAPPING_INFO.request>>;
  /** Behind the AVPs of the request. */
  readonly more?: readonly Avp[];
}

/** An enabler's end of Zn over Diameter: one connection for one test, which sends what it is told. */
export class DiameterClient {
  readonly socket: Socket;
  readonly #splitter = new MessageSplitter(100_000);
  readonly #received: Buffer[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #hopByHop = 0;

  /** @param socket connected already. */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      this.#received.push(...this.#splitter.push(chunk));
      this.#wake();
    });
    socket.once("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  identifiers() {
    this.#hopByHop += 1;
    return { hopByHop: this.#hopByHop, endToEnd: 1_000 + this.#hopByHop };
  }

  capabilities(more: Partial<FieldsOf<typeof CAPABILITIES_EXCHANGE.request>> = {}): DiameterMessage {
    return requestOf(CAPABILITIES_EXCHANGE, this.identifiers(), {
      "Origin-Host": NAF,
      "Origin-Realm": REALM,
      "Host-IP-Address": [Buffer.of(127, 0, 0, 1)],
      "Vendor-Id": 0,
      "Product-Name": "test",
      "Vendor-Specific-Application-Id": [ZN_APPLICATION_GROUP],
      ...more,
    });
  }

  question({ btid = "x@bsf", nafFqdn = NAF, ua = UA, fields, more = [] }: DiameterQuestion): DiameterMessage {
    const identifiers = this.identifiers();
    const request = requestOf(BOOTSTRAPPING_INFO, identifiers, {
      "Session-Id": `${NAF};1;${identifiers.hopByHop}`,
      "Vendor-Specific-Application-Id": ZN_APPLICATION_GROUP,
      "Origin-Host": NAF,
      "Origin-Realm": REALM,
      "Destination-Realm": REALM,
      "Transaction-Identifier": Buffer.from(btid),
      "NAF-Id": nafId(nafFqdn, uaFromHex(ua)),
      ...fields,
    });
    return { ...request, avps: [...request.avps, ...more] };
  }

  send(message: DiameterMessage | Uint8Array): void {
    this.socket.write(message instanceof Uint8Array ? message : encodeMessage(message));
  }

  /** The octets of the next message. @throws Error when the connection ends before. */
  async next(): Promise<Buffer> {
    while (this.#received.length === 0) {
      if (this.#ended) throw new Error("the connection ended without an answer");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.shift() ?? Buffer.alloc(0);
  }

  async exchange(message: DiameterMessage | Uint8Array): Promise<DiameterMessage> {
    this.send(message);
    return decodeMessage(await this.next());
  }

  ask(question: DiameterQuestion): Promise<DiameterMessage> {
    return this.exchange(this.question(question));
  }
}
