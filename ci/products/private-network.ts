import { Product, ProductError } from "./product.ts";

/**
 * A network namespace with nothing but a loopback interface, for products that listen on every address of the
 * machine. It has no name and lives as long as the process that holds it, so that nothing stays behind.
 */
export class PrivateNetwork {
  readonly #holder: Product;

  private constructor(holder: Product) {
    this.#holder = holder;
  }

  /**
   * @param address one more IPv4 address of its own, for products that want another one than loopback.
   * @throws ProductError with the reason when this user or this machine cannot make one.
   */
  static async create(address?: string): Promise<PrivateNetwork> {
    const bridge = [
      "ip link add peers type bridge",
      `ip address add ${address}/24 dev peers`,
      "ip link set peers up",
    ];
    const steps = ["ip link set lo up", ...(address === undefined ? [] : bridge), "echo up"];
    // cat ends with the tests, whose pipe it reads.
    const holder = new Product(["unshare", "--net", "sh", "-c", `${steps.join(" && ")} && exec cat`]);
    try {
      await holder.line((line) => line === "up" || undefined);
      return new PrivateNetwork(holder);
    } catch (error) {
      await holder.stop();
      throw error;
    }
  }

  /** The command, carried out in this network. */
  inside(command: readonly string[]): readonly string[] {
    const { pid } = this.#holder;
    if (pid === undefined) throw new ProductError("the private network is gone");
    return ["nsenter", `--net=/proc/${pid}/ns/net`, ...command];
  }

  remove(): Promise<void> {
    return this.#holder.stop();
  }
}
