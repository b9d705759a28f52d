import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bench, Material } from "./bench.ts";
import { pskOffer } from "./clients.ts";
import { type Probe, TLS_12, toldOver } from "./probes/probe.ts";
import { askWithDigest, requestsFor } from "./probes/psk-sessions.ts";

/** As the reference does not: keys of PSK-TLS are kept, those of Digest are not. */
const OTHERWISE = { keepsKeys: { "uc1.psk-tls": true, "uc1.https-digest": false } };

const PROBES: Readonly<Record<string, Probe>> = {
  "psk-keeps-no-keys": async (bench) => {
    const user = bench.keyManager.bootstrap();
    for (const _ of [1, 2]) await toldOver(bench, pskOffer(user, ...TLS_12));
    return requestsFor(bench, user).length === 2;
  },
  "digest-keeps-keys": async (bench) => {
    const user = bench.keyManager.bootstrap();
    for (const _ of [1, 2]) await askWithDigest(bench, user);
    return requestsFor(bench, user).length === 1;
  },
};

describe("faults of an enabler that keeps other keys", () => {
  const material = new Material();
  let sound: Bench;
  beforeAll(async () => {
    sound = await Bench.start(material, null, OTHERWISE);
  });
  afterAll(async () => {
    await sound.stop();
    material.remove();
  });

  test.each(Object.keys(PROBES))("%s shows, and only when it is started with it", async (id) => {
    const probe = PROBES[id];
    if (probe === undefined) throw new Error(`no probe for ${id}`);
    const defective = await Bench.start(material, id, OTHERWISE);
    try {
      expect(await Promise.all([probe(defective), probe(sound)])).toEqual([true, false]);
    } finally {
      await defective.stop();
    }
  });
});
