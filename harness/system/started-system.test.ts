import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { describe, expect, test } from "vitest";
import { authority, startKeyManager } from "../roles/testing/operator.ts";
import { urlHost, writeSystemConfig } from "./started-system.ts";
import { type IxitParts, newDirectory, profileOf } from "./testing/profiles.ts";

async function configOf(fault?: string, parts: IxitParts = {}) {
  const directory = newDirectory();
  const profile = profileOf("0", parts);
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

  test("tells a SUT with Zn over Diameter what both ends are called, and its certificate names it so", async () => {
    const { config, keyManager } = await configOf(undefined, { binding: "diameter" });
    expect(config).toMatchObject({
      configVersion: 1,
      keyManager: {
        zn: {
          binding: "diameter",
          ...keyManager.zn,
          tls: true,
          originHost: "naf.home1.example",
          originRealm: "home1.example",
          destinationHost: "bsf.home1.example",
          destinationRealm: "home1.example",
        },
      },
    });
    expect(config.keyManager.zn).not.toHaveProperty("url");
    const certificate = certificateAt(config.keyManager.zn.certificate);
    expect(certificate.checkHost("naf.home1.example")).toBe("naf.home1.example");
  });

  test("takes the names on Zn over Diameter from the IXIT where it has them", async () => {
    const { config } = await configOf(undefined, {
      binding: "diameter",
      enabler: { diameterIdentity: "aaa.other.example" },
      keyManager: { diameterRealm: "operator.example" },
    });
    const { zn } = config.keyManager;
    expect(zn).toMatchObject({
      originHost: "aaa.other.example",
      originRealm: "other.example",
      destinationRealm: "operator.example",
    });
    expect(certificateAt(zn.certificate).checkHost("aaa.other.example")).toBe("aaa.other.example");
    expect(certificateAt(config.enabler.certificate).checkHost("naf.home1.example")).toBeDefined();
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

test.each([
  ["127.0.0.1", "127.0.0.1:80"],
  ["naf.example", "naf.example:80"],
  ["::1", "[::1]:80"],
])("%s in a URL", (host, text) => {
  expect(urlHost({ host, port: 80 })).toBe(text);
  expect(new URL(`https://${text}`).hostname).toContain(host);
});
