import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import type { KeyManager } from "../roles/key-manager/index.ts";
import { diameterNames } from "./diameter-names.ts";
import type { ClaimedWayIn, Profile, TlsVersion } from "./profile/index.ts";
import type { Address } from "./profile/profile.ts";

/**
 * The one file through which a started SUT learns the addresses and credentials of the test system.
 * `configVersion` changes when a field changes its meaning.
 */
interface SystemConfig {
  readonly configVersion: 1;
  readonly enabler: {
    readonly serverName: string;
    /** Further names over PSK-TLS, of the IXIT. */
    readonly otherNames: readonly string[];
    readonly host: string;
    /** Paths of PEM files. */
    readonly certificate: string;
    readonly privateKey: string;
    /** The versions that the ICS claims, by way in. */
    readonly tls: Readonly<Partial<Record<ClaimedWayIn, readonly TlsVersion[]>>>;
    /** Whether the ICS claims that keys are kept until they expire. */
    readonly keepsKeys: Readonly<Record<"uc1.psk-tls" | "uc1.https-digest", boolean>>;
    /** What the ICS claims of the challenge, and how long the IXIT says that a nonce lasts. */
    readonly digest: {
      readonly algorithms: readonly string[];
      readonly qop: readonly string[];
      readonly nonceLifetimeMs?: number;
    };
  };
  readonly keyManager: {
    readonly name: string;
    /** For a SUT that wants to bootstrap itself. */
    readonly ub: string;
    readonly zn: ZnPeer & ZnCredentialFiles;
  };
  /** Only the reference system knows faults. */
  readonly fault: string | null;
  readonly faultMaterial?: Readonly<Record<string, string>>;
}

/** Where the key manager is on Zn, and what the two ends are called there. */
type ZnPeer =
  | { readonly binding: "nbsp-gba"; readonly url: string; readonly serverName: string }
  | {
      readonly binding: "diameter";
      readonly host: string;
      readonly port: number;
      /** TLS from the start (RFC 6733 13). */
      readonly tls: true;
      /** The SUT's own, and a name in its certificate. */
      readonly originHost: string;
      readonly originRealm: string;
      /** The key manager's, and the name in its certificate. */
      readonly destinationHost: string;
      readonly destinationRealm: string;
    };

interface ZnCredentialFiles {
  /** Paths of PEM files. */
  readonly trust: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly timeoutMs: number;
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
  const { serverName, otherNames = [] } = ixit.enabler;
  const znName = profile.ics.zn.binding === "diameter" ? diameterNames(ixit).enabler.identity : serverName;
  const [server, client] = await Promise.all([
    authority.issue({ commonName: serverName, names: [serverName], usage: "server" }),
    authority.issue({ commonName: znName, names: [znName], usage: "client" }),
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
      otherNames,
      host: "127.0.0.1",
      certificate: await write("enabler.pem", server.certificate),
      privateKey: await write("enabler.key", server.privateKey),
      tls: Object.fromEntries(Object.entries(profile.ics.waysIn).map(([wayIn, { tls }]) => [wayIn, tls])),
      keepsKeys: {
        "uc1.psk-tls": profile.ics.psk.keyCache === "until-expiry",
        "uc1.https-digest": profile.ics.digest.keyCache === "until-expiry",
      },
      digest: {
        algorithms: profile.ics.digest.algorithms,
        qop: profile.ics.digest.qop,
        ...(ixit.digest.nonceLifetimeMs === undefined
          ? {}
          : { nonceLifetimeMs: ixit.digest.nonceLifetimeMs }),
      },
    },
    keyManager: {
      name: keyManager.name,
      ub: `http://${urlHost(keyManager.ub)}/`,
      zn: {
        ...znPeer(profile, keyManager),
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

function znPeer({ ics, ixit }: Profile, { name, zn }: KeyManager): ZnPeer {
  if (ics.zn.binding === "nbsp-gba") {
    return { binding: "nbsp-gba", url: `https://${urlHost(zn)}`, serverName: name };
  }
  const { enabler, keyManager } = diameterNames(ixit);
  return {
    binding: "diameter",
    ...zn,
    tls: true,
    originHost: enabler.identity,
    originRealm: enabler.realm,
    destinationHost: keyManager.identity,
    destinationRealm: keyManager.realm,
  };
}

/** Certificates with which the reference system can present itself as somebody else. */
async function faultMaterial(
  write: (name: string, content: string) => Promise<string>,
  authority: CertificateAuthority,
  serverName: string,
): Promise<Readonly<Record<string, string>>> {
  const stranger = await authority.stranger();
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
