import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { openProfile, REFERENCE_PROFILE } from "../open-profile.ts";
import { seccf } from "../testing/seccf.ts";
import { preflight } from "./preflight.ts";
import { certified } from "./testing/certificates.ts";
import { lines } from "./testing/systems.ts";

const SERVER_NAME = "naf.operator.example";
const KEY_MANAGER = "bsf.operator.example";

/** A port that is free now: an external system has to know it before anybody listens there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** The reference system as a product that runs already, with the credentials that `profile new` made. */
async function startProduct(directory: string, zn: number): Promise<Record<string, { port: number }>> {
  const file = (name: string) => join(directory, "credentials", name);
  const config = {
    configVersion: 1,
    enabler: {
      serverName: SERVER_NAME,
      host: "127.0.0.1",
      certificate: join(directory, "server.pem"),
      privateKey: join(directory, "server.key"),
      digest: { algorithms: ["SHA-256"], qop: ["auth"] },
    },
    keyManager: {
      name: KEY_MANAGER,
      ub: "http://127.0.0.1:1/",
      zn: {
        binding: "nbsp-gba",
        url: `https://127.0.0.1:${zn}`,
        serverName: KEY_MANAGER,
        trust: file("ca.pem"),
        certificate: file("enabler-zn.pem"),
        privateKey: file("enabler-zn.key"),
        timeoutMs: 2_000,
      },
    },
    fault: null,
  };
  const path = join(directory, "system.json");
  writeFileSync(path, JSON.stringify(config));
  const child = spawn(process.execPath, [join(REFERENCE_PROFILE, "main.ts"), path], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  stop.push(() => child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  return JSON.parse(String(line)).endpoints;
}

const stop: (() => void)[] = [];

describe("a system that runs already", () => {
  let directory: string;
  const path = (name: string) => join(directory, name);
  const text = (name: string) => readFileSync(path(name), "utf8");
  const replaced = (name: string, values: readonly string[]) => {
    let next = 0;
    writeFileSync(
      path(name),
      text(name)
        .split("\n")
        .map((line) =>
          /^ *#/.test(line) ? line : line.replace("FILL_IN", () => values[next++] ?? "FILL_IN"),
        )
        .join("\n"),
    );
  };

  beforeAll(async () => {
    const parent = mkdtempSync(join(tmpdir(), "test-of-seccf-external-"));
    stop.push(() => rmSync(parent, { recursive: true, force: true }));
    directory = join(parent, "profile");
    const names = ["--server-name", SERVER_NAME, "--key-manager", KEY_MANAGER];
    const made = await seccf("profile", "new", directory, "--kind", "external", "--credentials", ...names);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const authority = certified("Product CA", { authority: true });
    const server = certified(SERVER_NAME, { issuer: authority });
    writeFileSync(path("product-ca.pem"), authority.certificate);
    writeFileSync(path("server.pem"), server.certificate);
    writeFileSync(path("server.key"), server.privateKey);
    const [ub, zn] = [await freePort(), await freePort()];
    const endpoints = await startProduct(directory, zn);
    const port = (name: string) => String(endpoints[name]?.port);
    replaced("ics.yaml", [
      "1",
      "Enabler",
      "Vendor",
      "1",
      '"1.2"',
      "TLS_PSK_WITH_AES_128_GCM_SHA256",
      '"1.2"',
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ]);
    writeFileSync(path("ics.yaml"), `${text("ics.yaml")}digest: { algorithms: [SHA-256] }\n`);
    replaced("ixit.yaml", [
      "127.0.0.1",
      port("uc1.psk-tls"),
      "127.0.0.1",
      port("uc1.https-digest"),
      "product-ca.pem",
      "/protected",
      "127.0.0.1",
      String(ub),
      "127.0.0.1",
      String(zn),
    ]);
    return () => {
      for (const one of stop) one();
    };
  }, 60_000);

  it("has nothing wrong when both sides have what profile new made", async () => {
    const { code, stdout } = await seccf("profile", "check", directory);
    expect(stdout).toContain("Nothing is wrong.");
    expect(stdout).toContain("ok    keyManager.credentials: key, name and dates");
    expect(code).toBe(0);
  }, 60_000);

  it.each([
    [
      "another name",
      certified("other.operator.example"),
      /^key-manager-certificate ixit\.yaml:\d+:\d+ keyManager\.credentials\.certificate: the certificate of "CN=other\.operator\.example" is not one for keyManager\.name bsf\.operator\.example: DNS:other/,
    ],
    [
      "an old date",
      certified(KEY_MANAGER, { from: -9, to: -1 }),
      /^key-manager-certificate ixit\.yaml:\d+:\d+ .*: the certificate of "CN=bsf\.operator\.example" expired at /,
    ],
  ])(
    "sees %s in the key manager's certificate before the system does",
    async (_, other, line) => {
      const [certificate, privateKey] = [
        text("credentials/key-manager.pem"),
        text("credentials/key-manager.key"),
      ];
      writeFileSync(path("credentials/key-manager.pem"), other.certificate);
      writeFileSync(path("credentials/key-manager.key"), other.privateKey);
      const { findings } = await preflight(openProfile(directory));
      writeFileSync(path("credentials/key-manager.pem"), certificate);
      writeFileSync(path("credentials/key-manager.key"), privateKey);
      const found = lines(findings);
      expect(found[0]).toMatch(line);
      expect(found[1]).toMatch(
        /^zn-(tls|not-asked) ixit\.yaml:\d+:\d+ keyManager\.credentials\.certificate: the system/,
      );
    },
    60_000,
  );

  it("sees a key manager's key that is another's, and tries no further", async () => {
    const privateKey = text("credentials/key-manager.key");
    writeFileSync(path("credentials/key-manager.key"), text("credentials/enabler-zn.key"));
    const { code, stdout } = await seccf("profile", "check", directory, "--json");
    writeFileSync(path("credentials/key-manager.key"), privateKey);
    const { findings, exitCode, unjudged } = JSON.parse(stdout);
    expect({ code, exitCode }).toEqual({ code: 3, exitCode: 3 });
    expect(findings).toMatchObject([
      {
        id: "profile",
        where: expect.stringMatching(/^ixit\.yaml:\d+:\d+ keyManager\.credentials\.privateKey$/),
      },
    ]);
    expect(unjudged).toHaveLength(1);
  }, 60_000);

  it("sees that nobody believes the enabler's certificate on Zn", async () => {
    writeFileSync(path("other-ca.pem"), certified("Other CA", { authority: true }).certificate);
    const ixit = text("ixit.yaml");
    writeFileSync(path("ixit.yaml"), ixit.replace("trust: credentials/ca.pem", "trust: other-ca.pem"));
    const { findings } = await preflight(openProfile(directory));
    writeFileSync(path("ixit.yaml"), ixit);
    expect(lines(findings)[0]).toMatch(
      /^zn-tls ixit\.yaml:\d+:\d+ keyManager\.credentials\.trust: the certificate of "naf\.operator\.example" that the system shows on Zn is not believed: /,
    );
  }, 60_000);

  it("names the address at which nobody asks the key manager", async () => {
    const ixit = text("ixit.yaml");
    const { port } = parse(ixit).keyManager.zn;
    writeFileSync(path("ixit.yaml"), ixit.replace(`port: ${port}`, `port: ${await freePort()}`));
    const { findings } = await preflight(openProfile(directory));
    writeFileSync(path("ixit.yaml"), ixit);
    expect(lines(findings)).toEqual([
      expect.stringMatching(
        /^zn-not-called ixit\.yaml:\d+:\d+ keyManager\.zn: the system never connected to the key manager at 127\.0\.0\.1:\d+ .* \| Let the system know the key manager bsf\.operator\.example by an address that leads to/,
      ),
    ]);
  }, 60_000);

  it("names the address in the file when nobody answers there", async () => {
    const ixit = text("ixit.yaml");
    const { port } = parse(ixit).enabler.addresses["uc1.psk-tls"];
    writeFileSync(path("ixit.yaml"), ixit.replace(`port: ${port}`, `port: ${await freePort()}`));
    const { findings } = await preflight(openProfile(directory));
    writeFileSync(path("ixit.yaml"), ixit);
    expect(lines(findings)).toEqual([
      expect.stringMatching(
        /^unreachable ixit\.yaml:\d+:\d+ enabler\.addresses\.uc1\.psk-tls: .*ECONNREFUSED/,
      ),
    ]);
  }, 60_000);

  it("is not overwritten by another profile new", async () => {
    const before = text("ixit.yaml");
    const { code, stderr } = await seccf("profile", "new", directory);
    expect(code).toBe(3);
    expect(stderr).toMatch(/ics\.yaml, .*ixit\.yaml: stands there already and is not overwritten/);
    expect(text("ixit.yaml")).toBe(before);
  });
});
