import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  type CipherSuite,
  type ClientEnd,
  type ClientOffer,
  type Established,
  type Hooks,
  type ResumableSession,
  suiteByName,
  TlsClient,
} from "../../../protocols/tls/index.ts";

/** The engine on a TCP connection, with all that it told. */
export class DrivenClient {
  readonly client: TlsClient;
  readonly sessions: ResumableSession[] = [];
  readonly secrets: string[] = [];
  /** What the server sent, one behind the other. */
  received = "";
  /** The first octets that came, on the wire: 4,096 of them at most. */
  heard: Buffer = Buffer.alloc(0);
  established: Established | undefined;
  /** What became of second handshakes, and wishes of the server for one. */
  readonly later: (Established | "declined" | "requested")[] = [];
  /** How TLS ended; `tcp`: without a word. */
  end: ClientEnd | { readonly by: "tcp" } | undefined;
  readonly #socket: Socket;
  readonly #watchers = new Set<() => void>();

  constructor(port: number, offer: ClientOffer, hooks: Hooks = {}) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.client = new TlsClient(
      {
        offer,
        hooks,
        random: (octets) => randomBytes(octets),
        now: () => Date.now(),
        onSecret: (line) => this.secrets.push(line),
      },
      {
        write: (octets) => {
          if (!this.#socket.destroyed) this.#socket.write(octets);
        },
        established: (established) => this.#tell(() => (this.established = established)),
        application: (octets) => this.#tell(() => (this.received += octets.toString("latin1"))),
        session: (session) => this.#tell(() => this.sessions.push(session)),
        renegotiated: (established) => this.#tell(() => this.later.push(established)),
        declined: () => this.#tell(() => this.later.push("declined")),
        helloRequested: () => this.#tell(() => this.later.push("requested")),
        ended: (end) => this.#tell(() => (this.end ??= end)),
      },
    );
    this.#socket.on("connect", () => this.client.start());
    this.#socket.on("data", (chunk: Buffer) => {
      if (this.heard.length < 4_096) this.heard = Buffer.concat([this.heard, chunk]).subarray(0, 4_096);
      this.client.receive(chunk);
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => this.#tell(() => (this.end ??= { by: "tcp" })));
  }

  /** Random of the ServerHello, behind the headers of record and message and the version, as hex. */
  get serverRandom(): string {
    return this.heard.subarray(11, 43).toString("hex");
  }

  send(text: string): void {
    if (!this.#socket.destroyed) this.client.send(Buffer.from(text, "latin1"));
  }

  /** Resolves when `condition` holds or the connection has ended. @throws Error after 10 s */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!condition() && this.end === undefined) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`nothing happens; received ${this.received}`)), 10_000);
      this.#watchers.add(look);
      look();
    });
  }

  /** Resolves when the handshake is done. @throws Error with how the connection ended instead */
  async shaken(): Promise<Established> {
    await this.until(() => this.established !== undefined);
    if (this.established === undefined) throw new Error(`no handshake: ${JSON.stringify(this.end)}`);
    return this.established;
  }

  /** Another handshake on the connection; resolves with what became of it, undefined when the connection ended. */
  async renegotiate(offer: ClientOffer, hooks: Hooks = {}): Promise<Established | "declined" | undefined> {
    const known = this.later.length;
    this.client.renegotiate(offer, hooks);
    await this.until(() => this.later.length > known);
    const [outcome] = this.later.slice(known);
    return outcome === "requested" ? undefined : outcome;
  }

  /** Sends the text and resolves with what came back, once the expected end of it is there. */
  async ask(text: string, ending: string): Promise<string> {
    await this.shaken();
    this.send(text);
    await this.until(() => this.received.endsWith(ending));
    return this.received;
  }

  close(): void {
    this.client.close();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #tell(change: () => unknown): void {
    change();
    for (const look of [...this.#watchers]) look();
  }
}

/** @throws Error when the table has no such suite */
export function suiteNamed(name: string): CipherSuite {
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`${name} is not in the table`);
  return suite;
}
