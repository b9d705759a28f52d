import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "../faults.ts";
import { Bench, Material } from "./bench.ts";
import { commonProbes } from "./probes/common-decisions.ts";
import { digestProbes } from "./probes/digest.ts";
import type { Probe } from "./probes/probe.ts";
import { pskProbes } from "./probes/psk.ts";

const PROBES: Readonly<Record<string, Probe>> = { ...pskProbes, ...commonProbes, ...digestProbes };

test("each fault has a probe of its own", () => {
  expect(Object.keys(PROBES).sort()).toEqual(FAULTS.map(({ id }) => id).sort());
});

test("each fault says what has to fail", () => {
  for (const { id, title, requirements, clauses } of FAULTS) {
    expect.soft(title, id).not.toBe("");
    expect.soft(requirements.length > 0 || (clauses ?? []).length > 0, id).toBe(true);
  }
});

describe("faults", () => {
  const material = new Material();
  let sound: Bench;
  beforeAll(async () => {
    sound = await Bench.start(material);
  });
  afterAll(async () => {
    await sound.stop();
    material.remove();
  });

  test.each(FAULTS.map(({ id }) => id))("%s shows, and only when it is started with it", async (id) => {
    const probe = PROBES[id];
    if (probe === undefined) throw new Error(`no probe for ${id}`);
    const defective = await Bench.start(material, id);
    try {
      expect(await Promise.all([probe(defective), probe(sound)])).toEqual([true, false]);
    } finally {
      await defective.stop();
    }
  });
});
