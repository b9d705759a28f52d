import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "vitest";
import { type Certified, certified } from "./testing/certificates.ts";
import { httpsSystem, tcpSystem } from "./testing/scripts.ts";
import { check, lines, type Parts } from "./testing/systems.ts";

const PSK = { "waysIn/uc1.https-digest": undefined, "waysIn/server-only": undefined };
const DIGEST = { "waysIn/uc1.psk-tls": undefined, "waysIn/server-only": undefined };
const SERVER_NAME = "naf.home1.example";
const NO_OTHERS = { "resources/identity": undefined, "resources/state": undefined };

interface Case {
  readonly name: string;
  readonly parts: Parts;
  readonly line: RegExp;
}

/** Addresses in the file, as for a product with fixed ports, which nobody starts. */
const elsewhere = (host: string, port: number, bounds: Record<string, number> = {}): Parts => ({
  ics: PSK,
  ixit: {
    system: { kind: "process", command: ["{node}", "{profile}/system.mjs", "{config}"], ready: "announce" },
    bounds: { connectMs: 500, ...bounds },
  },
  script: `
    console.log(JSON.stringify({ ready: true, endpoints: { "uc1.psk-tls": { host: ${JSON.stringify(host)}, port: ${port} } } }));
    process.stdin.once("end", () => process.exit(0)).resume();
  `,
});

describe.concurrent("an address that leads nowhere", () => {
  const cases: readonly Case[] = [
    {
      name: "a port on which nobody listens",
      parts: elsewhere("127.0.0.1", 1),
      line: /^unreachable uc1\.psk-tls: uc1\.psk-tls at 127\.0\.0\.1:1 is not reachable: connect ECONNREFUSED 127\.0\.0\.1:1 \| Start the system, or write the port that it listens on\.$/,
    },
    {
      name: "a name that does not resolve",
      parts: elsewhere("nowhere.invalid", 443, { connectMs: 5000 }),
      line: /^unreachable uc1\.psk-tls: uc1\.psk-tls at nowhere\.invalid:443 is not reachable: .* \| (Mend the name|Write an address)/,
    },
    {
      name: "an address that is never announced",
      parts: {
        ...elsewhere("127.0.0.1", 1),
        script: `console.log('{"ready":true,"endpoints":{}}'); process.stdin.once("end", () => process.exit(0)).resume();`,
      },
      line: /^unreachable uc1\.psk-tls: the system announced no address for uc1\.psk-tls, which the ICS claims \| Let it announce one/,
    },
    {
      name: "a second instance that is not there",
      parts: {
        ics: DIGEST,
        // The line that the reference system announces itself with, with another port in it.
        config: `
          const { write } = process.stdout;
          process.stdout.write = (text, ...more) => write.call(process.stdout, text.replace(/("uc1.https-digest.second":.*?"port":)\\d+/, "$11"), ...more);
        `,
      },
      line: /^unreachable uc1\.https-digest\.second: uc1\.https-digest\.second at 127\.0\.0\.1:1 is not reachable/,
    },
    {
      name: "a listener that speaks something else than TLS",
      parts: { ics: PSK, script: tcpSystem("uc1.psk-tls", 'socket.write("220 mail.example ESMTP\\r\\n");') },
      line: /^no-tls uc1\.psk-tls: uc1\.psk-tls at \S+ answers a TLS handshake with something that is no TLS \| Name the port on which the system speaks TLS/,
    },
    {
      name: "a listener that says nothing",
      parts: {
        ics: PSK,
        ixit: { bounds: { connectMs: 500, responseMs: 200, keyManagerMs: 100 } },
        script: tcpSystem("uc1.psk-tls", ""),
      },
      line: /^handshake ics\.yaml:\d+:\d+ waysIn\.uc1\.psk-tls: .* completes no handshake with any claimed TLS version .*: no answer within 1100 ms \|/,
    },
    {
      name: "a listener that closes",
      parts: { ics: DIGEST, script: tcpSystem("uc1.https-digest", "socket.end();") },
      line: /^handshake ics\.yaml:\d+:\d+ waysIn\.uc1\.https-digest: .*: connection closed \|/,
    },
    {
      name: "a listener outside TLS that serves what is protected",
      parts: { ics: PSK, config: 'config.fault = "serves-without-tls";' },
      line: /^plain plain: 127\.0\.0\.1:\d+ serves \/protected in clear, without TLS and without a user \| Let the system serve it over TLS only/,
    },
    {
      name: "no hint where one is claimed",
      parts: { ics: PSK, config: 'config.fault = "psk-no-hint";' },
      line: /^psk-hint ics\.yaml:\d+:\d+ psk: the system sends no PSK identity hint, and psk\.hint claims "3GPP-bootstrapping" \| Write psk\.hint: none|^psk-hint ics\.yaml:\d+:\d+ psk\.hint: the system sends no PSK identity hint/,
    },
  ];
  it.for(cases)("$name", { timeout: 60_000 }, async ({ parts, line }, { expect }) => {
    expect(lines((await check(parts)).findings)).toEqual([expect.stringMatching(line)]);
  });
});

describe.concurrent("the certificate that terminals see", () => {
  const root = certified("Test Root", { authority: true });
  const middle = certified("Test Intermediate", { issuer: root, authority: true });
  const presenting = (leaf: Certified, sent = leaf.certificate, trust = root.certificate): Parts => ({
    ics: DIGEST,
    ixit: { "enabler/trust": "trust.pem" },
    files: { "trust.pem": trust, "leaf.pem": sent, "leaf.key": leaf.privateKey },
    config:
      "config.enabler.certificate = profile + '/leaf.pem'; config.enabler.privateKey = profile + '/leaf.key';",
  });
  const chained = certified(SERVER_NAME, { issuer: middle });
  const cases: readonly Case[] = [
    {
      name: "has another name",
      parts: presenting(
        certified("other.example", { issuer: root, names: ["other.example", "www.other.example"] }),
      ),
      line: /^certificate-name ixit\.yaml:\d+:\d+ enabler\.serverName: the certificate of "other\.example" at uc1\.https-digest at \S+ is not one for naf\.home1\.example: its names are other\.example, www\.other\.example \| Give the system a certificate/,
    },
    {
      name: "has expired",
      parts: presenting(certified(SERVER_NAME, { issuer: root, from: -20, to: -2 })),
      line: /^certificate-date uc1\.https-digest at \S+: the certificate of "CN=naf\.home1\.example" expired at 20\d\d-\S+Z; the clock here says 20\d\d-\S+Z \| Renew the certificate, or set the clock/,
    },
    {
      name: "is not valid yet",
      parts: presenting(certified(SERVER_NAME, { issuer: root, from: 2, to: 20 })),
      line: /^certificate-date uc1\.https-digest at \S+: the certificate of "CN=naf\.home1\.example" is valid from 20\d\d-\S+Z only; the clock here says/,
    },
    {
      name: "issued itself",
      parts: presenting(certified(SERVER_NAME)),
      line: /^certificate-authority ixit\.yaml:\d+:\d+ enabler\.trust: the certificate comes from another authority, "CN=naf\.home1\.example", and "CN=Test Root" of enabler\.trust is believed \| Name a PEM file/,
    },
    {
      name: "comes from an authority of the same name",
      parts: presenting(certified(SERVER_NAME, { issuer: certified("Test Root", { authority: true }) })),
      line: /^certificate-authority ixit\.yaml:\d+:\d+ enabler\.trust: the certificate comes from an authority with the name "CN=Test Root" and another key/,
    },
    {
      name: "comes without its intermediate",
      parts: presenting(chained),
      line: /^certificate-chain ixit\.yaml:\d+:\d+ enabler\.trust: the chain is incomplete or from another authority: "CN=Test Intermediate", which issued "CN=naf\.home1\.example", is not sent, and "CN=Test Root" of enabler\.trust is believed \| Let the system send the certificate of "CN=Test Intermediate"/,
    },
    {
      name: "comes from an authority that the test system does not know",
      parts: {
        ics: DIGEST,
        files: presenting(chained).files ?? {},
        config: presenting(chained).config ?? "",
      },
      line: /^certificate-chain uc1\.https-digest at \S+: .* and the authority of the test system is believed \| .*Let the system show the certificate of enabler\.certificate/,
    },
  ];
  it.for(cases)("$name", { timeout: 60_000 }, async ({ parts, line }, { expect }) => {
    const { findings, unjudged } = await check(parts);
    expect(lines(findings)).toEqual([expect.stringMatching(line)]);
    expect(unjudged[0]).toContain("what comes after a certificate that terminals believe");
  });

  it("is judged once where two ways in share an address", { timeout: 60_000 }, async ({ expect }) => {
    const parts = presenting(certified("other.example", { issuer: root }));
    const { findings, unjudged } = await check({ ...parts, ics: { "waysIn/uc1.psk-tls": undefined } });
    expect(findings.map(({ id }) => id)).toEqual(["certificate-name"]);
    expect(unjudged.join("\n")).toMatch(
      /uc1\.https-digest at .*what comes after.*\nresources.*\nserver-only at .*what comes after/,
    );
  });

  it("is right with its intermediate", { timeout: 60_000 }, async ({ expect }) => {
    const { findings } = await check(presenting(chained, chained.certificate + middle.certificate));
    expect(lines(findings)).toEqual([]);
  });
});

describe.concurrent("the challenge", () => {
  const cases: readonly Case[] = [
    {
      name: "does not come: the resource is served",
      parts: { config: 'config.fault = "digest-serves-without-credentials";' },
      line: /^no-challenge ixit\.yaml:\d+:\d+ resources\.protected\.path: \/protected is answered with status 200 and not with 401 .* \| Name a path that only an authenticated user gets/,
    },
    {
      name: "does not come: the path is another",
      parts: { script: httpsSystem("response.writeHead(404).end();") },
      line: /^no-challenge ixit\.yaml:\d+:\d+ resources\.protected\.path: \/protected is answered with status 404 and not with 401 .* \| Name a path that the system protects/,
    },
    {
      name: "does not come: nothing does",
      parts: { script: httpsSystem("response.destroy();") },
      line: /^no-challenge uc1\.https-digest at \S+: a request for \/protected gets no response: /,
    },
    {
      name: "does not come: a header without end does",
      parts: {
        script: httpsSystem(`
          const more = () => { while (!request.socket.destroyed && request.socket.write("X-A: " + "a".repeat(9000) + "\\r\\n")); };
          request.socket.on("drain", more).write("HTTP/1.1 401 Unauthorized\\r\\n");
          more();
        `),
      },
      line: /^no-challenge uc1\.https-digest at \S+: a request for \/protected gets no response: protocol error: /,
    },
    {
      name: "is empty",
      parts: { script: httpsSystem("response.writeHead(401).end();") },
      line: /^no-challenge ixit\.yaml:\d+:\d+ resources\.protected\.path: the 401 for \/protected has no WWW-Authenticate that can be read, and no Digest challenge \|/,
    },
    {
      name: "is Basic",
      parts: {
        script: httpsSystem(`response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();`),
      },
      line: /^no-challenge .*has a challenge of the scheme Basic, and no Digest challenge \| Let the system challenge with Digest/,
    },
    {
      name: "has a realm that is none of bootstrapping",
      parts: { config: 'config.fault = "digest-foreign-realm";' },
      line: /^realm uc1\.https-digest at \S+: the realm is ".+", and a terminal with a bootstrapped key answers to 3GPP-bootstrapping@naf\.home1\.example only \| Let the system write the realm/,
    },
    {
      name: "has the realm of another enabler",
      parts: {
        script: httpsSystem(
          'response.writeHead(401, { "WWW-Authenticate": digest("3GPP-bootstrapping@other.example") }).end();',
        ),
      },
      line: /^realm ixit\.yaml:\d+:\d+ enabler\.serverName: the realm "3GPP-bootstrapping@other\.example", .* names another enabler than "naf\.home1\.example" \| Write enabler\.serverName: "other\.example"/,
    },
    {
      name: "is right, and the key is not asked for",
      parts: { script: httpsSystem('response.writeHead(401, { "WWW-Authenticate": right }).end();') },
      line: /^zn-not-called Zn: .* \(the right credentials: status 401\)/,
    },
    {
      name: "is right, and the password is another",
      parts: {
        script: httpsSystem(`
          const btId = btidOf(request);
          const ua = "010001" + { TLS_AES_128_GCM_SHA256: "1301", "ECDHE-RSA-AES128-GCM-SHA256": "c02f" }[request.socket.getCipher().name];
          if (btId !== undefined) ask({ btId, nafId: { nafFqdn: serverName, uaSecProtId: ua } });
          setTimeout(() => response.writeHead(401, { "WWW-Authenticate": right }).end(), btId === undefined ? 0 : 300);
        `),
      },
      line: /^digest-key uc1\.https-digest at \S+: the system asked for the right key, was given it, and refuses .* \| Let it take base64 of the 32 octets of Ks_NAF as the password: 44 characters/,
    },
  ];
  const ixit = NO_OTHERS;
  const ics = {
    ...DIGEST,
    "waysIn/uc1.https-digest/suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"],
  };
  it.for(cases)("$name", { timeout: 60_000 }, async ({ parts, line }, { expect }) => {
    expect(lines((await check({ ics, ixit, ...parts })).findings)).toEqual([expect.stringMatching(line)]);
  });

  it("has a port in its realm, which terminals overlook", { timeout: 60_000 }, async ({ expect }) => {
    const script = httpsSystem(
      'response.writeHead(401, { "WWW-Authenticate": digest("3GPP-bootstrapping@" + serverName + ":8443") }).end();',
    );
    const found = lines((await check({ ics, ixit, script })).findings);
    expect(found[0]).toMatch(
      /^realm uc1\.https-digest at \S+: the realm has a port in it: "3GPP-bootstrapping@naf\.home1\.example:8443".* \| Let the system write the realm 3GPP-bootstrapping@naf\.home1\.example, whatever its port\.$/,
    );
    expect(found[1]).toMatch(/^zn-not-called/);
  });

  it.for([
    [
      3_600_000,
      /^clock ixit\.yaml:\d+:\d+ bounds\.expiryToleranceMs: the clock of the system is at least 3[56]\d{5} ms ahead of this machine's \(Date: .* GMT\), and 1000 ms are tolerated \| Set both clocks by NTP/,
    ],
    [-60_000, /^clock .* is at least 5\d{4} ms behind this machine's/],
  ] as const)(
    "comes with a clock that is %d ms off",
    { timeout: 60_000 },
    async ([off, line], { expect }) => {
      const script = httpsSystem(`
      response.setHeader("Date", new Date(Date.now() + ${off}).toUTCString());
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();
    `);
      const found = lines((await check({ ics, ixit, script })).findings);
      expect(found[0]).toMatch(line);
    },
  );

  it("without a Date header leaves the clock alone", { timeout: 60_000 }, async ({ expect }) => {
    const script = httpsSystem("response.sendDate = false; response.writeHead(404).end();");
    const { notes } = await check({ ics, ixit, script });
    expect(notes).toEqual([
      "resources.identity, resources.state: left out of ixit.yaml, so what needs it is declared in a run and not judged",
      "the clock of the system cannot be seen: its responses carry no Date header",
    ]);
  });
});

describe.concurrent("what cannot be started", () => {
  it("is a port that is in use", { timeout: 60_000 }, async ({ expect }) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { findings, unjudged } = await check({
      ics: PSK,
      ixit: { "keyManager/zn": { host: "127.0.0.1", port } },
    });
    other.close();
    expect(lines(findings)).toEqual([
      expect.stringMatching(
        /^port ixit\.yaml:\d+:\d+ keyManager\.zn\.port: our key manager cannot listen there \(listen EADDRINUSE.*\) \| Free the port, or name another one/,
      ),
    ]);
    expect(unjudged).toHaveLength(1);
  });

  it("is an address of another machine", { timeout: 60_000 }, async ({ expect }) => {
    const { findings } = await check({
      ics: PSK,
      ixit: { "keyManager/ub": { host: "192.0.2.1", port: 0 } },
    });
    expect(lines(findings)).toEqual([
      expect.stringMatching(
        /^port ixit\.yaml:\d+:\d+ keyManager\.ub\.host: .*EADDRNOTAVAIL.* \| Name an address of this machine\.$/,
      ),
    ]);
  });

  it("is a system that ends at once", { timeout: 60_000 }, async ({ expect }) => {
    const { findings, unjudged } = await check({ ics: PSK, script: "process.exit(7);" });
    expect(findings).toEqual([]);
    expect(unjudged).toEqual([expect.stringContaining("ended with exit code 7 before it was ready")]);
  });
});
