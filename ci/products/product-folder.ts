import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRODUCT_USER } from "./product.ts";

/** A temporary folder for the files of a product, readable by its user only. */
export class ProductFolder {
  readonly path = mkdtempSync(join(tmpdir(), "seccf-product-"));

  constructor() {
    this.#give(this.path);
  }

  /** Writes a file and gives its path. */
  write(name: string, content: string): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600 });
    this.#give(path);
    return path;
  }

  /** Makes a folder in this one and gives its path. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { mode: 0o700 });
    this.#give(path);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #give(path: string): void {
    if (PRODUCT_USER !== undefined) chownSync(path, PRODUCT_USER, PRODUCT_USER);
  }
}
