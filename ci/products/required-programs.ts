import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = [
  "apache2",
  "certtool",
  "curl",
  "freeDiameterd",
  "gcc",
  "gnutls-cli",
  "gnutls-serv",
  "ip",
  "nsenter",
  "openssl",
  "osmo-auc-gen",
  "setpriv",
  "stunnel4",
  "text2pcap",
  "tshark",
  "unshare",
];

/** Runs before all tests. @throws Error naming the programs that are not there, and how to get them. */
export function setup(): void {
  const missing = PROGRAMS.filter((program) => !isInstalled(program));
  if (missing.length > 0) {
    throw new Error(`${missing.join(", ")} not found on PATH; run ci/setup-products.sh as root, then again`);
  }
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
