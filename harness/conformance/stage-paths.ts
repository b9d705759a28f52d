import { VisitedNetwork } from "../roles/visited-network/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import { AddressTranslation } from "../wire/address-translation.ts";
import { captureOf } from "../wire/capture/capture.ts";
import { KeyLog } from "./key-log.ts";

/** Octets that a case records of what goes over one network, both sides together: 2 MiB. */
const BOUNDS = { recordedOctets: 2 * 1024 * 1024 };

/** What can stand between the terminals of one case and everybody else, and between enabler and key manager. */
export class StagePaths {
  readonly #system: TestSystem;
  readonly #opened: (path: { close(): Promise<void> }) => void;
  readonly #keyLog = new KeyLog();
  #network: Promise<VisitedNetwork> | undefined;
  #onZn: VisitedNetwork | undefined;

  /** `opened`: told of each path, to be closed with the case. */
  constructor(system: TestSystem, opened: (path: { close(): Promise<void> }) => void) {
    this.#system = system;
    this.#opened = opened;
  }

  async addressTranslation(): Promise<AddressTranslation> {
    const translation = await AddressTranslation.start(this.#destinations());
    this.#opened(translation);
    return translation;
  }

  /** One for the case. */
  visitedNetwork(): Promise<VisitedNetwork> {
    this.#network ??= this.#startNetwork();
    return this.#network;
  }

  /** In the key manager's place, which listens behind it until the network is left. */
  async networkOnZn(): Promise<{ readonly network: VisitedNetwork; readonly leave: () => Promise<void> }> {
    const { keyManager } = this.#system;
    const comeBack = async () => {
      await keyManager.goAway();
      await keyManager.comeBack();
    };
    const behind = await keyManager.standAside((line) => this.#keyLog.add(line));
    try {
      const network = await VisitedNetwork.start([{ ...behind, at: keyManager.zn }], BOUNDS);
      this.#onZn = network;
      const leave = async () => {
        await network.close();
        await comeBack();
      };
      return { network, leave };
    } catch (error) {
      await comeBack();
      throw error;
    }
  }

  /** Takes the secrets of a terminal behind this path; undefined for a path of which there is no capture. */
  secretsOf(path: AddressTranslation | VisitedNetwork | undefined): ((line: string) => void) | undefined {
    return path instanceof VisitedNetwork ? (line) => this.#keyLog.add(line) : undefined;
  }

  /** What went over the case's networks, and what its reader has to know; undefined when the case used none. */
  async captured(): Promise<{ readonly capture: Uint8Array; readonly notes: readonly string[] } | undefined> {
    const networks = [await this.#network, this.#onZn].filter((one) => one !== undefined);
    if (networks.length === 0) return undefined;
    const recordings = networks.map(({ recording }) => recording);
    const notes = recordings.flatMap((one) => one.notes);
    const connections = recordings.flatMap((one) => one.connections);
    return { capture: captureOf({ connections, notes }, this.#keyLog.lines), notes };
  }

  async #startNetwork(): Promise<VisitedNetwork> {
    const network = await VisitedNetwork.start(this.#destinations(), BOUNDS);
    this.#opened(network);
    return network;
  }

  /** Everything that a terminal connects to. */
  #destinations() {
    const { keyManager, endpoints } = this.#system;
    return [keyManager.ub, ...Object.values(endpoints).filter((one) => one !== undefined)];
  }
}
