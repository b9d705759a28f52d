import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "../faults.ts";
import { Bench, Material } from "./bench.ts";
import { GET, servedWith, withTerminal } from "./probes/digest-terminal.ts";
import type { Probe } from "./probes/probe.ts";

/** SHA-256 and auth-int only, nonces that last shorter than the probe of them. */
const STRICT = { algorithms: ["SHA-256"], qop: ["auth-int"], nonceLifetimeMs: 200 };

const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  "digest-accepts-unoffered": [
    servedWith(() => ({ algorithm: "MD5", qop: "auth-int" })),
    servedWith(() => ({ qop: "auth" })),
  ],
  "digest-nonces-never-age": [
    withTerminal(async (terminal) => {
      const { nonce } = await terminal.choice();
      const ends = Date.now() + STRICT.nonceLifetimeMs;
      while (Date.now() <= ends) await terminal.challenged();
      return (await terminal.ask(GET, { qop: "auth-int", nonce })).status === 200;
    }),
  ],
};

test("each fault that a strict Digest shows has a probe of its own", () => {
  const ids = FAULTS.filter(({ shownBy }) => shownBy === "reference-digest").map(({ id }) => id);
  expect(Object.keys(PROBES).sort()).toEqual(ids.sort());
});

describe("faults", () => {
  const material = new Material();
  let sound: Bench;
  beforeAll(async () => {
    sound = await Bench.start(material, null, { digest: STRICT });
  });
  afterAll(async () => {
    await sound.stop();
    material.remove();
  });

  test("without one, what is offered is served", async () => {
    expect(await servedWith(() => ({ qop: "auth-int" }))(sound)).toBe(true);
  });

  test.each(Object.keys(PROBES))("%s shows, and only when it is started with it", async (id) => {
    const defective = await Bench.start(material, id, { digest: STRICT });
    try {
      for (const probe of PROBES[id] ?? []) {
        expect([await probe(defective), await probe(sound)]).toEqual([true, false]);
      }
    } finally {
      await defective.stop();
    }
  });
});
