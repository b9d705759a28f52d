/** Certificates of the test operator, judged by OpenSSL and GnuTLS. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { ProductFolder } from "./product-folder.ts";
import { runProgram } from "./run-program.ts";

const NAME = "naf.home1.example";
const folder = new ProductFolder();
let files: Readonly<
  Record<"authority" | "stranger" | "server" | "client" | "chain" | "strangeChain", string>
>;

beforeAll(async () => {
  const [authority, stranger] = await Promise.all([
    CertificateAuthority.create("seccf test operator"),
    // The same name and another key: only the signature tells them apart.
    CertificateAuthority.create("seccf test operator"),
  ]);
  const [server, client] = await Promise.all([
    authority.issue({ commonName: NAME, names: [NAME], usage: "server" }),
    authority.issue({ commonName: NAME, names: [NAME], usage: "client" }),
  ]);
  files = {
    authority: folder.write("authority.pem", authority.certificate),
    stranger: folder.write("stranger.pem", stranger.certificate),
    server: folder.write("server.pem", server.certificate),
    client: folder.write("client.pem", client.certificate),
    chain: folder.write("chain.pem", server.certificate + authority.certificate),
    strangeChain: folder.write("strange-chain.pem", server.certificate + stranger.certificate),
  };
});
afterAll(() => folder.remove());

type File = keyof typeof files;

describe("openssl verify, strictly by RFC 5280", () => {
  const verify = (trust: File, purpose: string, name: string, leaf: File) =>
    runProgram([
      ...["openssl", "verify", "-x509_strict", "-no-CApath", "-CAfile", files[trust], "-purpose", purpose],
      ...["-verify_hostname", name, files[leaf]],
    ]);

  test.each([
    ["server", "sslserver"],
    ["client", "sslclient"],
  ] as const)("believes the %s's certificate", async (leaf, purpose) => {
    expect(await verify("authority", purpose, NAME, leaf)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["another authority of the same name", "stranger", "sslserver", NAME, "server", /signature|issuer/],
    ["another host name", "authority", "sslserver", "other.example", "server", /[Hh]ostname mismatch/],
    ["a server's certificate of a client", "authority", "sslclient", NAME, "server", /purpose/],
    ["a client's certificate of a server", "authority", "sslserver", NAME, "client", /purpose/],
  ] as const)("does not believe %s", async (_title, trust, purpose, name, leaf, reason) => {
    const { code, stderr } = await verify(trust, purpose, name, leaf);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(reason);
  });
});

describe("certtool", () => {
  test("believes the chain", async () => {
    const { code, stdout } = await runProgram(["certtool", "--verify-chain", "--infile", files.chain]);
    expect(stdout).toContain("Chain verification output: Verified");
    expect(code).toBe(0);
  });

  test("does not believe a chain to another authority of the same name", async () => {
    const { code } = await runProgram(["certtool", "--verify-chain", "--infile", files.strangeChain]);
    expect(code).not.toBe(0);
  });

  const verify = (leaf: File, name: string, purpose: string) =>
    runProgram([
      ...["certtool", "--verify", "--load-ca-certificate", files.authority, "--infile", files[leaf]],
      ...["--verify-hostname", name, "--verify-purpose", purpose],
    ]);
  /** Object identifiers of extended key usage (RFC 5280 4.2.1.12). */
  const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  test.each([
    ["server", NAME, SERVER_AUTH, 0],
    ["client", NAME, CLIENT_AUTH, 0],
    ["server", "other.example", SERVER_AUTH, 1],
    ["server", NAME, CLIENT_AUTH, 1],
  ] as const)(
    "the %s's certificate for %s and usage %s: exit code %d",
    async (leaf, name, purpose, expected) => {
      const { code, stdout } = await verify(leaf, name, purpose);
      expect(stdout).toContain(expected === 0 ? "Chain verification output: Verified" : "Not verified");
      expect(code).toBe(expected);
    },
  );
});
