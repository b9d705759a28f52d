import { VisitedNetwork } from "../roles/visited-network/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import { AddressTranslation } from "../wire/address-translation.ts";
import { captureOf } from "../wire/capture/capture.ts";
import { KeyLog } from "./key-log.ts";

/** Octets that a case records of what goes over its visited network, both sides together: 2 MiB. */
const RECORDED_OCTETS = 2 * 1024 * 1024;

/** What can stand between the terminals of one case and everybody else. */
export class StagePaths {
  readonly #system: TestSystem;
  readonly #opened: (path: { close(): Promise<void> }) => void;
  readonly #keyLog = new KeyLog();
  #network: Promise<VisitedNetwork> | undefined;

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

  /** Takes the secrets of a terminal behind this path; undefined for a path of which there is no capture. */
  secretsOf(path: AddressTranslation | VisitedNetwork | undefined): ((line: string) => void) | undefined {
    return path instanceof VisitedNetwork ? (line) => this.#keyLog.add(line) : undefined;
  }

  /** What went over the visited network, and what its reader has to know; undefined when the case used none. */
  async captured(): Promise<{ readonly capture: Uint8Array; readonly notes: readonly string[] } | undefined> {
    const network = await this.#network;
    if (network === undefined) return undefined;
    const { recording } = network;
    return { capture: captureOf(recording, this.#keyLog.lines), notes: recording.notes };
  }

  async #startNetwork(): Promise<VisitedNetwork> {
    const network = await VisitedNetwork.start(this.#destinations(), { recordedOctets: RECORDED_OCTETS });
    this.#opened(network);
    return network;
  }

  /** Everything that a terminal connects to. */
  #destinations() {
    const { keyManager, endpoints } = this.#system;
    return [keyManager.ub, ...Object.values(endpoints).filter((one) => one !== undefined)];
  }
}
