import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError, readConfig, readPem } from "./config.ts";

const directory = mkdtempSync(join(tmpdir(), "enabler-config-"));
afterAll(() => rmSync(directory, { recursive: true }));

const ZN = {
  binding: "nbsp-gba",
  url: "https://[::1]:8443/root",
  serverName: "bsf.home1.example",
  trust: "/ca.pem",
  certificate: "/zn.pem",
  privateKey: "/zn.key",
  timeoutMs: 1000,
};
const GOOD = {
  configVersion: 1,
  enabler: { serverName: "naf.home1.example", host: "::1", certificate: "/c.pem", privateKey: "/c.key" },
  keyManager: { name: "bsf.home1.example", zn: ZN },
  fault: null,
  other: { of: "another system" },
};

function read(value: unknown) {
  const path = join(directory, "config.json");
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return readConfig(path);
}

test("a good file is read, unknown fields are left alone", () => {
  const config = read(GOOD);
  const both = ["1.2", "1.3"];
  expect(config.enabler).toEqual({
    ...GOOD.enabler,
    otherNames: [],
    tls: { "uc1.psk-tls": both, "uc1.https-digest": both },
    keepsKeys: { "uc1.psk-tls": false, "uc1.https-digest": true },
    digest: { algorithms: ["SHA-256", "MD5"], qop: ["auth", "auth-int"], nonceLifetimeMs: 300_000 },
  });
  expect(config.keyManager.zn).toEqual({ ...ZN, url: new URL("https://[::1]:8443/root") });
  expect(config.fault).toBeNull();
  expect(config).not.toHaveProperty("faultMaterial");
});

const withTls = (tls: object) => ({ ...GOOD, enabler: { ...GOOD.enabler, tls } });

test("the TLS versions of each way in are taken as they are", () => {
  const { tls } = read(withTls({ "uc1.psk-tls": ["1.0", "1.1"] })).enabler;
  expect(tls).toEqual({ "uc1.psk-tls": ["1.0", "1.1"], "uc1.https-digest": ["1.2", "1.3"] });
});

const withZn = (change: object) => ({ ...GOOD, keyManager: { name: "b", zn: { ...ZN, ...change } } });

test.each([
  ["no JSON", "{", /config\.json/],
  ["a list", [], /the file is \[\], it must be an object/],
  ["no server name", { ...GOOD, enabler: {} }, /enabler\.serverName is missing, it must be a text/],
  [
    "an empty host",
    { ...GOOD, enabler: { ...GOOD.enabler, host: "" } },
    /enabler\.host is "", it must be a text/,
  ],
  [
    "plain HTTP",
    withZn({ url: "http://127.0.0.1" }),
    /keyManager\.zn\.url is "http:.*it must be an https URL/,
  ],
  ["another binding", withZn({ binding: "soap" }), /binding is "soap", it must be "nbsp-gba" or "diameter"/],
  ["Diameter without TLS", withZn({ binding: "diameter", tls: false }), /zn\.tls is false, it must be true/],
  [
    "no TLS version",
    withTls({ "uc1.psk-tls": [] }),
    /enabler\.tls\.uc1\.psk-tls is \[\], it must be a list of/,
  ],
  [
    "SSL 3.0",
    withTls({ "uc1.psk-tls": ["1.2", "3.0"] }),
    /is \["1\.2","3\.0"\], it must be a list of "1\.0" or/,
  ],
  ["a bound of nothing", withZn({ timeoutMs: 0 }), /timeoutMs is 0, it must be a whole number from 1/],
  [
    "half of the fault material",
    { ...GOOD, faultMaterial: {} },
    /faultMaterial\.certificateWrongName is missing/,
  ],
])("%s is refused by name", (_name, value, sentence) => {
  expect(() => read(value)).toThrow(ConfigError);
  expect(() => read(value)).toThrow(sentence);
});

test("a file without PEM is refused", () => {
  const path = join(directory, "no.pem");
  writeFileSync(path, "nothing");
  expect(() => readPem(path, "enabler: certificate")).toThrow(/enabler: certificate: .*no\.pem holds no PEM/);
});
