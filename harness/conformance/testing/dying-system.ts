import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Profile } from "../../system/profile/index.ts";
import { openDirectory } from "./reference-profile.ts";

/** Announces itself like an enabler, and ends at the first connection. */
const PROGRAM = `
import { createServer } from "node:net";
const server = createServer(() => {
  process.stdout.write("giving up\\n", () => process.exit(7));
});
server.listen(0, "127.0.0.1", () => {
  const endpoint = { host: "127.0.0.1", port: server.address().port };
  process.stdout.write(JSON.stringify({ ready: true, endpoints: { "uc1.psk-tls": endpoint } }) + "\\n");
});
`;

const ICS = `release: 2
system: { name: dying, vendor: Example, version: "1" }
roles: [enabler]
waysIn:
  uc1.psk-tls: { tls: ["1.2"], suites: [TLS_PSK_WITH_AES_128_GCM_SHA256] }
`;

const IXIT = `system: { kind: process, command: ["{node}", "{profile}/enabler.mjs"] }
enabler: { serverName: naf.home1.example }
resources: { protected: { path: /protected } }
keyManager: { name: bsf.home1.example }
bounds: { connectMs: 1000, responseMs: 1000, keyManagerMs: 500 }
`;

/** The profile of a system that dies when somebody connects; the folder is the caller's to remove. */
export function dyingProfile(): Profile {
  const directory = mkdtempSync(join(tmpdir(), "seccf-dying-"));
  writeFileSync(join(directory, "enabler.mjs"), PROGRAM);
  writeFileSync(join(directory, "ics.yaml"), ICS);
  writeFileSync(join(directory, "ixit.yaml"), IXIT);
  return openDirectory(directory);
}
