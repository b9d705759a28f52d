import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeathWatch } from "./death-watch.ts";
import { atSuddenEnd } from "./sudden-end.ts";

/** A directory of one test system, readable by this user only: it holds private keys, so it must not stay behind. */
export class TemporaryDirectory {
  readonly path: string;
  readonly #forget: () => void;
  readonly #watch: DeathWatch;

  private constructor(path: string) {
    this.path = path;
    this.#forget = atSuddenEnd(() => rmSync(path, { recursive: true, force: true }));
    this.#watch = new DeathWatch({ folder: path });
  }

  static async create(): Promise<TemporaryDirectory> {
    return new TemporaryDirectory(await mkdtemp(join(tmpdir(), "seccf-")));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#forget();
    await this.#watch.dismiss();
  }
}
