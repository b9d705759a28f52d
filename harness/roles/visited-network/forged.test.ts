import { describe, expect, onTestFinished, test } from "vitest";
import { type ClientOffer, FORGERIES, type ForgeryName, suiteByName } from "../../protocols/tls/index.ts";
import { EngineSecureClient } from "../../wire/engine/engine-secure-client.ts";
import { listenTls } from "../../wire/testing/loopback.ts";
import { Recorder } from "../../wire/testing/recorder.ts";
import { pskOffer, pskServer } from "../../wire/testing/tls-peers.ts";
import { visitedNetwork } from "./tls-path-fixture.ts";
import { describeTreatment, type Treatment } from "./treatment.ts";

const SUITES = {
  "1.2": ["TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"],
  "1.3": ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
} as const;
const BOUNDS = { connectMs: 5_000, responseMs: 5_000 };

/** OpenSSL with a pre-shared key, and somebody on the path. */
async function enter(what: ForgeryName, version: "1.2" | "1.3", offer: Partial<ClientOffer>) {
  const server = await listenTls(
    { ...pskServer(), minVersion: "TLSv1.2", pskIdentityHint: "hint", ciphers: "ALL:@SECLEVEL=0" },
    (socket) => socket.resume(),
  );
  const network = await visitedNetwork([server.at]);
  const ofClient = FORGERIES[what].of === "clientHello";
  const treatment: Treatment = {
    direction: ofClient ? "towards-server" : "towards-client",
    which: { nth: ofClient ? 1 : "every", of: "handshake" },
    action: { kind: "forge", what },
  };
  const treated = network.treat(treatment);
  const client = new EngineSecureClient({ offer, naive: true });
  const suites = SUITES[version].map(suiteByName).filter((suite) => suite !== undefined);
  const asked = { ...pskOffer(version), suites };
  const shaken = await client.connect(network.inside(server.at), asked, BOUNDS, new Recorder());
  if (shaken.ok) onTestFinished(() => shaken.session.close());
  return { shaken, treated };
}

const IN: Readonly<Record<ForgeryName, readonly ("1.2" | "1.3")[]>> = {
  version: ["1.3"],
  suite: ["1.2", "1.3"],
  "extended-master-secret": ["1.2"],
  "encrypt-then-mac": ["1.2"],
  "renegotiation-info": ["1.2"],
  "server-name": ["1.2", "1.3"],
  group: ["1.2", "1.3"],
  "psk-modes": ["1.3"],
  hint: ["1.2"],
};
const ROWS = Object.entries(IN).flatMap(([what, versions]) =>
  // The keys of a record of ours are its type's.
  versions.map((version) => [what as ForgeryName, version] as const),
);

describe("OpenSSL notices what is forged", () => {
  test.each(ROWS)("%s in TLS %s", async (what, version) => {
    const versions = what === "version" ? { versions: ["1.3", "1.2"] as const } : {};
    const { shaken, treated } = await enter(what, version, { extendedMasterSecret: false, ...versions });
    if (what === "extended-master-secret") {
      expect(treated).toMatchObject({
        carriedOut: false,
        whyNot: "the ClientHello has no extendedMasterSecret",
      });
      return;
    }
    expect(treated.whyNot ?? "").toMatch(what === "hint" ? /holds no serverKeyExchange|^$/ : /^$/);
    expect(treated.carriedOut).toBe(true);
    expect(shaken).toMatchObject({ ok: false, ending: { kind: "alert" } });
  });

  test("an offer of an extended master secret that is taken away", async () => {
    const { shaken, treated } = await enter("extended-master-secret", "1.2", {});
    expect(treated.carriedOut).toBe(true);
    expect(shaken).toMatchObject({ ok: false, ending: { kind: "alert" } });
  });

  test("a treatment says what is forged", () => {
    const which = { nth: 1, of: "handshake" } as const;
    const action = { kind: "forge", what: "suite" } as const;
    expect(describeTreatment({ direction: "towards-server", which, action })).toContain(
      "the first suite that the terminal offers is taken away",
    );
  });
});
