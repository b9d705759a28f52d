/** The registry of cipher suites against the one that Debian's OpenSSL was built with. */
import { beforeAll, expect, test } from "vitest";
import { type CipherSuite, SUITE_ROWS, suiteByName } from "../../harness/protocols/tls/index.ts";
import { outputOf } from "./run-program.ts";

interface OpensslSuite {
  readonly code: number;
  readonly name: string;
  readonly openssl: string;
  readonly version: string;
  readonly authentication: string;
  readonly encryption: string;
}

const LINE = /^\s*0x(\w\w),0x(\w\w) - (\S+)\s+- (\S+)\s+(\S+)\s+Kx=\S+\s+Au=(\S+)\s+Enc=(\S+)/;
let theirs: ReadonlyMap<string, OpensslSuite>;

beforeAll(async () => {
  const all = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
  const text = await outputOf(["openssl", "ciphers", "-V", "-stdname", all]);
  const suites = text
    .trimEnd()
    .split("\n")
    .map((line): OpensslSuite => {
      const [
        ,
        high = "",
        low = "",
        name = "",
        openssl = "",
        version = "",
        authentication = "",
        encryption = "",
      ] = LINE.exec(line) ?? [];
      return { code: Number.parseInt(high + low, 16), name, openssl, version, authentication, encryption };
    });
  theirs = new Map(suites.map((suite) => [suite.name, suite]));
  expect(theirs.size).toBeGreaterThan(100);
});

/** Au= of OpenSSL in our words; RSA-PSK is `psk` with us, since a key of the terminal's own is needed. */
function authenticationOf({ name, authentication }: OpensslSuite): CipherSuite["authentication"] {
  if (authentication === "any") return "any";
  if (authentication === "None") return "anonymous";
  return authentication === "PSK" || name.startsWith("TLS_RSA_PSK_") ? "psk" : "certificate";
}

test("every suite of the table is that of OpenSSL", () => {
  const ours = SUITE_ROWS.map(([code, name, openssl]) => {
    const { authentication, encrypts, version } = suiteByName(name) ?? {};
    return { code, name, openssl, authentication, encrypts, version };
  });
  expect(ours).toEqual(
    ours.map(({ name }) => {
      const suite = theirs.get(name);
      if (suite === undefined) return `OpenSSL knows no suite ${name}`;
      return {
        code: suite.code,
        name,
        openssl: suite.openssl,
        authentication: authenticationOf(suite),
        encrypts: suite.encryption !== "None",
        version: suite.version === "TLSv1.3" ? "1.3" : "1.2",
      };
    }),
  );
});

test("no suite that OpenSSL could negotiate is missing, but those with DSA keys and SRP passwords", () => {
  const missing = [...theirs.keys()].filter((name) => suiteByName(name) === undefined);
  expect(missing.filter((name) => !/^TLS_(DHE_DSS|SRP_SHA)_/.test(name))).toEqual([]);
});
