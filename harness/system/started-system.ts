import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import type { KeyManager } from "../roles/key-manager/index.ts";
import type { ClaimedWayIn, Profile } from "./profile/index.ts";
import type { Address } from "./profile/profile.ts";

/**
 * The one file through which a started SUT learns the addresses and credentials of the test system.
 * `configVersion` changes when a field changes its meaning.
 */
interface SystemConfig {
  readonly configVersion: 1;
  readonly enabler: {
    readonly serverName: string;
    readonly host: string;
    /** Paths of PEM files. */
    readonly certificate: string;
    readonly privateKey: string;
  };
  readonly keyManager: {
    readonly name: string;
    /** For a SUT that wants to bootstrap itself. */
    readonly ub: string;
    readonly zn: {
      readonly binding: "nbsp-gba";
      readonly url: string;
      readonly serverName: string;
      readonly trust: string;
      readonly certificate: string;
      readonly privateKey: string;
      readonly timeoutMs: number;
    };
  };
  /** Only the reference system knows faults. */
  readonly fault: string | null;
  readonly faultMaterial?: Readonly<Record<string, string>>;
}

export interface SystemConfigInput {
  readonly directory: string;
  readonly profile: Profile;
  readonly authority: CertificateAuthority;
  readonly keyManager: KeyManager;
  readonly fault: string | undefined;
}

/** Writes the generated file and all that it points to, readable by this user only; gives its path. */
export async function writeSystemConfig(input: SystemConfigInput): Promise<string> {
  const { directory, profile, authority, keyManager, fault } = input;
  const { ixit } = profile;
  const { serverName } = ixit.enabler;
  const [server, client] = await Promise.all([
    authority.issue({ commonName: serverName, names: [serverName], usage: "server" }),
    authority.issue({ commonName: serverName, names: [serverName], usage: "client" }),
  ]);
  const write = async (name: string, content: string) => {
    const path = join(directory, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const config: SystemConfig = {
    configVersion: 1,
    enabler: {
      serverName,
      host: "127.0.0.1",
      certificate: await write("enabler.pem", server.certificate),
      privateKey: await write("enabler.key", server.privateKey),
    },
    keyManager: {
      name: keyManager.name,
      ub: `http://${urlHost(keyManager.ub)}/`,
      zn: {
        binding: "nbsp-gba",
        url: `https://${urlHost(keyManager.zn)}`,
        serverName: keyManager.name,
        trust: await write("operator-ca.pem", authority.certificate),
        certificate: await write("zn-client.pem", client.certificate),
        privateKey: await write("zn-client.key", client.privateKey),
        // Leaves the SUT time to refuse the terminal after it gave the key manager up.
        timeoutMs: Math.round(ixit.bounds.keyManagerMs * 0.28),
      },
    },
    fault: fault ?? null,
    ...(fault === undefined ? {} : { faultMaterial: await faultMaterial(write, authority, serverName) }),
  };
  return write("system.json", `${JSON.stringify(config, null, 2)}\n`);
}

/** Certificates with which the reference system can present itself as somebody else. */
async function faultMaterial(
  write: (name: string, content: string) => Promise<string>,
  authority: CertificateAuthority,
  serverName: string,
): Promise<Readonly<Record<string, string>>> {
  const stranger = await CertificateAuthority.create("seccf strange operator");
  const otherName = `other-${serverName}`;
  const [wrongName, wrongChain] = await Promise.all([
    authority.issue({ commonName: otherName, names: [otherName], usage: "server" }),
    stranger.issue({ commonName: serverName, names: [serverName], usage: "server" }),
  ]);
  return {
    certificateWrongName: await write("wrong-name.pem", wrongName.certificate),
    privateKeyWrongName: await write("wrong-name.key", wrongName.privateKey),
    certificateWrongChain: await write("wrong-chain.pem", wrongChain.certificate),
    privateKeyWrongChain: await write("wrong-chain.key", wrongChain.privateKey),
  };
}

/** `host:port` as it stands in a URL (RFC 3986 3.2.2: an IPv6 address in brackets). */
export function urlHost({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const ENDPOINT_NAMES: readonly (ClaimedWayIn | "plain")[] = ["uc1.psk-tls", "uc1.https-digest", "plain"];

/** Reads `{"ready":true,"endpoints":{"uc1.psk-tls":{"host":…,"port":…}}}`; undefined for any other line. */
export function readAnnouncement(line: string): Partial<Record<ClaimedWayIn | "plain", Address>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value["ready"] !== true || !isRecord(value["endpoints"])) return undefined;
  const endpoints: Partial<Record<ClaimedWayIn | "plain", Address>> = {};
  for (const name of ENDPOINT_NAMES) {
    const address = value["endpoints"][name];
    if (!isRecord(address)) continue;
    const { host, port } = address;
    if (typeof host === "string" && typeof port === "number") endpoints[name] = { host, port };
  }
  return endpoints;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
