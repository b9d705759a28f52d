import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { dial, Relay } from "./relay/relay.ts";
import type { Destination } from "./secure-client.ts";

/** Connections that one translation carries at the same time. */
const MAX_CONNECTIONS = 100;
/** Outer connections are given up when they do not come about within this: milliseconds. */
const CONNECT_MS = 10_000;

/** A TCP connection that went through an address translation, as its outer side saw it. */
export interface TranslatedConnection {
  readonly towards: Destination;
  /** Address and port from which it left, `127.64.3.9:40001`; empty before it did. */
  readonly from: string;
  /** Times that the far end answered after the near end had spoken; the handshake of TCP is not counted. */
  readonly roundTrips: number;
}

/**
 * An address translation on the path (NAT, OMA-RD-SEC_CF 5.1.3): each connection leaves with an address and a port of
 * the translation's own. Nothing that is carried is changed. Towards the loopback (127/8) the address is one that
 * nobody else uses, elsewhere that of this host, so that only the port is new.
 */
export class AddressTranslation {
  readonly #connections: Carried[] = [];
  #address = freshAddress();
  #relay: Relay | undefined;

  /** Listens for each destination on the loopback. @throws the socket's error */
  static async start(destinations: readonly Destination[]): Promise<AddressTranslation> {
    const translation = new AddressTranslation();
    translation.#relay = await Relay.start(destinations, {
      name: "the address translation",
      maxConnections: MAX_CONNECTIONS,
      carry: (inner, towards) => void translation.#carry(inner, towards),
    });
    return translation;
  }

  /** Where a terminal behind the translation connects to reach a destination. @throws Error for one that it was not started with */
  inside(destination: Destination): Destination {
    if (this.#relay === undefined) throw new Error("the address translation has not started");
    return this.#relay.inside(destination);
  }

  /** From now on connections leave from another address. Those that stand stay as they are. */
  move(): void {
    this.#address = freshAddress();
  }

  /** Every connection so far, in the order in which they were made. */
  get connections(): readonly TranslatedConnection[] {
    return this.#connections;
  }

  async close(): Promise<void> {
    await this.#relay?.close();
  }

  async #carry(inner: Socket, towards: Destination): Promise<void> {
    const carried = new Carried(towards);
    this.#connections.push(carried);
    const outer = await leave(towards, this.#address);
    if (outer === undefined || inner.destroyed) {
      outer?.destroy();
      inner.resetAndDestroy();
      return;
    }
    this.#relay?.watch(outer);
    carried.from = `${outer.localAddress}:${outer.localPort}`;
    inner.on("data", () => carried.spoke("near"));
    outer.on("data", () => carried.spoke("far"));
    join(inner, outer);
    join(outer, inner);
  }
}

class Carried implements TranslatedConnection {
  readonly towards: Destination;
  from = "";
  roundTrips = 0;
  #last: "near" | "far" = "far";

  constructor(towards: Destination) {
    this.towards = towards;
  }

  spoke(side: "near" | "far"): void {
    if (side === "far" && this.#last === "near") this.roundTrips += 1;
    this.#last = side;
  }
}

/** Hands on what one side says, its end as an end and its reset as a reset. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once("close", (hadError) => {
    if (hadError) to.resetAndDestroy();
    else if (!from.readableEnded) to.destroy();
  });
}

/** An address of 127.64/10 that no other translation is likely to have. */
function freshAddress(): string {
  return `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

/** Connects from this address, or from any where the system does not have it; undefined when it cannot be reached. */
async function leave(towards: Destination, localAddress: string): Promise<Socket | undefined> {
  if (!towards.host.startsWith("127.")) return dial(towards, CONNECT_MS);
  return (await dial(towards, CONNECT_MS, localAddress)) ?? dial(towards, CONNECT_MS);
}
