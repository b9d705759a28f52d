/**
 * Starts an enabler whose TLS is that of GnuTLS or OpenSSL, as programmers use it: a small program in C, compiled here,
 * that asks for keys and hands on what comes out of TLS. Everything behind TLS is that of the reference system. It tells
 * seccf where it listens, and ends with it.
 * Arguments: the library, and the file that describes the test system.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "../reference/application/application.ts";
import { readConfig, readPem } from "../reference/config.ts";
import { logToStderr } from "../reference/log.ts";
import { conforming } from "../reference/policy/conforming.ts";
import { KeyManager } from "../reference/zn/key-manager.ts";
import { ZnSession } from "../reference/zn/session.ts";
import { startGateway } from "./gateway.ts";
import { httpsVisits } from "./https-visits.ts";
import { isLibrary, LIBRARIES } from "./libraries.ts";
import { PskVisits } from "./psk-visits.ts";

const HINT = "3GPP-bootstrapping";
const COMPILER = process.env["CC"] ?? "gcc";

const [, , name = "", configFile = ""] = process.argv;
if (!isLibrary(name)) end(3, `${name} is none of the libraries ${Object.keys(LIBRARIES).join(", ")}`);
const library = LIBRARIES[name];
const config = readConfig(configFile);
const { serverName, otherNames, host, certificate, privateKey, tls, digest: offer } = config.enabler;
const { zn } = config.keyManager;
if (zn.binding !== "nbsp-gba") end(3, "this enabler has Nbsp_GBA only: write it in ics.yaml, zn.binding");

const folder = mkdtempSync(join(tmpdir(), `seccf-${name}-`));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
// Standard input closes when seccf is gone, however it went.
process.stdin.resume().once("end", () => process.exit(0));

const program = join(folder, name);
compile();

const pem = {
  trust: readPem(zn.trust, "keyManager.zn.trust"),
  certificate: readPem(zn.certificate, "keyManager.zn.certificate"),
  privateKey: readPem(zn.privateKey, "keyManager.zn.privateKey"),
};
const keyManager = new KeyManager(
  () => new ZnSession({ url: zn.url, serverName: zn.serverName, ...pem }, conforming),
  zn.timeoutMs,
  conforming,
  logToStderr,
);
const common = { policy: conforming, application: new Application(serverName) };
const psk = new PskVisits({ ...common, serverNames: [serverName, ...otherNames], keyManager });
const https = httpsVisits({
  ...common,
  serverName,
  versions: tls["uc1.https-digest"],
  material: { certificate, privateKey },
  offer,
  obtain: (query) => keyManager.obtain(query),
  log: logToStderr,
});

const [pskPort, httpsPort] = await Promise.all([
  startGateway({
    program,
    settings: [...library.settings("psk", tls["uc1.psk-tls"]), "psk", HINT],
    host,
    socket: join(folder, "psk"),
    keyFor: (named, version, suite) => psk.keyFor(named, version, suite),
    opened: (stream, named, link) => psk.opened(stream, named, link),
  }),
  startGateway({
    program,
    settings: [
      ...library.settings("certificate", tls["uc1.https-digest"]),
      ...["certificate", certificate, privateKey],
    ],
    host,
    socket: join(folder, "https"),
    keyFor: async () => undefined,
    opened(stream, _named, link) {
      https(stream, link);
      return true;
    },
  }),
]);
const endpoints = {
  "uc1.psk-tls": { host, port: pskPort },
  "uc1.https-digest": { host, port: httpsPort },
  "server-only": { host, port: httpsPort },
};
process.stdout.write(`${JSON.stringify({ ready: true, endpoints })}\n`);

function compile(): void {
  const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const sources = [beside("./gateway.c"), beside(`./${name}.c`)];
  const options = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program];
  try {
    execFileSync(COMPILER, [...options, ...sources, ...library.linked], { stdio: ["ignore", 2, 2] });
  } catch (error) {
    end(1, `${error}\nNeeded: apt-get install gcc libc6-dev ${library.packageName}`);
  }
}

function end(code: number, why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(code);
}
