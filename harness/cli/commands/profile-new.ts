import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CertificateAuthority } from "../../roles/certificate-authority/index.ts";
import { PLACEHOLDER } from "../../system/profile/placeholder.ts";
import { type Chosen, icsTemplate, ixitTemplate } from "../../system/profile/template.ts";
import { print } from "../output.ts";
import { makeDirectory } from "../run-directory.ts";
import { shellWord } from "../shell-word.ts";
import { UsageError } from "../usage-error.ts";

export interface NewProfileArguments {
  readonly kind: string;
  readonly wayIn: readonly string[];
  readonly serverName?: string;
  readonly keyManager?: string;
  readonly credentials?: boolean;
}

/** How long the credentials that are made for an external system are good. */
const VALID_DAYS = 365;

/** Names of the files, seen from the folder of the profile. */
const FILES = {
  trust: "credentials/ca.pem",
  certificate: "credentials/key-manager.pem",
  privateKey: "credentials/key-manager.key",
  enablerCertificate: "credentials/enabler-zn.pem",
  enablerPrivateKey: "credentials/enabler-zn.key",
} as const;

/**
 * `seccf profile new`: writes `ics.yaml` and `ixit.yaml`, commented, with placeholders for what only the vendor knows.
 * @throws UsageError when a file stands there already or a name is missing
 */
export async function profileNew(folder: string, args: NewProfileArguments): Promise<number> {
  if (args.credentials === true && args.kind !== "external") {
    throw new UsageError(
      "--credentials are for --kind external: a system that seccf starts gets new ones for each run.",
    );
  }
  const directory = resolve(folder);
  const files = { ...templates(args), ...(args.credentials === true ? await credentials(args) : {}) };
  writeNew(directory, files);
  for (const line of report(folder, args, files)) print(line);
  return 0;
}

function templates(args: NewProfileArguments): Record<string, string> {
  const claimed = Object.fromEntries(args.wayIn.map((name) => [name, {}]));
  const ixit = args.kind === "external" ? external(args, claimed) : started(args);
  return { "ics.yaml": icsTemplate({ waysIn: claimed }), "ixit.yaml": ixitTemplate(ixit) };
}

/** What every IXIT of these claims needs. */
function common({ kind, wayIn, serverName, keyManager }: NewProfileArguments) {
  return {
    system: { kind },
    enabler: serverName === undefined ? {} : { serverName },
    keyManager: keyManager === undefined ? {} : { name: keyManager },
    resources: wayIn.includes("server-only") ? { open: {} } : {},
  };
}

function started(args: NewProfileArguments): Chosen {
  return common(args);
}

/** Nothing can be handed to a system that runs already, so the profile has to say it. */
function external(args: NewProfileArguments, addresses: Chosen): Chosen {
  const { enabler, keyManager, ...rest } = common(args);
  const { certificate, privateKey, trust } = FILES;
  const showsCertificate = args.wayIn.some((name) => name !== "uc1.psk-tls");
  return {
    ...rest,
    enabler: { ...enabler, addresses, ...(showsCertificate ? { trust: PLACEHOLDER } : {}) },
    keyManager: {
      ...keyManager,
      ub: { host: PLACEHOLDER, port: PLACEHOLDER },
      zn: { host: PLACEHOLDER, port: PLACEHOLDER },
      credentials: args.credentials === true ? { certificate, privateKey, trust } : {},
    },
  };
}

/** Both sides of Zn: our key manager's certificate, the enabler's, and the authority that both believe. */
async function credentials({ serverName, keyManager }: NewProfileArguments): Promise<Record<string, string>> {
  if (serverName === undefined || keyManager === undefined) {
    throw new UsageError(
      "--credentials needs the names that stand in the certificates: add --server-name (the FQDN of the enabler) " +
        "and --key-manager (the FQDN that the enabler knows its key manager by).",
    );
  }
  const authority = await CertificateAuthority.create(`seccf test operator for ${serverName}`, VALID_DAYS);
  const [server, client] = await Promise.all([
    authority.issue({ commonName: keyManager, names: [keyManager], usage: "server" }),
    authority.issue({ commonName: serverName, names: [serverName], usage: "client" }),
  ]);
  return {
    [FILES.trust]: authority.certificate,
    [FILES.certificate]: server.certificate,
    [FILES.privateKey]: server.privateKey,
    [FILES.enablerCertificate]: client.certificate,
    [FILES.enablerPrivateKey]: client.privateKey,
  };
}

/** All or nothing: no file that stands there is touched. */
function writeNew(directory: string, files: Readonly<Record<string, string>>): void {
  const present = Object.keys(files).filter((name) => existsSync(join(directory, name)));
  if (present.length > 0) {
    throw new UsageError(
      `${present.map((name) => join(directory, name)).join(", ")}: stands there already and is not overwritten. ` +
        "Name another folder, or move the file away.",
    );
  }
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(directory, name);
      makeDirectory(dirname(path));
      writeFileSync(path, content, { flag: "wx", mode: name.endsWith(".key") ? 0o600 : 0o644 });
    }
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}. Name a folder that can be written.`,
    );
  }
}

function report(
  folder: string,
  args: NewProfileArguments,
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const open = (name: string) =>
    (files[name] ?? "").split("\n").filter((line) => !/^ *#/.test(line) && line.includes(PLACEHOLDER)).length;
  return [
    `${join(folder, "ics.yaml")}   what the system claims: ${open("ics.yaml")} fields to fill in`,
    `${join(folder, "ixit.yaml")}  how to reach it and what to look at: ${open("ixit.yaml")} fields to fill in`,
    ...(args.kind === "external" ? aboutCredentials(folder, args) : []),
    "",
    `Replace each ${PLACEHOLDER}, then: seccf profile check ${shellWord(folder)}`,
  ];
}

function aboutCredentials(folder: string, args: NewProfileArguments): readonly string[] {
  if (args.credentials === true) {
    const at = (name: string) => join(folder, name);
    return [
      "",
      `Credentials of Zn, good for ${VALID_DAYS} days, for tests only. Give the system under test these three:`,
      `  ${at(FILES.trust)}  the authority that it has to believe on Zn`,
      `  ${at(FILES.enablerCertificate)}, ${at(FILES.enablerPrivateKey)}  its own certificate and key there`,
      `Our key manager shows ${at(FILES.certificate)}; ixit.yaml names it already.`,
    ];
  }
  return [
    "",
    "Zn authenticates both ends, so a system that runs already needs credentials from before the run:",
    "  keyManager.credentials.certificate, privateKey  our key manager's, from an authority that the system believes,",
    "                                                  with keyManager.name in it as a DNS name",
    "  keyManager.credentials.trust                    the authorities of the certificate that the system shows there",
    "  enabler.trust                                   the authorities of the certificate that terminals see",
    "To have them made: --credentials --server-name FQDN --key-manager FQDN.",
  ];
}
