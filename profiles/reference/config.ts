import { readFileSync } from "node:fs";
import type { WayIn } from "./association.ts";
import { DIGEST_ALGORITHMS, QOPS } from "./digest/credentials.ts";
import type { DigestOffer } from "./digest/terms.ts";
import { TLS_VERSIONS, type TlsVersion } from "./tls/versions.ts";
import type { DiameterNames } from "./zn/diameter/messages.ts";

/** The file that the enabler is started with, `configVersion` 1. Paths are absolute, files PEM. */
export interface Config {
  readonly enabler: {
    /** FQDN: server name, realm, FQDN part of NAF_Id. */
    readonly serverName: string;
    /** Further names over PSK-TLS, each with keys of its own. */
    readonly otherNames: readonly string[];
    /** IP address to listen on. */
    readonly host: string;
    readonly certificate: string;
    readonly privateKey: string;
    /** The versions that each way in accepts; absent: TLS 1.2 and 1.3. */
    readonly tls: Readonly<Record<WayIn, readonly TlsVersion[]>>;
    /** Whether keys are kept until they expire; absent: with Digest only. */
    readonly keepsKeys: Readonly<Record<WayIn, boolean>>;
    /** Absent: SHA-256 and MD5, auth and auth-int, nonces that last 5 minutes. */
    readonly digest: DigestOffer;
  };
  readonly keyManager: {
    readonly name: string;
    readonly zn: NbspGbaConfig | DiameterConfig;
  };
  /** Id of the defect to start with; null: none. */
  readonly fault: string | null;
  /** Certificates that only some faults present. */
  readonly faultMaterial?: {
    readonly certificateWrongName: string;
    readonly privateKeyWrongName: string;
    readonly certificateWrongChain: string;
    readonly privateKeyWrongChain: string;
  };
}

interface ZnCredentials {
  readonly trust: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly timeoutMs: number;
}

interface NbspGbaConfig extends ZnCredentials {
  readonly binding: "nbsp-gba";
  /** apiRoot of TS 29.501 4.4, https. */
  readonly url: URL;
  readonly serverName: string;
}

interface DiameterConfig extends ZnCredentials, DiameterNames {
  readonly binding: "diameter";
  readonly host: string;
  readonly port: number;
}

/** The configuration cannot be used. The message names the file and the field, and what is allowed there. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

const LONGEST_TIMEOUT_MS = 600_000;
const NONCE_LIFETIME_MS = 300_000;
const LONGEST_NONCE_MS = 86_400_000;

/** @throws ConfigError when the file cannot be read or a field is missing or wrong; unknown fields are left alone */
export function readConfig(path: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const root = new Field(path, "", value);
  root.of("configVersion").oneOf([1]);
  const enabler = root.of("enabler");
  const keyManager = root.of("keyManager");
  const zn = keyManager.of("zn");
  const fault = root.of("fault");
  const material = root.of("faultMaterial");
  return {
    enabler: {
      serverName: enabler.of("serverName").text(),
      otherNames: enabler.of("otherNames").texts(),
      host: enabler.of("host").text(),
      certificate: enabler.of("certificate").text(),
      privateKey: enabler.of("privateKey").text(),
      tls: {
        "uc1.psk-tls": versionsIn(enabler, "uc1.psk-tls"),
        "uc1.https-digest": versionsIn(enabler, "uc1.https-digest"),
      },
      keepsKeys: {
        "uc1.psk-tls": keepsKeys(enabler, "uc1.psk-tls", false),
        "uc1.https-digest": keepsKeys(enabler, "uc1.https-digest", true),
      },
      digest: offerIn(enabler.of("digest")),
    },
    keyManager: {
      name: keyManager.of("name").text(),
      zn: znConfig(zn),
    },
    fault: fault.absent ? null : fault.text(),
    ...(material.absent
      ? {}
      : {
          faultMaterial: {
            certificateWrongName: material.of("certificateWrongName").text(),
            privateKeyWrongName: material.of("privateKeyWrongName").text(),
            certificateWrongChain: material.of("certificateWrongChain").text(),
            privateKeyWrongChain: material.of("privateKeyWrongChain").text(),
          },
        }),
  };
}

function znConfig(zn: Field): NbspGbaConfig | DiameterConfig {
  const credentials = {
    trust: zn.of("trust").text(),
    certificate: zn.of("certificate").text(),
    privateKey: zn.of("privateKey").text(),
    timeoutMs: zn.of("timeoutMs").integer(1, LONGEST_TIMEOUT_MS),
  };
  const binding = zn.of("binding").oneOf(["nbsp-gba", "diameter"]);
  if (binding === "nbsp-gba")
    return { binding, url: zn.of("url").httpsUrl(), serverName: zn.of("serverName").text(), ...credentials };
  // Keys never cross an unprotected channel (SEC_CF S2, RFC 6733 13).
  zn.of("tls").oneOf([true]);
  return {
    binding,
    host: zn.of("host").text(),
    port: zn.of("port").integer(1, 65_535),
    originHost: zn.of("originHost").text(),
    originRealm: zn.of("originRealm").text(),
    destinationRealm: zn.of("destinationRealm").text(),
    destinationHost: zn.of("destinationHost").text(),
    ...credentials,
  };
}

function offerIn(digest: Field): DigestOffer {
  const [algorithms, qop, lifetime] = digest.absent
    ? []
    : [digest.of("algorithms"), digest.of("qop"), digest.of("nonceLifetimeMs")];
  return {
    algorithms: algorithms?.listOf(DIGEST_ALGORITHMS) ?? ["SHA-256", "MD5"],
    qop: qop?.listOf(QOPS) ?? QOPS,
    nonceLifetimeMs:
      lifetime === undefined || lifetime.absent ? NONCE_LIFETIME_MS : lifetime.integer(1, LONGEST_NONCE_MS),
  };
}

function keepsKeys(enabler: Field, wayIn: WayIn, otherwise: boolean): boolean {
  const all = enabler.of("keepsKeys");
  const one = all.absent ? all : all.of(wayIn);
  return one.absent ? otherwise : one.oneOf([true, false]);
}

function versionsIn(enabler: Field, wayIn: WayIn): readonly TlsVersion[] {
  const tls = enabler.of("tls");
  const versions = tls.absent ? undefined : tls.of(wayIn);
  return versions === undefined || versions.absent ? ["1.2", "1.3"] : versions.listOf(TLS_VERSIONS);
}

/**
 * Text of a PEM file that a field of the configuration names.
 * @throws ConfigError when the file cannot be read or holds no PEM
 */
export function readPem(path: string, field: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${field}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!text.includes("-----BEGIN ")) throw new ConfigError(`${field}: ${path} holds no PEM`);
  return text;
}

/** One field of the file with the path to it, for errors that say where. */
class Field {
  readonly #file: string;
  readonly #name: string;
  readonly #value: unknown;

  constructor(file: string, name: string, value: unknown) {
    this.#file = file;
    this.#name = name;
    this.#value = value;
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  of(member: string): Field {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#wrong("an object");
    const name = this.#name === "" ? member : `${this.#name}.${member}`;
    const found = Object.entries(value).find(([key]) => key === member);
    return new Field(this.#file, name, found?.[1]);
  }

  text(): string {
    if (typeof this.#value === "string" && this.#value !== "") return this.#value;
    throw this.#wrong("a text that is not empty");
  }

  /** A list of texts; absent: an empty one. */
  texts(): readonly string[] {
    const value = this.absent ? [] : this.#value;
    const found = Array.isArray(value) ? value.filter((one) => typeof one === "string" && one !== "") : [];
    if (Array.isArray(value) && found.length === value.length) return found;
    throw this.#wrong("a list of texts that are not empty");
  }

  oneOf<T extends string | number | boolean>(allowed: readonly T[]): T {
    const found = allowed.find((each) => each === this.#value);
    if (found === undefined) throw this.#wrong(allowed.map((each) => JSON.stringify(each)).join(" or "));
    return found;
  }

  /** A list that is not empty. */
  listOf<T extends string>(allowed: readonly T[]): readonly T[] {
    const value = this.#value;
    const found = Array.isArray(value) ? value.map((one) => allowed.find((each) => each === one)) : [];
    const list = found.filter((one) => one !== undefined);
    if (list.length > 0 && list.length === found.length) return list;
    throw this.#wrong(`a list of ${allowed.map((each) => JSON.stringify(each)).join(" or ")}`);
  }

  integer(least: number, most: number): number {
    const value = this.#value;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw this.#wrong(`a whole number from ${least} to ${most}`);
  }

  httpsUrl(): URL {
    const url = typeof this.#value === "string" ? URL.parse(this.#value) : null;
    // Keys never cross an unprotected channel (SEC_CF S2).
    if (url?.protocol === "https:") return url;
    throw this.#wrong("an https URL");
  }

  #wrong(allowed: string): ConfigError {
    const is = this.absent ? "is missing" : `is ${JSON.stringify(this.#value).slice(0, 80)}`;
    return new ConfigError(`${this.#file}: ${this.#name || "the file"} ${is}, it must be ${allowed}`);
  }
}
