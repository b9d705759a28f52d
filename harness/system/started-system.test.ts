import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authority, startKeyManager } from "../roles/testing/operator.ts";
import { readAnnouncement, urlHost, writeSystemConfig } from "./started-system.ts";
import { newDirectory, profileOf } from "./testing/profiles.ts";

async function configOf(fault?: string) {
  const directory = newDirectory();
  const profile = profileOf("0");
  const keyManager = await startKeyManager();
  const path = await writeSystemConfig({ directory, profile, authority, keyManager, fault });
  return { directory, profile, keyManager, path, config: JSON.parse(readFileSync(path, "utf8")) };
}

const certificateAt = (path: string) => new X509Certificate(readFileSync(path));

describe("the generated file", () => {
  test("tells a SUT the addresses and names of the test system", async () => {
    const { config, keyManager, profile } = await configOf();
    expect(config).toMatchObject({
      configVersion: 1,
      enabler: { serverName: "naf.home1.example", host: "127.0.0.1" },
      keyManager: {
        name: "bsf.home1.example",
        ub: `http://127.0.0.1:${keyManager.ub.port}/`,
        zn: {
          binding: "nbsp-gba",
          url: `https://127.0.0.1:${keyManager.zn.port}`,
          serverName: "bsf.home1.example",
        },
      },
      fault: null,
    });
    expect(config).not.toHaveProperty("faultMaterial");
    // The SUT has time left to refuse the terminal within the bound.
    expect(config.keyManager.zn.timeoutMs).toBeLessThan(profile.ixit.bounds.keyManagerMs);
  });

  test("points to certificates with their keys, for its server and as a client of Zn", async () => {
    const { config } = await configOf();
    const { zn } = config.keyManager;
    expect(readFileSync(zn.trust, "utf8")).toBe(authority.certificate);
    const root = new X509Certificate(authority.certificate);
    for (const { certificate, privateKey } of [config.enabler, zn]) {
      const leaf = certificateAt(certificate);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.checkHost("naf.home1.example")).toBe("naf.home1.example");
      createSecureContext({ cert: readFileSync(certificate), key: readFileSync(privateKey) });
    }
    expect(certificateAt(config.enabler.certificate).keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificateAt(zn.certificate).keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  test("and all that it points to can be read by this user only", async () => {
    const { config, path } = await configOf();
    const { certificate, privateKey, trust } = config.keyManager.zn;
    for (const file of [path, config.enabler.privateKey, privateKey, certificate, trust]) {
      expect(statSync(file).mode & 0o077).toBe(0);
    }
  });

  test("names the fault, with certificates that are wrong in one respect each", async () => {
    const { config } = await configOf("some-fault");
    expect(config.fault).toBe("some-fault");
    const { faultMaterial } = config;
    const root = new X509Certificate(authority.certificate);
    const wrongName = certificateAt(faultMaterial.certificateWrongName);
    expect(wrongName.verify(root.publicKey)).toBe(true);
    expect(wrongName.checkHost("naf.home1.example")).toBeUndefined();
    const wrongChain = certificateAt(faultMaterial.certificateWrongChain);
    expect(wrongChain.verify(root.publicKey)).toBe(false);
    expect(wrongChain.checkHost("naf.home1.example")).toBe("naf.home1.example");
    for (const kind of ["WrongName", "WrongChain"]) {
      const [cert, key] = [`certificate${kind}`, `privateKey${kind}`].map((name) =>
        readFileSync(faultMaterial[name]),
      );
      createSecureContext({ cert: cert ?? "", key: key ?? "" });
    }
  });
});

describe("an announcement", () => {
  const psk = { host: "127.0.0.1", port: 4433 };

  test("is one line of JSON with the addresses of the ways in", () => {
    const endpoints = {
      "uc1.psk-tls": psk,
      "uc1.https-digest": { host: "::1", port: 1 },
      plain: { host: "a.b", port: 2 },
    };
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints }))).toEqual(endpoints);
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints: {} }))).toEqual({});
  });

  test("keeps what it knows and nothing else", () => {
    const endpoints = {
      "uc1.psk-tls": { ...psk, more: 1 },
      "uc9.unknown": psk,
      "uc1.https-digest": { host: "x", port: "443" },
      plain: null,
      __proto__: psk,
    };
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints }))).toEqual({ "uc1.psk-tls": psk });
  });

  test.each([
    "",
    "listening on 4433",
    "null",
    "[]",
    '"ready"',
    "{}",
    '{"ready":"true","endpoints":{}}',
    '{"ready":true}',
    '{"ready":true,"endpoints":null}',
    '{"ready":false,"endpoints":{}}',
    '{"ready":true,"endpoints":{}',
  ])("is not %j", (line) => {
    expect(readAnnouncement(line)).toBeUndefined();
  });

  test("may be looked for in any line", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(readAnnouncement(line)).toBeUndefined();
      }),
    );
  });
});

test.each([
  ["127.0.0.1", "127.0.0.1:80"],
  ["naf.example", "naf.example:80"],
  ["::1", "[::1]:80"],
])("%s in a URL", (host, text) => {
  expect(urlHost({ host, port: 80 })).toBe(text);
  expect(new URL(`https://${text}`).hostname).toContain(host);
});
