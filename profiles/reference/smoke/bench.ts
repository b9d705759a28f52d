import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../config.ts";
import { type Enabler, startEnabler } from "../enabler.ts";
import { policyOf } from "../faults.ts";
import { Authority, type Issued } from "./certificates.ts";
import { StubKeyManager } from "./key-manager.ts";

export const SERVER_NAME = "naf.home1.example";
export const OTHER_SERVER_NAME = "portal.home1.example";
export const KEY_MANAGER_NAME = "bsf.home1.example";

/** How long the enabler waits for the key manager, milliseconds. */
export const TIMEOUT_MS = 500;

/** Certificates of one test file: making them takes longer than anything else. */
export class Material {
  readonly authority = new Authority("operator");
  readonly naf = this.authority.issue("naf", SERVER_NAME);
  readonly znClient = this.authority.issue("naf-zn", SERVER_NAME);
  readonly keyManager = this.authority.issue("bsf", KEY_MANAGER_NAME);
  readonly expiredKeyManager = this.authority.issue("expired-bsf", KEY_MANAGER_NAME, -1);
  readonly otherName = this.authority.issue("other-name", "other.example");
  readonly #stranger = new Authority("stranger");
  readonly otherChain = this.#stranger.issue("other-chain", SERVER_NAME);
  readonly otherKeyManager = this.#stranger.issue("other-bsf", KEY_MANAGER_NAME);

  async startKeyManager(shown: Issued = this.keyManager): Promise<StubKeyManager> {
    const keyManager = new StubKeyManager(KEY_MANAGER_NAME, this.authority.certificate);
    await keyManager.start(shown);
    return keyManager;
  }

  /** @returns the path of a configuration file */
  writeConfig(keyManager: StubKeyManager, fault: string | null, more?: object): string {
    const path = join(this.authority.directory, `${fault ?? "conforming"}.json`);
    writeFileSync(path, JSON.stringify(this.#config(keyManager, fault, more)));
    return path;
  }

  remove(): void {
    for (const { directory } of [this.authority, this.#stranger]) {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  #config(keyManager: StubKeyManager, fault: string | null, more: object | undefined) {
    return {
      configVersion: 1,
      enabler: {
        serverName: SERVER_NAME,
        otherNames: [OTHER_SERVER_NAME],
        host: "127.0.0.1",
        certificate: this.naf.certificateFile,
        privateKey: this.naf.privateKeyFile,
        ...more,
      },
      keyManager: {
        name: KEY_MANAGER_NAME,
        zn: {
          binding: "nbsp-gba",
          url: keyManager.url,
          serverName: KEY_MANAGER_NAME,
          trust: this.authority.certificateFile,
          certificate: this.znClient.certificateFile,
          privateKey: this.znClient.privateKeyFile,
          timeoutMs: TIMEOUT_MS,
        },
      },
      fault,
      faultMaterial: {
        certificateWrongName: this.otherName.certificateFile,
        privateKeyWrongName: this.otherName.privateKeyFile,
        certificateWrongChain: this.otherChain.certificateFile,
        privateKeyWrongChain: this.otherChain.privateKeyFile,
      },
    };
  }
}

/** An enabler and the key manager that it asks, in this process. */
export class Bench {
  readonly material: Material;
  readonly keyManager: StubKeyManager;
  readonly endpoints: Enabler["endpoints"];
  readonly #enabler: Enabler;

  private constructor(material: Material, keyManager: StubKeyManager, enabler: Enabler) {
    this.material = material;
    this.keyManager = keyManager;
    this.#enabler = enabler;
    this.endpoints = enabler.endpoints;
  }

  /** `more`: fields of the enabler's configuration. */
  static async start(material: Material, fault: string | null = null, more?: object): Promise<Bench> {
    const keyManager = await material.startKeyManager();
    const policy = policyOf(fault);
    if (policy === undefined) throw new Error(`no fault ${fault}`);
    const config = readConfig(material.writeConfig(keyManager, fault, more));
    return new Bench(material, keyManager, await startEnabler(config, policy, () => {}));
  }

  async stop(): Promise<void> {
    this.#enabler.close();
    await this.keyManager.stop();
  }
}
