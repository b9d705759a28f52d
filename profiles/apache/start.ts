/**
 * Starts a Debian Apache for one run in a folder of its own, tells seccf where it listens, and ends with it.
 * Argument: the file that describes the test system.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What this program needs of the file that seccf writes. */
interface SystemConfig {
  readonly enabler: {
    readonly serverName: string;
    readonly certificate: string;
    readonly privateKey: string;
  };
}

const APACHE = "/usr/sbin/apache2";
const HOST = "127.0.0.1";
/** Milliseconds between two looks whether Apache listens. */
const LOOK_MS = 50;

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const [, , configFile = ""] = process.argv;
if (!existsSync(APACHE)) {
  process.stderr.write(`${APACHE} is not there: apt-get install apache2\n`);
  process.exit(1);
}
// Written by seccf in just this form: the README describes it.
const { enabler } = JSON.parse(readFileSync(configFile, "utf8")) as SystemConfig;
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "seccf-apache-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
chmodSync(folder, 0o711);
const keysFolder = folderOfApache("keys");
folderOfApache("counters");
const application = join(folder, "application");
copyFileSync(beside("./application.sh"), application);
chmodSync(application, 0o755);

const [port, plainPort] = [await freePort(), await freePort()];
const apache = spawn(APACHE, ["-DFOREGROUND", ...(isRoot ? ["-DROOT"] : []), "-f", beside("./apache.conf")], {
  env: {
    PATH: process.env["PATH"],
    ENABLER_NAME: enabler.serverName,
    CERTIFICATE: enabler.certificate,
    PRIVATE_KEY: enabler.privateKey,
    PORT: String(port),
    PLAIN_PORT: String(plainPort),
    RUN_FOLDER: folder,
    KEYS_FOLDER: keysFolder,
    CONFIG: configFile,
    NODE: process.execPath,
    KEYS_PROGRAM: beside(existsSync(beside("./keys.ts")) ? "./keys.ts" : "./keys.js"),
  },
  stdio: ["ignore", "inherit", "inherit"],
});
const gone = new Promise<void>((resolve) => apache.once("exit", () => resolve()));
let stopping = false;
const stop = () => {
  stopping = true;
  apache.kill("SIGTERM");
};
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
// Standard input closes when seccf is gone, however it went.
process.stdin.resume().once("end", stop);
void gone.then(() => {
  const log = join(folder, "error.log");
  if (!stopping && existsSync(log)) process.stderr.write(readFileSync(log, "utf8").slice(-2_000));
  process.exit(apache.exitCode ?? 1);
});

while (!(await listens())) await once(AbortSignal.timeout(LOOK_MS), "abort");
const address = { host: HOST, port };
const endpoints = {
  "uc1.https-digest": address,
  "server-only": address,
  plain: { host: HOST, port: plainPort },
};
process.stdout.write(`${JSON.stringify({ ready: true, endpoints })}\n`);

/** A folder that Apache's unprivileged processes may write to: those of www-data when we are root. */
function folderOfApache(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700 });
  if (isRoot) {
    const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, "www-data"], { encoding: "utf8" })),
    );
    chownSync(path, uid, gid);
  }
  return path;
}

/** Apache cannot tell which port it got, so it is told one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  return address.port;
}

function listens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
