/**
 * The product's side of Zn: a program for Apache's RewriteMap (`prg:`). Each line on stdin is a TLS suite and an
 * Authorization header; before a line is answered, Apache's user file has the key of the B-TID that the header names,
 * if the key manager gives it, and no key whose lifetime is over. It judges nobody: Apache checks the response.
 *
 * Arguments: the file that describes the test system, and the folder of the user file.
 */
import { createHash } from "node:crypto";
import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What this program needs of the file that seccf writes. */
interface SystemConfig {
  readonly enabler: { readonly serverName: string };
  readonly keyManager: {
    readonly zn: {
      readonly url: string;
      readonly serverName: string;
      readonly trust: string;
      readonly certificate: string;
      readonly privateKey: string;
      readonly timeoutMs: number;
    };
  };
}

interface Key {
  readonly line: string;
  readonly suite: string;
  /** Milliseconds since 1970. */
  readonly expiry: number;
}

/** OpenSSL's names of the suites in apache.conf, with their IANA codes: part of NAF_Id (TS 33.220 H.3). */
const SUITE_CODES: Readonly<Record<string, string>> = {
  "ECDHE-RSA-AES128-GCM-SHA256": "c02f",
  "ECDHE-RSA-AES256-GCM-SHA384": "c030",
  "ECDHE-RSA-CHACHA20-POLY1305": "cca8",
  TLS_AES_128_GCM_SHA256: "1301",
  TLS_AES_256_GCM_SHA384: "1302",
  TLS_CHACHA20_POLY1305_SHA256: "1303",
};
/** Octets of an answer on Zn that are read. */
const MAX_ANSWER = 64 * 1024;
/** Keys that are kept; the oldest goes first. */
const MAX_KEYS = 10_000;
/** What an answer that is no object says. */
const EMPTY: { readonly meKeyMaterial?: unknown; readonly keyExpiryTime?: unknown } = {};

const [, , configFile = "", folder = ""] = process.argv;
// Written by seccf in just this form: the README describes it.
const config = JSON.parse(readFileSync(configFile, "utf8")) as SystemConfig;
const { zn } = config.keyManager;
const { serverName } = config.enabler;
const realm = `3GPP-bootstrapping@${serverName}`;
const usersFile = join(folder, "users");
const keys = new Map<string, Key>();
let connection: ClientHttp2Session | undefined;

// Apache answers with 500 while there is no file.
writeUsers();
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await prepare(line).catch(unavailable)}\n`);
}

/** The key manager may know the B-TID, but the key could not be had. */
function unavailable(error: unknown): "unavailable" {
  process.stderr.write(`keys: ${String(error)}\n`);
  return "unavailable";
}

async function prepare(line: string): Promise<"done"> {
  const [, cipher = "", header = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
  const btid = /[\s,]username="([^"\\]*)"/i.exec(header)?.[1] ?? "";
  const suite = SUITE_CODES[cipher];
  const now = Date.now();
  let changed = false;
  for (const [name, key] of keys) {
    if (key.expiry > now) continue;
    changed = keys.delete(name);
  }
  // A colon or a control would be something else in a line of the user file.
  const askable = suite !== undefined && /^[\x21-\x39\x3b-\x7e]{1,1024}$/.test(btid);
  if (askable && keys.get(btid)?.suite !== suite) {
    if (keys.delete(btid)) changed = true;
    if (changed) writeUsers();
    changed = false;
    const key = await keyOf(btid, suite);
    if (key !== undefined && key.expiry > Date.now()) {
      keys.set(btid, key);
      changed = true;
    }
    const [oldest] = keys.keys();
    if (keys.size > MAX_KEYS && oldest !== undefined) keys.delete(oldest);
  }
  if (changed) writeUsers();
  return "done";
}

/** Apache reads the file for each request, so it is replaced and never half written. */
function writeUsers(): void {
  const { uid, gid } = statSync(folder);
  const next = `${usersFile}.next`;
  writeFileSync(next, [...keys.values()].map(({ line }) => line).join(""), { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(next, uid, gid);
  renameSync(next, usersFile);
}

/** Asks the key manager (TS 29.309); undefined when it does not know the B-TID. Throws when the key cannot be had. */
async function keyOf(btid: string, suite: string): Promise<Key | undefined> {
  const nafId = { nafFqdn: serverName, uaSecProtId: `010001${suite}` };
  const { status, body } = await post(JSON.stringify({ btId: btid, nafId }));
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`the key manager says ${status}`);
  const answer: unknown = JSON.parse(body);
  const { meKeyMaterial, keyExpiryTime } =
    typeof answer === "object" && answer !== null ? { ...EMPTY, ...answer } : EMPTY;
  if (typeof meKeyMaterial !== "string" || !/^[0-9a-fA-F]{64}$/.test(meKeyMaterial))
    throw new Error("the answer has no key of 32 octets");
  const expiry = typeof keyExpiryTime === "string" ? Date.parse(keyExpiryTime) : Number.NaN;
  if (Number.isNaN(expiry)) throw new Error("the answer has no expiry time");
  // TS 33.222 5.3: the password is base64 of Ks_NAF; the file holds H(user:realm:password), as htdigest writes it.
  const password = Buffer.from(meKeyMaterial, "hex").toString("base64");
  const digest = createHash("md5").update(`${btid}:${realm}:${password}`).digest("hex");
  return { line: `${btid}:${realm}:${digest}\n`, suite, expiry };
}

/** Rejects when the key manager is silent or gone. */
function post(request: string): Promise<{ readonly status: number; readonly body: string }> {
  if (connection === undefined || connection.closed || connection.destroyed) {
    connection = connect(zn.url, {
      servername: zn.serverName,
      ca: readFileSync(zn.trust),
      cert: readFileSync(zn.certificate),
      key: readFileSync(zn.privateKey),
    });
    connection.on("error", () => undefined);
  }
  const session = connection;
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/nbsp-gba/v1/bootstrapping-info-retrieval",
      "content-type": "application/json",
    });
    const fail = (reason: string) => {
      clearTimeout(timer);
      stream.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => {
      session.destroy();
      fail("the key manager is silent");
    }, zn.timeoutMs);
    let status = 0;
    let body = "";
    stream.setEncoding("utf8");
    stream.on("response", (headers) => {
      status = headers[":status"] ?? 0;
    });
    stream.on("data", (part: string) => {
      body += part;
      if (body.length > MAX_ANSWER) fail("the answer is too long");
    });
    stream.once("end", () => {
      clearTimeout(timer);
      resolve({ status, body });
    });
    stream.once("error", (error) => fail(error.message));
    stream.once("close", () => fail("the stream was closed"));
    stream.end(request);
  });
}
