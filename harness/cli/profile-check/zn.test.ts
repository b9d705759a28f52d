import { describe, it } from "vitest";
import { pskSystem } from "./testing/scripts.ts";
import { check, lines, type Parts } from "./testing/systems.ts";

const PSK = { "waysIn/uc1.https-digest": undefined, "waysIn/server-only": undefined };
/** The scripts speak TLS 1.2. */
const PSK_1_2 = {
  ...PSK,
  "waysIn/uc1.psk-tls/tls": ["1.2"],
  "waysIn/uc1.psk-tls/suites": ["TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA"],
};
const SERVER_NAME = "naf.home1.example";

describe.concurrent("a system that gets no key says where it stopped", () => {
  const cases: readonly (readonly [name: string, parts: Parts, line: RegExp])[] = [
    [
      "it asks somebody else",
      { ics: PSK, config: 'config.keyManager.zn.url = "https://127.0.0.1:1";' },
      /^zn-not-called Zn: the system never connected to the key manager at 127\.0\.0\.1:\d+ when a valid terminal came in \(TLS_PSK_\w+, TLS 1\.2: .+\) \| Let it ask the key manager of keyManager\.zn/,
    ],
    ["it asks nobody", { ics: PSK_1_2, script: pskSystem("") }, /^zn-not-called Zn: /],
    [
      "it does not believe the key manager's authority",
      {
        ics: PSK_1_2,
        script: pskSystem("quiet(tls.connect({ ...withCertificate, ca: [], ALPNProtocols: ['h2'] }));"),
      },
      /^zn-tls Zn: .* completes no TLS handshake: it leaves in the middle of it \| .*believe the authority of the key manager's certificate, and know it as bsf\.home1\.example/,
    ],
    [
      "it does not believe it and says so with an alert",
      {
        ics: PSK_1_2,
        // Node ends a connection without an alert, so this is one of ours in the place of its second flight.
        script: pskSystem(`
          const { duplexPair } = process.getBuiltinModule("node:stream");
          const [near, far] = duplexPair();
          quiet(tls.connect({ ...withCertificate, socket: near, maxVersion: "TLSv1.2" }));
          const socket = quiet(net.connect(port, "127.0.0.1"));
          far.once("data", (hello) => socket.write(hello));
          socket.once("data", () => socket.end(Buffer.from("15030300020230", "hex")));
        `),
      },
      /^zn-tls Zn: the system refuses the key manager in the TLS handshake: alert 48 unknown_ca \| Let the system believe the authority/,
    ],
    [
      "it completes TLS and asks nothing",
      {
        ics: PSK_1_2,
        script: pskSystem("quiet(tls.connect({ ...withCertificate, ALPNProtocols: ['h2'] }));"),
      },
      /^zn-not-asked Zn: the system completes TLS with the key manager and then asks nothing \| /,
    ],
    [
      "it shows no certificate",
      { ics: PSK_1_2, script: pskSystem("quiet(tls.connect({ ...trusting, ALPNProtocols: ['h2'] }));") },
      /^zn-tls Zn: the system connects to the key manager and shows no certificate of its own, .* \| Give the system a client certificate/,
    ],
    [
      "it shows a certificate of a server",
      {
        ics: PSK,
        config:
          "config.keyManager.zn.certificate = config.enabler.certificate; config.keyManager.zn.privateKey = config.enabler.privateKey;",
      },
      /^zn-tls Zn: the certificate of "naf\.home1\.example" that the system shows on Zn is not believed: INVALID_PURPOSE \| Let the system show the certificate of keyManager\.zn\.certificate/,
    ],
    [
      "it speaks no TLS",
      {
        ics: PSK_1_2,
        script: pskSystem('quiet(net.connect(port, "127.0.0.1")).end("GET / HTTP/1.1\\r\\n\\r\\n");'),
      },
      /^zn-tls Zn: the system connects to the key manager and speaks no TLS there \| Let it speak TLS on Zn/,
    ],
    [
      "it connects and says nothing",
      { ics: PSK_1_2, script: pskSystem('quiet(net.connect(port, "127.0.0.1"));') },
      /^zn-tls Zn: the system connects to the key manager and completes no TLS handshake/,
    ],
    [
      "it speaks HTTP/1.1",
      {
        ics: PSK_1_2,
        script: pskSystem(
          "quiet(tls.connect({ ...withCertificate, ALPNProtocols: ['http/1.1'] })).write('GET / HTTP/1.1\\r\\n\\r\\n');",
        ),
      },
      /^zn-request Zn: .* does not speak HTTP\/2 there \(no h2 in its ALPN extension\) \| Let it ask over HTTP\/2/,
    ],
    [
      "it asks something else",
      { ics: PSK_1_2, script: pskSystem("ask({ btId: btid });") },
      /^zn-request Zn: the system asked the key manager in a form that the binding nbsp-gba does not have: .*nafId/,
    ],
    [
      "it asks for a B-TID with the separator in it",
      {
        ics: PSK_1_2,
        script: pskSystem(
          `ask({ btId: ";" + btid, nafId: { nafFqdn: "${SERVER_NAME}", uaSecProtId: "01000100a8" } });`,
        ),
      },
      /^zn-request Zn: the system asked for the key of ";.*@bsf\.home1\.example", and the terminal had named ".*@bsf\.home1\.example" \| Let it pass the B-TID on/,
    ],
    [
      "its NAF_Id has a port",
      {
        ics: PSK_1_2,
        script: pskSystem(
          `ask({ btId: btid, nafId: { nafFqdn: "${SERVER_NAME}:8443", uaSecProtId: "01000100a8" } });`,
        ),
      },
      /^naf-id Zn: the system asked with the NAF_Id name "naf\.home1\.example:8443": it is a name without a port \| Let the system ask for naf\.home1\.example/,
    ],
    [
      "its NAF_Id has another name",
      {
        ics: PSK_1_2,
        script: pskSystem(
          'ask({ btId: btid, nafId: { nafFqdn: "other.home1.example", uaSecProtId: "01000100a8" } });',
        ),
      },
      /^naf-id ixit\.yaml:\d+:\d+ enabler\.serverName: the system asked with the NAF_Id name "other\.home1\.example", and terminals know it as "naf\.home1\.example" \| Write enabler\.serverName: "other\.home1\.example"/,
    ],
    [
      "it is given the key and uses it wrongly",
      {
        ics: PSK_1_2,
        script: pskSystem(
          `ask({ btId: btid, nafId: { nafFqdn: "${SERVER_NAME}", uaSecProtId: "01000100a8" } });`,
        ),
      },
      /^psk-key uc1\.psk-tls at 127\.0\.0\.1:\d+: the system asked for the right key, was given it, and refuses the terminal that has it \| Let it take the 32 octets of Ks_NAF/,
    ],
  ];

  it.for(cases)("%s", { timeout: 60_000 }, async ([, parts, line], { expect }) => {
    const { findings, unjudged } = await check(parts);
    expect(lines(findings)).toEqual([expect.stringMatching(line)]);
    expect(unjudged).toEqual(["resources: no valid terminal came in"]);
  });

  it("and what it wrote itself, once for both ways in", { timeout: 60_000 }, async ({ expect }) => {
    const { findings } = await check({ config: 'config.keyManager.zn.url = "https://127.0.0.1:1";' });
    expect(findings).toMatchObject([
      { id: "zn-not-called", wrote: expect.arrayContaining([expect.stringContaining("unreachable")]) },
    ]);
  });
});
