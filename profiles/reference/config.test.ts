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
  expect(config.enabler).toEqual(GOOD.enabler);
  expect(config.keyManager.zn).toEqual({ ...ZN, url: new URL("https://[::1]:8443/root") });
  expect(config.fault).toBeNull();
  expect(config).not.toHaveProperty("faultMaterial");
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
  ["another binding", withZn({ binding: "diameter" }), /binding is "diameter", it must be "nbsp-gba"/],
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
