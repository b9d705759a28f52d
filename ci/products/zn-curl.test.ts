/** Zn of the key manager seen by curl (nghttp2), and the key that OpenSSL derives from Osmocom's vector. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseBTid, uaFromHex } from "../../harness/protocols/gba/index.ts";
import { BOOTSTRAPPING_INFO_PATH } from "../../harness/protocols/nbsp-gba/index.ts";
import { CertificateAuthority } from "../../harness/roles/certificate-authority/index.ts";
import { ENABLER, KEY_MANAGER, Operator, type User } from "./operator.ts";
import { octets, osmoAucGen } from "./osmo-auc-gen.ts";
import { ProductFolder } from "./product-folder.ts";
import { outputOf, runProgram } from "./run-program.ts";

const folder = new ProductFolder();
let operator: Operator;
let user: User;

/** curl's options for a certificate and its key. */
type Credentials = readonly string[];
const credentials: Record<"enabler" | "stranger", Credentials> = { enabler: [], stranger: [] };

async function credentialsOf(name: string, authority: CertificateAuthority): Promise<Credentials> {
  const issued = await authority.issue({ commonName: ENABLER, names: [ENABLER], usage: "client" });
  const certificate = folder.write(`${name}.pem`, issued.certificate);
  return ["--cert", certificate, "--key", folder.write(`${name}.key`, issued.privateKey)];
}

beforeAll(async () => {
  operator = await Operator.start();
  user = await operator.user();
  folder.write("authority.pem", operator.authority.certificate);
  credentials.enabler = await credentialsOf("enabler", operator.authority);
  credentials.stranger = await credentialsOf("stranger", await CertificateAuthority.create("stranger"));
});
afterAll(async () => {
  await operator.close();
  folder.remove();
});

interface KeyQuery {
  readonly btid?: string;
  readonly nafFqdn?: string;
  readonly ua?: string;
}

function askForKey(
  client: Credentials,
  { btid = user.credential.name, nafFqdn = ENABLER, ua = "" }: KeyQuery,
) {
  const { port } = operator.keyManager.zn;
  const body = JSON.stringify({ btId: btid, nafId: { nafFqdn, uaSecProtId: ua } });
  return runProgram(
    [
      ...["curl", "--silent", "--show-error", "--http2", "--max-time", "20", ...client],
      ...["--cacert", `${folder.path}/authority.pem`, "--resolve", `${KEY_MANAGER}:${port}:127.0.0.1`],
      ...["--header", "Content-Type: application/json", "--data-binary", "@-"],
      ...["--write-out", "\\n%{http_version} %{http_code} %{content_type}"],
      `https://${KEY_MANAGER}:${port}${BOOTSTRAPPING_INFO_PATH}`,
    ],
    body,
  );
}

/** What curl wrote: the body, then the line of its --write-out. */
function answerOf(stdout: string): { readonly body: unknown; readonly summary: string | undefined } {
  const [body = "", summary] = stdout.split("\n");
  return { body: JSON.parse(body), summary };
}

/** RAND of a B-TID of this key manager (TS 33.220 4.5.2). */
function randOf(btid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(btid.replace(/@.*$/, ""), "base64"));
}

/** S of TS 33.220 B.2.0 with the parameters of B.3: each parameter is followed by its length in two octets. */
function inputString(rand: Uint8Array, impi: string, nafId: Buffer): Buffer {
  const length = (parameter: Uint8Array) => Buffer.of(parameter.length >> 8, parameter.length & 0xff);
  const parameters = [Buffer.from("gba-me"), rand, Buffer.from(impi), nafId];
  return Buffer.concat([Buffer.of(0x01), ...parameters.flatMap((one) => [one, length(one)])]);
}

/** Ks_NAF without any code of the harness: CK and IK by osmo-auc-gen, HMAC by openssl. */
async function expectedKey(ua: string): Promise<string> {
  const { k, opc, impi } = user.subscriber;
  const rand = randOf(user.credential.name);
  // f3 and f4 depend neither on SQN nor on AMF (TS 35.206 4.1).
  const { ck, ik } = await osmoAucGen({ k, operator: { opc }, rand, amf: octets("0000"), sqn: 0 });
  const s = inputString(rand, impi, Buffer.concat([Buffer.from(ENABLER), Buffer.from(ua, "hex")]));
  const output = await outputOf(
    ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${ck}${ik}`],
    s,
  );
  return output.trim().replace(/^.*= /, "");
}

describe("an enabler with a certificate of the operator", () => {
  test.each(["01000100a8", "0100000007", "0100000002", "0100011301"])(
    "gets the key for Ua identifier %s, which the terminal has too",
    async (ua) => {
      const { code, stdout, stderr } = await askForKey(credentials.enabler, { ua });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { body, summary } = answerOf(stdout);
      expect(summary).toBe("2 200 application/json");
      const key = await expectedKey(ua);
      expect(body).toMatchObject({ meKeyMaterial: key, impi: user.subscriber.impi, gbaType: "3G_GBA" });
      expect(user.keyHex(uaFromHex(ua))).toBe(key);
    },
  );

  test("in whatever case it writes the identifier", async () => {
    const { stdout } = await askForKey(credentials.enabler, { ua: "01000100A8" });
    expect(answerOf(stdout).body).toMatchObject({ meKeyMaterial: await expectedKey("01000100a8") });
  });

  test.each([
    ["another enabler's name", { nafFqdn: "other.home1.example" }, "2 403 application/problem+json"],
    ["a B-TID that was never given out", { btid: `AAAA@${KEY_MANAGER}` }, "2 404 application/problem+json"],
    ["an identifier that is none", { ua: "0100" }, "2 400 application/problem+json"],
  ] as const)("gets no key for %s", async (_title, query, expected) => {
    const { stdout } = await askForKey(credentials.enabler, { ua: "01000100a8", ...query });
    expect(stdout).not.toContain("meKeyMaterial");
    expect(answerOf(stdout).summary).toBe(expected);
  });
});

test.each([
  ["without a certificate", () => []],
  ["with a certificate of somebody else", () => credentials.stranger],
])("nobody gets a key %s", async (_title, client) => {
  const { code, stdout } = await askForKey(client(), { ua: "01000100a8" });
  expect(code).not.toBe(0);
  expect(stdout).not.toContain("meKeyMaterial");
});

test("the B-TID has the form of TS 33.220: base64(RAND)@domain", () => {
  const btid = parseBTid(user.credential.name);
  expect(randOf(btid)).toHaveLength(16);
  expect(btid).toMatch(new RegExp(`^[A-Za-z0-9+/]{22}==@${KEY_MANAGER.replaceAll(".", "\\.")}$`));
});
