import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CertificateAuthority } from "./index.ts";

const authority = await CertificateAuthority.create("test operator");
const root = new X509Certificate(authority.certificate);
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

describe("the root", () => {
  test("is a certificate authority that signed itself", () => {
    expect(root.subject).toBe("CN=test operator");
    expect(root.issuer).toBe("CN=test operator");
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
  });

  test("is another one for each operator of the same name", async () => {
    const namesake = await CertificateAuthority.create("test operator");
    const { certificate } = await namesake.issue({ commonName: "x", names: ["x.example"], usage: "server" });
    expect(new X509Certificate(certificate).verify(root.publicKey)).toBe(false);
    expect(new X509Certificate(namesake.certificate).serialNumber).not.toBe(root.serialNumber);
  });
});

describe.each([
  ["server", SERVER_AUTH],
  ["client", CLIENT_AUTH],
] as const)("a certificate for a %s", (usage, purpose) => {
  const issued = authority.issue({
    commonName: "naf.home1.example",
    names: ["naf.home1.example", "www.home1.example"],
    usage,
  });

  test("is signed by the root, is none itself, and goes with its key", async () => {
    const { certificate, privateKey } = await issued;
    const leaf = new X509Certificate(certificate);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(leaf.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  test("names exactly what was asked for", async () => {
    const leaf = new X509Certificate((await issued).certificate);
    expect(leaf.subject).toBe("CN=naf.home1.example");
    expect(leaf.subjectAltName).toBe("DNS:naf.home1.example, DNS:www.home1.example");
    expect(leaf.checkHost("www.home1.example")).toBe("www.home1.example");
    expect(leaf.checkHost("other.home1.example")).toBeUndefined();
  });

  test("is for this purpose and no other", async () => {
    const leaf = new X509Certificate((await issued).certificate);
    // keyUsage of OpenSSL's name is the extended one (RFC 5280 4.2.1.12).
    expect(leaf.keyUsage).toEqual([purpose]);
  });

  test("is valid now, also for a clock that is an hour late or a run that takes a day", async () => {
    const { validFromDate, validToDate } = new X509Certificate((await issued).certificate);
    expect(validFromDate.getTime()).toBeLessThan(Date.now() - 3_600_000);
    expect(validToDate.getTime()).toBeGreaterThan(Date.now() + 86_400_000);
  });
});

test("serial numbers are positive, of at most 20 octets, and never the same", async () => {
  const all = await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      authority.issue({ commonName: `x${index}`, names: ["x.example"], usage: "server" }),
    ),
  );
  const serials = all.map(({ certificate }) => new X509Certificate(certificate).serialNumber);
  expect(new Set(serials).size).toBe(4);
  for (const serial of serials) expect(serial).toMatch(/^[0-7][0-9A-F]{1,39}$/);
});

test("the same request is answered once, and another one never with its certificate", async () => {
  const request = { commonName: "y", names: ["y.example"], usage: "server" } as const;
  const [first, again, other] = await Promise.all([
    authority.issue(request),
    authority.issue({ ...request }),
    authority.issue({ ...request, usage: "client" }),
  ]);
  expect(again).toBe(first);
  expect(other.privateKey).not.toBe(first.privateKey);
});

test("a stranger does not vouch for what the authority issues", async () => {
  const { certificate } = await authority.issue({ commonName: "z", names: ["z.example"], usage: "server" });
  const stranger = await authority.stranger();
  expect(new X509Certificate(certificate).verify(new X509Certificate(stranger.certificate).publicKey)).toBe(
    false,
  );
  expect(await authority.stranger()).toBe(stranger);
});
