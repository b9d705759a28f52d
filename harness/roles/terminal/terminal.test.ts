import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { TlsOptions } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { ksNafPassword, UA_TLS13_PSK, uaTlsSuite } from "../../protocols/gba/index.ts";
import { type ResumableSession, suiteByName } from "../../protocols/tls/index.ts";
import { EngineSecureClient } from "../../wire/engine/engine-secure-client.ts";
import { CertificateAuthority } from "../certificate-authority/index.ts";
import { listenHttp, type StrictDigest, strictDigest } from "../testing/digest-server.ts";
import { NAF } from "../testing/names.ts";
import { authority, newSubscriber, newTerminal, startKeyManager, terminalOf } from "../testing/operator.ts";
import type { EnablerEntrance, EntryOutcome } from "./index.ts";

const stranger = await CertificateAuthority.create("strange operator");
const certificate = await authority.issue({ commonName: NAF, names: [NAF], usage: "server" });

function suites(name: string) {
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`${name} is not in the table`);
  return [suite];
}

const PSK_SUITE = "TLS_PSK_WITH_AES_128_GCM_SHA256";
const TLS_13 = "TLS_AES_128_GCM_SHA256";

const entrance = (
  address: { host: string; port: number },
  version: "1.2" | "1.3",
  suite: string,
): EnablerEntrance => ({ address, serverName: NAF, version, suites: suites(suite) });

/** An HTTPS server for one test. */
const listenHttps = (options: TlsOptions, listener: RequestListener) =>
  listenHttp(createServer(options, listener));

function entered<A>(outcome: EntryOutcome & { access?: A }) {
  if (!outcome.entered) throw new Error(JSON.stringify(outcome.ending));
  const { access } = outcome;
  onTestFinished(() => access.session.close());
  return access;
}

const GET = { method: "GET", target: "/protected" };

describe("a terminal enters with PSK-TLS", () => {
  /** An enabler that knows one key of a bootstrapping, and the identities and header fields that it saw. */
  async function enabler(key: Uint8Array) {
    const identities: string[] = [];
    const heads: string[][] = [];
    const address = await listenHttps(
      {
        ciphers: `${TLS_13}:PSK`,
        pskIdentityHint: "3GPP-bootstrapping",
        pskCallback: (_socket, identity) => {
          identities.push(identity);
          return key;
        },
      },
      ({ rawHeaders }, response) => {
        heads.push(rawHeaders);
        response.end("served");
      },
    );
    return { address, identities, heads };
  }

  async function bootstrapped() {
    const keyManager = await startKeyManager();
    const terminal = newTerminal(keyManager);
    return { terminal, ...(await terminal.bootstrap(keyManager)) };
  }

  test.each([
    ["1.2", PSK_SUITE, uaTlsSuite(0x00a8), ";"],
    ["1.2", PSK_SUITE, uaTlsSuite(0x00a8), "."],
    ["1.3", TLS_13, UA_TLS13_PSK, ""],
  ] as const)(
    "TLS %s %s: the key is Ks_NAF, the identity names the B-TID",
    async (version, suite, ua, separator) => {
      const { terminal, credential, btid } = await bootstrapped();
      const { address, identities, heads } = await enabler(credential.key({ nafFqdn: NAF, ua }));
      const outcome = await terminal.enterWithPsk(entrance(address, version, suite), credential, {
        ua,
        separator,
      });
      const access = entered(outcome);
      expect(access.session).toMatchObject({ version, pskInUse: true });
      expect(identities).toContain(`3GPP-bootstrapping${separator}${btid}`);
      for (const request of [access.request, access.requestHere]) {
        const reply = await request.call(access, { ...GET, headers: [["X-Own", "1"]] });
        expect(reply.ok && reply.response.body.toString()).toBe("served");
      }
      expect(heads[0]).toEqual(expect.arrayContaining(["host", NAF, "X-Own", "1"]));
      expect(heads[0]?.join()).toContain("User-Agent,seccf-terminal/1 3gpp-gba");
    },
  );

  test("a key for another enabler or another suite is refused", async () => {
    const { terminal, credential } = await bootstrapped();
    const ua = uaTlsSuite(0x00a8);
    const { address } = await enabler(credential.key({ nafFqdn: NAF, ua }));
    for (const liar of [credential.forOtherNaf("x.example"), credential.forOtherUa(UA_TLS13_PSK, "x")]) {
      const outcome = await terminal.enterWithPsk(entrance(address, "1.2", PSK_SUITE), liar, {
        ua,
        separator: ";",
      });
      expect(outcome).toMatchObject({
        entered: false,
        tcpConnected: true,
        ending: { kind: "alert", alert: 20 },
      });
    }
  });
});

describe("a terminal enters with TLS and Digest", () => {
  const REALM = `3GPP-bootstrapping@${NAF}`;
  const MD5_AUTH = { algorithm: "MD5", qop: "auth" } as const;

  async function enter(
    options: TlsOptions,
    digest: Pick<StrictDigest, "listener">,
    trust = authority.certificate,
  ) {
    const address = await listenHttps(options, digest.listener);
    const { terminal } = terminalOf(newSubscriber());
    const keyManager = await startKeyManager();
    const { credential } = await newTerminal(keyManager).bootstrap(keyManager);
    const negotiated: string[] = [];
    const outcome = await terminal.enterWithDigest(entrance(address, "1.3", TLS_13), credential, {
      trust,
      ua: (version, suite) => {
        negotiated.push(`${version} ${suite.name}`);
        return uaTlsSuite(suite.code);
      },
      choice: MD5_AUTH,
    });
    return { outcome, credential, negotiated };
  }

  test("the password is Ks_NAF for the negotiated suite", async () => {
    const users = new Map<string, string>();
    const digest = strictDigest({
      users,
      realms: [REALM],
      challenges: (nonce) => [`Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5, qop="auth"`],
    });
    const { outcome, credential, negotiated } = await enter(
      { cert: certificate.certificate, key: certificate.privateKey },
      digest,
    );
    const key = credential.key({ nafFqdn: NAF, ua: uaTlsSuite(0x1301) });
    users.set(credential.name, ksNafPassword(key));
    const access = entered(outcome);
    expect(negotiated).toEqual([`1.3 ${TLS_13}`]);
    for (const request of [access.request, access.requestHere]) {
      const reply = await request.call(access, GET);
      expect(reply.ok && reply.response.status).toBe(200);
    }
    expect(digest.log).toEqual(["challenged", `served ${credential.name}`, `served ${credential.name}`]);
  });

  test.each([
    [
      "another authority's",
      async () => stranger.issue({ commonName: NAF, names: [NAF], usage: "server" }),
      /[A-Z_]+/,
    ],
    [
      "for another name",
      async () => authority.issue({ commonName: NAF, names: ["other.example"], usage: "server" }),
      /naf\.home1\.example/,
    ],
    [
      "a client's",
      async () => authority.issue({ commonName: NAF, names: [NAF], usage: "client" }),
      /INVALID_PURPOSE/,
    ],
  ] as const)("and goes no further when the certificate is %s", async (_, issue, text) => {
    const wrong = await issue();
    let requests = 0;
    const { outcome } = await enter(
      { cert: wrong.certificate, key: wrong.privateKey },
      {
        listener: (_request, response) => {
          requests += 1;
          response.end();
        },
      },
    );
    expect(outcome).toMatchObject({ entered: false, tcpConnected: true, ending: { kind: "given-up" } });
    expect(JSON.stringify(outcome)).toMatch(text);
    expect(requests).toBe(0);
  });

  test("only the handshake, whatever the certificate is worth", async () => {
    const address = await listenHttps(
      { cert: certificate.certificate, key: certificate.privateKey },
      () => undefined,
    );
    const { terminal } = terminalOf(newSubscriber());
    const outcome = await terminal.connectWithCertificate(
      entrance(address, "1.3", TLS_13),
      stranger.certificate,
    );
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
    expect(outcome.session.certificate).toMatchObject({ names: [NAF], chainError: expect.any(String) });
    await outcome.session.close();
  });
});

describe("a terminal enters as nobody", () => {
  async function enter(trust: string) {
    const heads: string[][] = [];
    const address = await listenHttps(
      { cert: certificate.certificate, key: certificate.privateKey },
      ({ rawHeaders }, response) => {
        heads.push(rawHeaders);
        response.end();
      },
    );
    const outcome = await terminalOf(newSubscriber()).terminal.enterAsNobody(
      entrance(address, "1.3", TLS_13),
      trust,
    );
    return { outcome, heads };
  }

  test("and says nothing about its user", async () => {
    const { outcome, heads } = await enter(authority.certificate);
    const reply = await entered(outcome).request(GET);
    expect(reply.ok && reply.response.status).toBe(200);
    expect(heads).toHaveLength(1);
    expect(heads.flat().join().toLowerCase()).not.toMatch(/authorization|identity|@/);
  });

  test("and goes on with a session of which the certificate was believed, and is not shown again", async () => {
    const address = await listenHttps(
      { cert: certificate.certificate, key: certificate.privateKey, maxVersion: "TLSv1.2" },
      (_request, response) => response.end("served"),
    );
    const { terminal } = terminalOf(newSubscriber());
    const at = entrance(address, "1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    const sessions: ResumableSession[] = [];
    const first = new EngineSecureClient({
      onSession: (one) => sessions.push(one),
      offer: { tickets: true },
    });
    entered(await terminal.enterAsNobody({ ...at, client: first }, authority.certificate));
    const [session] = sessions;
    if (session === undefined) throw new Error("the server gave no ticket");
    const second = new EngineSecureClient({ offer: { tickets: true, session } });
    const access = entered(await terminal.enterAsNobody({ ...at, client: second }, authority.certificate));
    expect(access.session).toMatchObject({ resumed: true, pskInUse: false });
    expect(access.session.certificate).toBeUndefined();
    const replies = await access.flightHere([GET, GET]);
    expect(replies.map((reply) => reply.ok && reply.response.status)).toEqual([200, 200]);
  });

  test("and goes no further when it cannot authenticate the enabler", async () => {
    const { outcome, heads } = await enter(stranger.certificate);
    expect(outcome).toMatchObject({ entered: false, ending: { kind: "given-up" } });
    expect(heads).toEqual([]);
  });
});

test("a subscriber whose secrets have a wrong length is our mistake", () => {
  const subscriber = newSubscriber();
  expect(() => terminalOf({ ...subscriber, k: randomBytes(15) })).toThrow(RangeError);
  expect(() => terminalOf(subscriber, { sqn: new Uint8Array(5) })).toThrow(RangeError);
});
