import { describe, expect, it } from "vitest";
import { suiteByName } from "../protocols/tls/index.ts";
import type { Access } from "../roles/terminal/index.ts";
import type { ViewField } from "../system/profile/index.ts";
import type { SecureSession } from "../wire/secure-client.ts";
import type { ToldView } from "./case-context.ts";
import { compareViews, connectionKnown, viewDifferences } from "./connection-view.ts";
import { access, answers } from "./testing/accesses.ts";

const BINDING = Buffer.from("fedcba98".repeat(8), "hex");
const HEX = "fedcba98".repeat(8);

function session(change: Partial<SecureSession> = {}): SecureSession {
  const suite = suiteByName("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  if (suite === undefined) throw new Error("the suite is in the table");
  return { ...access(() => answers(200)).session, suite, channelBinding: BINDING, ...change };
}

const told = (fields: Partial<Record<ViewField, string | undefined>>): ToldView =>
  // Its keys are those of the parameter's type.
  new Map(Object.entries(fields) as [ViewField, string | undefined][]);

describe("viewDifferences", () => {
  it.each<[ViewField, string]>([
    ["version", "1.2"],
    ["version", "TLSv1.2"],
    ["version", "TLS 1.2"],
    ["suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    ["suite", "ECDHE-RSA-AES128-GCM-SHA256"],
    ["suite", "c02f"],
    ["suite", "0xC02F"],
    ["exporter", HEX],
    ["exporter", HEX.toUpperCase()],
    ["exporter", BINDING.toString("base64")],
  ])("takes %s as %s", (field, value) => {
    expect(viewDifferences(connectionKnown(session()), told({ [field]: value }))).toEqual([]);
  });

  it.each<[ViewField, string | undefined, string]>([
    ["version", "1.3", "version: the terminal knows 1.2, the enabler tells 1.3"],
    [
      "suite",
      "c030",
      "suite: the terminal knows tls_ecdhe_rsa_with_aes_128_gcm_sha256, the enabler tells c030",
    ],
    ["exporter", undefined, `exporter: the terminal knows ${HEX}, the enabler tells nothing`],
    [
      "exporter",
      BINDING.toString("base64").toLowerCase(),
      `exporter: the terminal knows ${HEX}, the enabler tells ${BINDING.toString("base64").toLowerCase()}`,
    ],
  ])("sees another %s: %s", (field, value, line) => {
    expect(viewDifferences(connectionKnown(session()), told({ [field]: value }))).toEqual([line]);
  });

  it("compares what both know and nothing else", () => {
    const known = connectionKnown(session({ channelBinding: undefined }));
    expect(viewDifferences(known, told({ exporter: "00", user: "alice" }))).toEqual([]);
  });
});

describe("compareViews", () => {
  const over = (change: Partial<SecureSession> = {}): Access => ({
    ...access(() => answers(200)),
    session: session(change),
  });

  it("gives the differences of all connections that stand", async () => {
    const views = [told({ version: "1.2" }), told({ version: "1.3" })];
    const differences = await compareViews([over(), over()], async () => views.shift());
    expect(differences).toEqual(["version: the terminal knows 1.2, the enabler tells 1.3"]);
  });

  it("says nothing where there is nothing to compare", async () => {
    const fails = async () => {
      throw new Error("status 401");
    };
    expect(await compareViews([], fails)).toBeUndefined();
    expect(await compareViews([over()], fails)).toBeUndefined();
    expect(await compareViews([over()], async () => told({ user: "alice" }))).toBeUndefined();
    expect(
      await compareViews([over({ alive: false })], async () => told({ version: "1.3" })),
    ).toBeUndefined();
  });
});
