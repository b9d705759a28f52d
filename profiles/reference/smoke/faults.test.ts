import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "../faults.ts";
import { Bench, Material } from "./bench.ts";
import { commonProbes } from "./probes/common-decisions.ts";
import { digestProbes } from "./probes/digest.ts";
import { digestRequestProbes } from "./probes/digest-requests.ts";
import { handshakeProbes } from "./probes/handshakes.ts";
import { keyManagerPathProbes } from "./probes/key-manager-path.ts";
import { lostRightProbes } from "./probes/lost-right.ts";
import type { Probe } from "./probes/probe.ts";
import { pskProbes } from "./probes/psk.ts";
import { pskIdentityProbes } from "./probes/psk-identities.ts";
import { identityOctetProbes } from "./probes/psk-identity-octets.ts";
import { pskSessionProbes } from "./probes/psk-sessions.ts";
import { publicIdentityProbes } from "./probes/public-identities.ts";
import { recordProbes } from "./probes/records.ts";
import { serverOnlyProbes } from "./probes/server-only.ts";
import { viewProbes } from "./probes/views.ts";

const PROBES: Readonly<Record<string, Probe>> = {
  ...pskProbes,
  ...pskIdentityProbes,
  ...identityOctetProbes,
  ...pskSessionProbes,
  ...commonProbes,
  ...digestProbes,
  ...digestRequestProbes,
  ...serverOnlyProbes,
  ...viewProbes,
  ...publicIdentityProbes,
  ...lostRightProbes,
  ...keyManagerPathProbes,
  ...recordProbes,
  ...handshakeProbes,
};

/** Those that another profile shows are tried in files of their own, but for the one that no configuration hides. */
const IDS = FAULTS.filter(
  ({ id, shownBy }) => shownBy === undefined || id === "diameter-user-of-last-answer",
).map(({ id }) => id);

test("each fault has a probe of its own", () => {
  expect(Object.keys(PROBES).sort()).toEqual([...IDS].sort());
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

  test.each(IDS)("%s shows, and only when it is started with it", async (id) => {
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
