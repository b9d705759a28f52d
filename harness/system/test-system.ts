import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import { KeyManager, randomSubscriber, type Subscriber } from "../roles/key-manager/index.ts";
import { connectTcp } from "../wire/tcp.ts";
import { listenErrorOf } from "./listen-error.ts";
import type { ClaimedWayIn } from "./profile/index.ts";
import type { Address, Profile } from "./profile/profile.ts";
import { readAnnouncement, writeSystemConfig } from "./started-system.ts";
import { SutProcess, untilListening } from "./sut-process.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export type Endpoints = Readonly<Partial<Record<ClaimedWayIn | "plain", Address>>>;

/**
 * All roles that the harness plays for one SUT, wired and listening, and the SUT itself when the
 * harness starts it.
 */
export class TestSystem {
  readonly profile: Profile;
  readonly keyManager: KeyManager;
  readonly endpoints: Endpoints;
  /** PEM of the CAs that the terminal believes. */
  readonly trust: string;
  /** What the started SUT trusts; an external one brought its own. */
  readonly authority: CertificateAuthority | undefined;
  readonly #process: SutProcess | undefined;
  readonly #directory: TemporaryDirectory | undefined;
  #nextSubscriber = 0;

  private constructor(parts: {
    profile: Profile;
    keyManager: KeyManager;
    endpoints: Endpoints;
    trust: string;
    authority?: CertificateAuthority;
    process?: SutProcess;
    directory?: TemporaryDirectory;
  }) {
    this.profile = parts.profile;
    this.keyManager = parts.keyManager;
    this.endpoints = parts.endpoints;
    this.trust = parts.trust;
    this.authority = parts.authority;
    this.#process = parts.process;
    this.#directory = parts.directory;
  }

  /**
   * Starts the key manager and, for a `process` profile, the SUT.
   * @throws ListenError when a port is taken; SystemStartError when the SUT does not become ready.
   */
  static async start(profile: Profile, fault?: string): Promise<TestSystem> {
    const { ixit } = profile;
    if (ixit.system.kind === "external") {
      const { keyManager, trust } = await startForExternal(profile);
      return new TestSystem({ profile, keyManager, endpoints: ixit.enabler.addresses, trust });
    }
    const authority = await CertificateAuthority.create("seccf test operator");
    const keyManager = await startKeyManager(profile, authority);
    const directory = await TemporaryDirectory.create();
    try {
      const { path } = directory;
      const config = await writeSystemConfig({ directory: path, profile, authority, keyManager, fault });
      const trust =
        ixit.enabler.trust === undefined ? authority.certificate : await readFile(ixit.enabler.trust, "utf8");
      const { process, endpoints } = await startProcess(profile, config);
      return new TestSystem({ profile, keyManager, endpoints, trust, authority, process, directory });
    } catch (error) {
      await keyManager.close();
      await directory.remove();
      throw error;
    }
  }

  /** A sentence when the SUT that we started has ended by itself. */
  get systemGone(): string | undefined {
    const exit = this.#process?.unexpectedExit;
    return exit === undefined
      ? undefined
      : `${exit}; its last output: ${this.#process?.lastOutput.slice(-500).replace(/\s+/g, " ").trim()}`;
  }

  /** The vendor's subscribers in turn; without any, a new one each time. */
  subscriber(): Subscriber {
    const own = this.profile.ixit.subscribers;
    const chosen = own[this.#nextSubscriber++ % Math.max(own.length, 1)];
    if (chosen === undefined)
      return randomSubscriber(this.profile.ixit.keyManager.name.replace(/^[^.]*\./, ""));
    return { ...chosen, k: Buffer.from(chosen.k, "hex"), opc: Buffer.from(chosen.opc, "hex") };
  }

  /** Ends the SUT and every listener, removes every file. Never throws. */
  async close(): Promise<void> {
    await this.#process?.stop();
    await this.keyManager.close();
    await this.#directory?.remove();
  }
}

async function startKeyManager(profile: Profile, authority: CertificateAuthority): Promise<KeyManager> {
  const { name } = profile.ixit.keyManager;
  const credentials = await authority.issue({ commonName: name, names: [name], usage: "server" });
  return listen(profile, { ...credentials, trust: authority.certificate });
}

async function startForExternal(profile: Profile): Promise<{ keyManager: KeyManager; trust: string }> {
  const { keyManager, enabler } = profile.ixit;
  const files = keyManager.credentials;
  if (files === undefined)
    throw new Error("an external system without keyManager.credentials passed the profile check");
  const [certificate, privateKey, trust] = await Promise.all(
    [files.certificate, files.privateKey, files.trust].map((file) => readFile(file, "utf8")),
  );
  const started = await listen(profile, {
    certificate: certificate ?? "",
    privateKey: privateKey ?? "",
    trust: trust ?? "",
  });
  return {
    keyManager: started,
    trust: enabler.trust === undefined ? "" : await readFile(enabler.trust, "utf8"),
  };
}

async function listen(
  profile: Profile,
  credentials: { certificate: string; privateKey: string; trust: string },
): Promise<KeyManager> {
  const { name, ub, zn } = profile.ixit.keyManager;
  try {
    return await KeyManager.start({
      name,
      ub,
      zn,
      ...credentials,
      authorisedNafs: [profile.ixit.enabler.serverName],
    });
  } catch (error) {
    throw listenErrorOf(error, profile) ?? error;
  }
}

async function startProcess(
  profile: Profile,
  config: string,
): Promise<{ process: SutProcess; endpoints: Endpoints }> {
  const { system, bounds, enabler } = profile.ixit;
  if (system.kind !== "process") throw new Error("only a process can be started");
  const placeholders: Readonly<Record<string, string>> = {
    "{config}": config,
    "{profile}": profile.directory,
    "{node}": process.execPath,
  };
  const command = system.command.map((part) =>
    compiledForm(
      part.replace(/\{(config|profile|node)\}/g, (placeholder) => placeholders[placeholder] ?? placeholder),
    ),
  );
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
