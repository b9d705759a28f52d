import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeathWatch } from "./death-watch.ts";
import { atSuddenEnd } from "./sudden-end.ts";

/** A directory readable by this user only: that of a test system holds private keys, so it must not stay behind. */
export class TemporaryDirectory {
  readonly path: string;
  readonly #forget: () => void;
  readonly #watch: DeathWatch;

  /** @throws Error of node:fs when the folder for temporary files (TMPDIR) takes no directory. */
  constructor(prefix = "seccf-") {
    this.path = join(tmpdir(), `${prefix}${randomUUID()}`);
    // Both are there before the directory is: nothing can come between.
    this.#watch = new DeathWatch({ folder: this.path });
    this.#forget = atSuddenEnd(() => rmSync(this.path, { recursive: true, force: true }));
    try {
      mkdirSync(this.path, { mode: 0o700 });
    } catch (error) {
      this.#forget();
      void this.#watch.dismiss();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#forget();
    await this.#watch.dismiss();
  }
}
