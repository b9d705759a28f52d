/** A PSK handshake of the terminal with the reference enabler, as Wireshark's dissectors read it from the wire. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openProfile, REFERENCE_PROFILE } from "../../harness/cli/open-profile.ts";
import type { CipherSuite } from "../../harness/protocols/tls/index.ts";
import { TestSystem } from "../../harness/system/test-system.ts";
import { ENABLER, pskUa, suiteNamed, User } from "./operator.ts";
import { Product, ProductError } from "./product.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.start(openProfile(REFERENCE_PROFILE));
});
afterAll(() => system?.close());

const FIELDS = {
  type: "tls.handshake.type",
  serverName: "tls.handshake.extensions_server_name",
  suite: "tls.handshake.ciphersuite",
  hint: "tls.handshake.hint",
  identity: "tls.handshake.identity",
  identity13: "tls.handshake.extensions.psk.identity.identity",
  request: "http.request.uri",
  response: "http.response.code",
} as const;
type Field = keyof typeof FIELDS;
const COLUMNS: readonly string[] = Object.keys(FIELDS);

/** Values of each field over all packets, in order; a packet with several messages gives several values. */
type Dissected = Readonly<Record<Field, readonly string[]>>;

function dissected(rows: readonly string[]): Dissected {
  const columns = rows.filter((row) => row.includes("\t")).map((row) => row.split("\t"));
  const column = (name: Field) =>
    columns.flatMap((row) => (row[COLUMNS.indexOf(name)] ?? "").split(",").filter((value) => value !== ""));
  // What is an octet string to tshark comes in hexadecimal digits.
  const texts = (name: Field) => column(name).map((digits) => Buffer.from(digits, "hex").toString());
  return {
    type: column("type"),
    serverName: column("serverName"),
    suite: column("suite"),
    hint: texts("hint"),
    identity: texts("identity"),
    identity13: texts("identity13"),
    request: column("request"),
    response: column("response"),
  };
}

const port = () => system.endpoints["uc1.psk-tls"]?.port ?? 0;

/** tshark on loopback, or the reason why this user or machine may not capture. */
async function capture(options: readonly string[]): Promise<Product | { readonly whyNot: string }> {
  const tshark = new Product([
    ...["setpriv", "--pdeathsig=TERM", "tshark", "-l", "-i", "lo", "-f", `tcp port ${port()}`],
    ...["-d", `tcp.port==${port()},tls`, ...options],
    ...["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"],
    ...Object.values(FIELDS).flatMap((field) => ["-e", field]),
  ]);
  onTestFinished(() => tshark.stop());
  try {
    await tshark.line((line) => line.includes("Capture started") || undefined);
    return tshark;
  } catch (error) {
    if (!(error instanceof ProductError && /permission/.test(error.output))) throw error;
    return { whyNot: "this user may not capture on loopback; root may" };
  }
}

async function visit(user: User, suite: CipherSuite): Promise<string | null> {
  const outcome = await user.enterWithPsk(port(), suite);
  if (!outcome.entered) throw new Error(`not entered: ${JSON.stringify(outcome.ending)}`);
  const { access } = outcome;
  onTestFinished(() => access.session.close());
  expect(await access.request({ method: "GET", target: "/protected" })).toMatchObject({
    ok: true,
    response: { status: 200 },
  });
  return access.session.hint;
}

/** Suites as ServerHello and ClientHello name them. */
const code = (suite: CipherSuite) => `0x${suite.code.toString(16).padStart(4, "0")}`;

describe("tshark", () => {
  test("reads hint, identity and, given Ks_NAF, the request in TLS 1.2", async ({ skip }) => {
    const suite = suiteNamed("TLS_PSK_WITH_AES_128_CBC_SHA256");
    const user = await User.bootstrap(system.keyManager, system.subscriber());
    const tshark = await capture(["-o", `tls.psk:${user.keyHex(pskUa(suite))}`]);
    if ("whyNot" in tshark) return skip(tshark.whyNot);
    const hint = await visit(user, suite);
    const seen = await tshark.lines((rows) => {
      const all = dissected(rows);
      return all.identity.length > 0 && all.response.length > 0 ? all : undefined;
    });
    expect(seen).toMatchObject({
      serverName: [ENABLER],
      hint: ["3GPP-bootstrapping"],
      identity: [user.pskIdentity],
      request: ["/protected"],
      response: ["200"],
    });
    expect(hint).toBe("3GPP-bootstrapping");
    expect(seen.suite).toContain(code(suite));
  });

  test("reads the identity in the ClientHello of TLS 1.3, where there is no hint", async ({ skip }) => {
    const suite = suiteNamed("TLS_AES_128_GCM_SHA256");
    const user = await User.bootstrap(system.keyManager, system.subscriber());
    const tshark = await capture([]);
    if ("whyNot" in tshark) return skip(tshark.whyNot);
    await visit(user, suite);
    const seen = await tshark.lines((rows) => {
      const all = dissected(rows);
      return all.type.includes("2") ? all : undefined;
    });
    expect(seen).toMatchObject({ serverName: [ENABLER], hint: [], identity13: [user.pskIdentity] });
    expect(seen.suite).toContain(code(suite));
  });
});
