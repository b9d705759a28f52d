import { MAX_SEGMENT, type TcpAddress, type TcpFlag, tcpPacket } from "../../protocols/pcapng/index.ts";
import type { RecordedTcp, TcpEnd, TcpEvent } from "../relay/recording.ts";
import type { Destination } from "../secure-client.ts";
import { addressOctets } from "./ip-address.ts";

/** An IP packet at its time: milliseconds since 1970. */
export interface TimedPacket {
  readonly at: number;
  readonly octets: Buffer;
  readonly comment?: string;
}

/** Largest window there is: 65,535 shifted by 14 (RFC 7323 2.3), so that no reader believes that one was full. */
const WINDOW = 0xffff;
/** Maximum segment size of 65,495 octets, and window scale 14 (RFC 9293 3.2, RFC 7323 2.2). */
const SYN_OPTIONS = Buffer.from("0204ffd7" + "0103030e", "hex");
/** SYN and FIN each take a sequence number. */
const ONE = 1;

/** The segments with which TCP carries what was recorded, opening and acknowledging included. */
export function packetsOf(recorded: RecordedTcp): readonly TimedPacket[] {
  const made = new Segments(recorded);
  made.open(recorded.openedAt);
  for (const event of recorded.events) made.add(event);
  return made.packets;
}

const other = (end: TcpEnd): TcpEnd => (end === "client" ? "server" : "client");

class Segments {
  readonly packets: TimedPacket[] = [];
  readonly #addresses: Readonly<Record<TcpEnd, TcpAddress>>;
  readonly #next: Record<TcpEnd, number> = { client: 0, server: 0 };
  readonly #ended = new Set<TcpEnd>();
  #reset = false;

  constructor({ client, server }: RecordedTcp) {
    this.#addresses = sameFamily(client, server);
  }

  open(at: number): void {
    this.#put("client", at, ["syn"], { options: SYN_OPTIONS });
    this.#next.client += ONE;
    this.#put("server", at, ["syn", "ack"], { options: SYN_OPTIONS });
    this.#next.server += ONE;
    this.#put("client", at, ["ack"]);
  }

  add({ at, from, kind, octets, comment }: TcpEvent): void {
    // What an end sends behind its own end or a reset never left it.
    if (this.#reset || this.#ended.has(from)) return;
    if (kind === "data") this.#data(at, from, octets, comment);
    if (kind === "end") {
      this.#put(from, at, ["fin", "ack"], { comment });
      this.#next[from] += ONE;
      this.#ended.add(from);
      this.#put(other(from), at, ["ack"]);
    }
    if (kind === "reset") {
      this.#put(from, at, ["rst", "ack"], { comment });
      this.#reset = true;
    }
  }

  #data(at: number, from: TcpEnd, octets: Buffer, comment: string | undefined): void {
    for (let start = 0; start < octets.length; start += MAX_SEGMENT) {
      const data = octets.subarray(start, start + MAX_SEGMENT);
      this.#put(from, at, ["psh", "ack"], { data, comment: start === 0 ? comment : undefined });
      this.#next[from] += data.length;
    }
  }

  #put(
    from: TcpEnd,
    at: number,
    flags: readonly TcpFlag[],
    more: { readonly data?: Buffer; readonly options?: Buffer; readonly comment?: string | undefined } = {},
  ): void {
    const { comment, ...rest } = more;
    const octets = tcpPacket({
      from: this.#addresses[from],
      to: this.#addresses[other(from)],
      sequence: this.#next[from],
      acknowledged: flags.includes("ack") ? this.#next[other(from)] : 0,
      flags,
      window: WINDOW,
      ...rest,
    });
    this.packets.push({ at, octets, ...(comment === undefined ? {} : { comment }) });
  }
}

/** A socket that listens for both families may name its own address in one and its peer's in the other. */
function sameFamily(client: Destination, server: Destination): Readonly<Record<TcpEnd, TcpAddress>> {
  const [one, two] = [addressOctets(client.host), addressOctets(server.host)];
  const mixed = one.length !== two.length;
  const host = (octets: Buffer) => (mixed && octets.length === 4 ? mapped(octets) : octets);
  return { client: { host: host(one), port: client.port }, server: { host: host(two), port: server.port } };
}

const mapped = (ipv4: Buffer): Buffer => Buffer.concat([Buffer.alloc(10), Buffer.from("ffff", "hex"), ipv4]);
