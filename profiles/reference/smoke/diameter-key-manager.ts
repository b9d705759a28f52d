import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Avp, decodeAvps, numberAvp, textAvp } from "../zn/diameter/avp.ts";
import { BASE_AVP, GBA_AVP, VENDOR_3GPP } from "../zn/diameter/dictionary.ts";
import {
  bodyOf,
  COMMAND,
  encodeMessage,
  headerOf,
  type Message,
  splitMessages,
} from "../zn/diameter/message.ts";
import { KEY_MANAGER_NAME, type Material, SERVER_NAME } from "./bench.ts";

/** A key request as it came in. */
export interface DiameterQuestion extends Message {
  readonly sessionId: string;
  readonly btid: string;
}

/** The answer to each question: whole messages, or octets of any kind. */
export type DiameterReply = (question: DiameterQuestion) => readonly (Message | Buffer)[];

const SUCCESS = 2001;
export const KEY = Buffer.alloc(32, 7);

/** A key manager that is just enough for one Diameter connection: TLS from the start, capabilities, answers. */
export class DiameterKeyManager {
  reply: DiameterReply = (question) => [right(question)];
  answersWatchdog = true;
  readonly received: Omit<Message, "avps">[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start({ authority, keyManager }: Material, shown = keyManager): Promise<DiameterKeyManager> {
    const server = createServer({
      cert: shown.certificate,
      key: shown.privateKey,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const stub = new DiameterKeyManager(server);
    server.on("secureConnection", (socket) => stub.#serve(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return stub;
  }

  get port(): number {
    // address() of a listening TCP server is an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends a message of the peer's own on every connection. */
  send(message: Message): void {
    for (const socket of this.#sockets) socket.write(encodeMessage(message));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {}); // the enabler may end it
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      const { messages, rest } = splitMessages(Buffer.concat([received, chunk]));
      received = Buffer.from(rest);
      for (const octets of messages) {
        for (const answer of this.#answers(octets))
          socket.write(Buffer.isBuffer(answer) ? answer : encodeMessage(answer));
      }
    });
  }

  #answers(octets: Buffer): readonly (Message | Buffer)[] {
    const header = headerOf(octets);
    this.received.push(header);
    if (!header.request) return [];
    if (header.command === COMMAND.deviceWatchdog && !this.answersWatchdog) return [];
    const avps = decodeAvps(bodyOf(octets));
    if (header.command !== COMMAND.bootstrappingInfo)
      return [{ ...header, request: false, avps: [numberAvp(BASE_AVP.resultCode, SUCCESS), ...ORIGIN] }];
    const value = (code: number, vendor: number) =>
      avps.find((avp) => avp.code === code && avp.vendor === vendor)?.data.toString("utf8") ?? "";
    return this.reply({
      ...header,
      avps,
      sessionId: value(BASE_AVP.sessionId, 0),
      btid: value(GBA_AVP.transactionIdentifier, VENDOR_3GPP),
    });
  }
}

const ORIGIN = [
  textAvp(BASE_AVP.originHost, KEY_MANAGER_NAME),
  textAvp(BASE_AVP.originRealm, "home1.example"),
];

/** An AVP of vendor 3GPP with the M flag. */
export const gba = (code: number, data: Buffer): Avp => ({
  code,
  vendor: VENDOR_3GPP,
  mandatory: true,
  data,
});

/** Octets of the type Time for the seconds since 1900. */
export function time(seconds: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(seconds % 2 ** 32);
  return data;
}

/** Year 2035 in the first era. */
const LATER = 4_260_000_000;

/** The right answer; `change` replaces its AVPs. */
export function right(
  { sessionId, ...question }: DiameterQuestion,
  change: (avps: readonly Avp[]) => readonly Avp[] = (avps) => avps,
): Message {
  const avps = [
    textAvp(BASE_AVP.sessionId, sessionId),
    numberAvp(BASE_AVP.resultCode, SUCCESS),
    ...ORIGIN,
    textAvp(BASE_AVP.userName, "user1@home1.example"),
    gba(GBA_AVP.meKeyMaterial, KEY),
    gba(GBA_AVP.keyExpiryTime, time(LATER)),
  ];
  return { ...question, request: false, avps: change(avps) };
}

/** What a session of the enabler has to know to reach the stub. */
export function diameterAddress(material: Material, port: number) {
  return {
    host: "127.0.0.1",
    port,
    originHost: SERVER_NAME,
    originRealm: "home1.example",
    destinationRealm: "home1.example",
    destinationHost: KEY_MANAGER_NAME,
    trust: material.authority.certificate,
    certificate: material.znClient.certificate,
    privateKey: material.znClient.privateKey,
  };
}
