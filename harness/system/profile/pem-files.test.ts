import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CertificateAuthority, type IssuedCertificate } from "../../roles/certificate-authority/index.ts";
import { EXTERNAL_IXIT, edited, ICS, IXIT, lineOf, load, refusal, writeProfile } from "./profile-fixture.ts";

let ca: CertificateAuthority;
let bsf: IssuedCertificate;

beforeAll(async () => {
  ca = await CertificateAuthority.create("Private CA");
  bsf = await ca.issue({ commonName: "bsf.example.org", names: ["bsf.example.org"], usage: "server" });
});

/** An external profile with its files, of which some are replaced. */
function external(files: Readonly<Record<string, string | Buffer>>, ixit = EXTERNAL_IXIT): string {
  const directory = writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit, "ca.pem": ca.certificate });
  mkdirSync(join(directory, "pem"));
  const all = {
    "pem/bsf.pem": `${bsf.certificate}${ca.certificate}`,
    "pem/bsf.key": bsf.privateKey,
    ...files,
  };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(directory, name), content);
  return directory;
}

function problemOf(directory: string) {
  const { problems } = refusal(directory);
  expect(problems.map(({ message }) => message)).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error("no problem");
  return problem;
}

test("an external system with a private CA loads, and its file names become absolute", () => {
  const directory = external({});
  const { ixit } = load(directory);
  expect(ixit.enabler).toEqual({
    serverName: "enabler.example.org",
    addresses: {
      "uc1.psk-tls": { host: "2001:db8::17", port: 8443 },
      "uc1.https-digest": { host: "192.0.2.17", port: 443 },
    },
    trust: join(directory, "ca.pem"),
  });
  expect(ixit.keyManager.credentials).toEqual({
    certificate: join(directory, "pem/bsf.pem"),
    privateKey: join(directory, "pem/bsf.key"),
    trust: join(directory, "ca.pem"),
  });
});

test("an absolute file name stays", () => {
  const other = writeProfile({ "other.pem": ca.certificate });
  const ixit = edited(IXIT, "enabler:", `enabler:\n  trust: ${join(other, "other.pem")}`);
  expect(load(writeProfile({ "ics.yaml": ICS, "ixit.yaml": ixit })).ixit.enabler.trust).toBe(
    join(other, "other.pem"),
  );
});

describe("a file is refused", () => {
  test("that does not exist", () => {
    const ixit = edited(EXTERNAL_IXIT, "pem/bsf.key", "pem/none.key");
    const directory = external({}, ixit);
    expect(problemOf(directory)).toMatchObject({
      file: "ixit.yaml",
      line: lineOf(ixit, "none.key"),
      field: "keyManager.credentials.privateKey",
      message: `the file ${JSON.stringify(join(directory, "pem/none.key"))} does not exist`,
      allowed: "a PEM file with private key",
    });
  });

  test("that is a folder", () => {
    expect(problemOf(external({}, edited(EXTERNAL_IXIT, "pem/bsf.pem", "pem"))).message).toContain(
      "is not a file",
    );
  });

  const derHead = Buffer.from([0x30, 0x82, 0x01, 0x0a]);
  const encrypted = () =>
    generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "secret" },
    }).privateKey;

  test.each([
    ["is no PEM", "enabler.trust", () => ({ "ca.pem": derHead }), "holds no certificate in PEM"],
    [
      "holds a key for a certificate",
      "keyManager.credentials.certificate",
      () => ({ "pem/bsf.pem": bsf.privateKey }),
      "holds no certificate in PEM",
    ],
    [
      "holds a certificate for a key",
      "keyManager.credentials.privateKey",
      () => ({ "pem/bsf.key": bsf.certificate }),
      "holds no private key in PEM",
    ],
    [
      "is encrypted",
      "keyManager.credentials.privateKey",
      () => ({ "pem/bsf.key": encrypted() }),
      "is encrypted",
    ],
    [
      "is a key cut off",
      "keyManager.credentials.privateKey",
      () => ({ "pem/bsf.key": bsf.privateKey.slice(0, 300) }),
      "holds a private key that cannot be read",
    ],
    [
      "has a broken certificate in its chain",
      "keyManager.credentials.certificate",
      () => ({ "pem/bsf.pem": `${bsf.certificate}${ca.certificate.replace(/\nM/, "\nA")}` }),
      "holds a certificate that cannot be read, number 2",
    ],
  ])("that %s", (_, field, files, message) => {
    const { problems } = refusal(external(files()));
    const problem = problems.find((one) => one.field === field);
    expect(problem?.message).toContain(message);
    expect(problem?.line).toBe(
      lineOf(EXTERNAL_IXIT, problem?.field === "enabler.trust" ? "trust:" : field.slice(23)),
    );
  });

  test("whose key belongs to another certificate", async () => {
    const other = await ca.issue({ commonName: "x.example.org", names: ["x.example.org"], usage: "server" });
    expect(problemOf(external({ "pem/bsf.key": other.privateKey }))).toMatchObject({
      field: "keyManager.credentials.privateKey",
      allowed: "the private key of keyManager.credentials.certificate",
    });
  });
});
