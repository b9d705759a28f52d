import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import {
  KeyManager,
  type KeyManagerActivity,
  randomSubscriber,
  type Steering,
  type Subscriber,
} from "../roles/key-manager/index.ts";
import { connectTcp } from "../wire/tcp.ts";
import { readAnnouncement } from "./announcement.ts";
import { diameterNames } from "./diameter-names.ts";
import { listenErrorOf } from "./listen-error.ts";
import type { Address, EndpointName, Profile } from "./profile/profile.ts";
import { writeSystemConfig } from "./started-system.ts";
import { SutProcess, untilListening } from "./sut-process.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export type Endpoints = Readonly<Partial<Record<EndpointName, Address>>>;

/**
 * All roles that the harness plays for one SUT, wired and listening, and the SUT itself when the
 * harness starts it.
 */
export class TestSystem {
  readonly profile: Profile;
  readonly keyManager: KeyManager;
  /** PEM of the CAs that the terminal believes. */
  readonly trust: string;
  /** What the started SUT trusts; an external one brought its own. */
  readonly authority: CertificateAuthority | undefined;
  #endpoints: Endpoints;
  #process: SutProcess | undefined;
  /** Path of the file that the SUT was started with. */
  readonly #config: string | undefined;
  #restartFailure: string | undefined;
  readonly #directory: TemporaryDirectory | undefined;
  #nextSubscriber = 0;

  private constructor(parts: {
    profile: Profile;
    keyManager: KeyManager;
    endpoints: Endpoints;
    trust: string;
    authority?: CertificateAuthority;
    process?: SutProcess;
    config?: string;
    directory?: TemporaryDirectory;
  }) {
    this.profile = parts.profile;
    this.keyManager = parts.keyManager;
    this.#endpoints = parts.endpoints;
    this.trust = parts.trust;
    this.authority = parts.authority;
    this.#process = parts.process;
    this.#config = parts.config;
    this.#directory = parts.directory;
  }

  /**
   * Starts the key manager and, for a `process` profile, the SUT. `knownAuthority`: that of another test system,
   * whose keys need not be made again.
   * @throws ListenError when a port is taken; SystemStartError when the SUT does not become ready.
   */
  static async start(
    profile: Profile,
    fault?: string,
    knownAuthority?: CertificateAuthority,
    onActivity?: Watcher,
  ): Promise<TestSystem> {
    const { ixit } = profile;
    if (ixit.system.kind === "external") {
      const { keyManager, trust } = await startForExternal(profile, onActivity);
      return new TestSystem({ profile, keyManager, endpoints: ixit.enabler.addresses, trust });
    }
    const authority = knownAuthority ?? (await CertificateAuthority.create("seccf test operator"));
    const keyManager = await startKeyManager(profile, authority, onActivity);
    const directory = new TemporaryDirectory();
    try {
      const { path } = directory;
      const config = await writeSystemConfig({ directory: path, profile, authority, keyManager, fault });
      const trust =
        ixit.enabler.trust === undefined ? authority.certificate : await readFile(ixit.enabler.trust, "utf8");
      const { process, endpoints } = await startProcess(profile, config);
      return new TestSystem({ profile, keyManager, endpoints, trust, authority, process, config, directory });
    } catch (error) {
      await keyManager.close();
      await directory.remove();
      throw error;
    }
  }

  /** Where the SUT listens now: a restart may change it. */
  get endpoints(): Endpoints {
    return this.#endpoints;
  }

  /**
   * Ends the SUT and starts it again in the same way; every connection to it ends. Exclusive cases only.
   * @throws Error when the harness did not start it; SystemStartError when it does not become ready again, and then
   *   {@link systemGone} says so.
   */
  async restart(): Promise<void> {
    if (this.#process === undefined || this.#config === undefined) {
      throw new Error("only a system that the harness started can be restarted");
    }
    await this.#process.stop();
    try {
      const { process, endpoints } = await startProcess(this.profile, this.#config);
      this.#process = process;
      this.#endpoints = endpoints;
    } catch (error) {
      this.#restartFailure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** What the SUT that we started wrote last, for messages; data of the SUT. */
  get lastOutput(): string {
    return this.#process?.lastOutput ?? "";
  }

  /** A sentence when the SUT that we started has ended by itself. */
  get systemGone(): string | undefined {
    if (this.#restartFailure !== undefined) return this.#restartFailure;
    const exit = this.#process?.unexpectedExit;
    return exit === undefined
      ? undefined
      : `${exit}; its last output: ${this.#process?.lastOutput.slice(-500).replace(/\s+/g, " ").trim()}`;
  }

  /** The vendor's subscribers in turn; without any, a new one each time. */
  subscriber(): Subscriber {
    const own = vendorSubscribers(this.profile);
    return own[this.#nextSubscriber++ % Math.max(own.length, 1)] ?? newSubscriber(this.profile);
  }

  /** Ends the SUT and every listener, removes every file. Never throws. */
  async close(): Promise<void> {
    await this.#process?.stop();
    await this.keyManager.close();
    await this.#directory?.remove();
  }
}

/** The subscribers that the IXIT names. */
export function vendorSubscribers({ ixit }: Profile): readonly Subscriber[] {
  return ixit.subscribers.map((one) => ({
    ...one,
    k: Buffer.from(one.k, "hex"),
    opc: Buffer.from(one.opc, "hex"),
  }));
}

/** One with fresh random keys, in the domain of the key manager. */
export function newSubscriber({ ixit }: Profile): Subscriber {
  return randomSubscriber(ixit.keyManager.name.replace(/^[^.]*\./, ""));
}

/** Told of what happens at the key manager, as it happens. */
export type Watcher = (activity: KeyManagerActivity) => void;

/**
 * The key manager alone, for a system that somebody else starts. A system of the kind `process` can be started by
 * hand with the file at `config`, which is written to `directory`.
 * @throws ListenError when a port is taken
 */
export async function startKeyManagerAlone(
  profile: Profile,
  directory: string,
  onActivity: Watcher,
): Promise<{ readonly keyManager: KeyManager; readonly config?: string }> {
  if (profile.ixit.system.kind === "external") return startForExternal(profile, onActivity);
  const authority = await CertificateAuthority.create("seccf test operator");
  const keyManager = await startKeyManager(profile, authority, onActivity);
  const config = await writeSystemConfig({ directory, profile, authority, keyManager, fault: undefined });
  return { keyManager, config };
}

async function startKeyManager(
  profile: Profile,
  authority: CertificateAuthority,
  onActivity: Watcher | undefined,
): Promise<KeyManager> {
  const { name } = profile.ixit.keyManager;
  const credentials = await authority.issue({ commonName: name, names: [name], usage: "server" });
  return listen(profile, { ...credentials, trust: authority.certificate }, onActivity);
}

async function startForExternal(
  profile: Profile,
  onActivity: Watcher | undefined,
): Promise<{ keyManager: KeyManager; trust: string }> {
  const { keyManager, enabler } = profile.ixit;
  const files = keyManager.credentials;
  if (files === undefined)
    throw new Error("an external system without keyManager.credentials passed the profile check");
  const [certificate, privateKey, trust] = await Promise.all(
    [files.certificate, files.privateKey, files.trust].map((file) => readFile(file, "utf8")),
  );
  const own = { certificate: certificate ?? "", privateKey: privateKey ?? "", trust: trust ?? "" };
  const started = await listen(profile, own, onActivity);
  return {
    keyManager: started,
    trust: enabler.trust === undefined ? "" : await readFile(enabler.trust, "utf8"),
  };
}

async function listen(
  profile: Profile,
  credentials: { certificate: string; privateKey: string; trust: string },
  onActivity: Watcher | undefined,
): Promise<KeyManager> {
  const { name, ub, zn } = profile.ixit.keyManager;
  const { serverName, otherNames = [] } = profile.ixit.enabler;
  const { realm } = diameterNames(profile.ixit).keyManager;
  try {
    return await KeyManager.start({
      name,
      ub,
      zn: profile.ics.zn.binding === "diameter" ? { ...zn, binding: "diameter", realm } : zn,
      ...credentials,
      authorisedNafs: [serverName, ...otherNames],
      ...(onActivity === undefined ? {} : { onActivity }),
      ...(profile.ixit.resources.identity?.form === "IMPU" ? { settingsOf: settingsIn(profile) } : {}),
    });
  } catch (error) {
    throw listenErrorOf(error, profile) ?? error;
  }
}

/** An enabler that tells public identities learns them from the user security settings (TS 29.109 6.3). */
function settingsIn({ ixit }: Profile): (subscriber: Subscriber) => NonNullable<Steering["uss"]> {
  const { id, type } = ixit.keyManager.service;
  return ({ impus }) => (impus.length === 0 ? [] : [{ gsId: id, gsType: type, ueIds: impus, flags: [] }]);
}

async function startProcess(
  profile: Profile,
  config: string,
): Promise<{ process: SutProcess; endpoints: Endpoints }> {
  const { system, bounds, enabler } = profile.ixit;
  if (system.kind !== "process") throw new Error("only a process can be started");
  const command = startCommand(profile, config);
  const sut = new SutProcess({
    command,
    directory: profile.directory,
    environment: system.environment,
    stopMs: bounds.stopMs,
  });
  try {
    if (system.ready === "announce") {
      return { process: sut, endpoints: await sut.line(readAnnouncement, bounds.startMs) };
    }
    const stop = new AbortController();
    const addresses = Object.values(enabler.addresses);
    const connects = async () =>
      (await Promise.all(addresses.map((to) => answers(to, bounds.connectMs)))).every(Boolean);
    await sut.until(untilListening(connects, stop.signal), bounds.startMs).finally(() => stop.abort());
    return { process: sut, endpoints: enabler.addresses };
  } catch (error) {
    await sut.stop();
    throw error;
  }
}

/** Program and arguments that start a system of the kind `process`; none for another one. */
export function startCommand({ ixit, directory }: Profile, config: string): readonly string[] {
  const placeholders: Readonly<Record<string, string>> = {
    "{config}": config,
    "{profile}": directory,
    "{node}": process.execPath,
  };
  const command = ixit.system.kind === "process" ? ixit.system.command : [];
  return command.map((part) =>
    compiledForm(
      part.replace(/\{(config|profile|node)\}/g, (placeholder) => placeholders[placeholder] ?? placeholder),
    ),
  );
}

/** In the published package the reference system stands as JavaScript where its profile says TypeScript. */
function compiledForm(part: string): string {
  if (!part.endsWith(".ts") || existsSync(part)) return part;
  const compiled = part.replace(/\.ts$/, ".js");
  return existsSync(compiled) ? compiled : part;
}

async function answers(address: Address, connectMs: number): Promise<boolean> {
  const outcome = await connectTcp(address, connectMs);
  if (outcome.ok) outcome.socket.destroy();
  return outcome.ok;
}
