/** Captures of the visited network, as Wireshark's dissectors read them from the file alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { VisitedNetwork } from "../../harness/roles/visited-network/index.ts";
import { captureOf } from "../../harness/wire/capture/capture.ts";
import { EngineSecureClient } from "../../harness/wire/engine/engine-secure-client.ts";
import type { PathRecording } from "../../harness/wire/relay/recording.ts";
import type { Destination, Offer, SecureSession } from "../../harness/wire/secure-client.ts";
import { Recorder } from "../../harness/wire/testing/recorder.ts";
import {
  certificateOffer,
  certificateServer,
  pskOffer,
  pskServer,
  server as serverCertificate,
} from "../../harness/wire/testing/tls-peers.ts";
import { outputOf } from "./run-program.ts";

const REQUEST = { method: "GET", target: "/protected", headers: [["Host", "naf.home1.example"]] } as const;
const BOUNDS = { connectMs: 10_000, responseMs: 10_000 };
/** A body of more than one record. */
const BODY = "protected ".repeat(4_000);

/** An HTTP server on TLS. */
async function enabler(options: ServerOptions, host = "127.0.0.1"): Promise<Destination> {
  const server = createServer(options, (_request, response) => response.end(BODY));
  const address = await new Promise<ReturnType<typeof server.address>>((resolve) => {
    server.listen(0, host, () => resolve(server.address()));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address");
  return { host, port: address.port };
}

async function path(at: Destination): Promise<VisitedNetwork> {
  const network = await VisitedNetwork.start([at]);
  onTestFinished(() => network.close());
  return network;
}

async function enter(at: Destination, offer: Offer, keyLog: string[]): Promise<SecureSession> {
  const client = new EngineSecureClient({ onSecret: (line) => keyLog.push(line) });
  const outcome = await client.connect(at, offer, BOUNDS, new Recorder());
  if (!outcome.ok) throw new Error(`no session: ${JSON.stringify(outcome.ending)}`);
  return outcome.session;
}

/** The file of a capture. */
function fileOf(recording: PathRecording, keyLog: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "seccf-capture-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "case.pcapng");
  writeFileSync(file, captureOf(recording, keyLog));
  return file;
}

/** Values of each field over all packets that have one. */
async function fields(
  file: string,
  names: readonly string[],
  ...more: readonly string[]
): Promise<string[][]> {
  const wanted = names.flatMap((name) => ["-e", name]);
  const text = await outputOf(["tshark", "-r", file, ...more, "-T", "fields", ...wanted]);
  return text
    .split("\n")
    .map((row) => row.split("\t"))
    .filter((row) => row.some((value) => value !== ""));
}

/** Nothing that TCP would not have done, and checksums that are right. */
async function expectSoundTcp(file: string): Promise<void> {
  expect(await fields(file, ["tcp.analysis.flags", "_ws.malformed"])).toEqual([]);
  const checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
  const names = ["tcp.checksum.status", "ip.checksum.status"];
  const statuses = await fields(file, names, ...checked);
  expect(statuses.length).toBeGreaterThan(5);
  // 1: right. IPv6 has no checksum of its own.
  expect(statuses.flat().filter((status) => status !== "1" && status !== "")).toEqual([]);
}

const WAYS: readonly (readonly [string, ServerOptions, Offer])[] = [
  ["a PSK of TLS 1.2", pskServer(), pskOffer("1.2")],
  ["a PSK of TLS 1.3", pskServer(), pskOffer("1.3")],
  ["a certificate of TLS 1.2", certificateServer(serverCertificate), certificateOffer("1.2")],
  ["a certificate of TLS 1.3", certificateServer(serverCertificate), certificateOffer("1.3")],
];

describe("tshark", () => {
  test.each(WAYS)("reads HTTP under %s out of a capture, with no other option", async (_, options, offer) => {
    const at = await enabler(options);
    const network = await path(at);
    const keyLog: string[] = [];
    const session = await enter(network.inside(at), offer, keyLog);
    expect(await session.exchange(REQUEST)).toMatchObject({
      ok: true,
      response: { body: Buffer.from(BODY) },
    });
    await session.close();
    await expect
      .poll(() => network.recording.connections[0]?.serverSide?.events.filter(({ kind }) => kind !== "data"))
      .toHaveLength(2);
    const file = fileOf(network.recording, keyLog);
    expect(await fields(file, ["http.request.uri", "http.response.code"])).toEqual([
      ["/protected", ""],
      ["", "200"],
    ]);
    expect(await fields(file, ["http.content_length"])).toEqual([[String(BODY.length)]]);
    expect(await fields(file, ["tcp.dstport"], "-Y", "tcp.flags.syn==1 && tcp.flags.ack==0")).toEqual([
      [String(at.port)],
    ]);
    await expectSoundTcp(file);
    // Without the secrets inside there is nothing to read.
    expect(await fields(fileOf(network.recording, []), ["http.request.uri"])).toEqual([]);
  });

  test("shows both sides of a path that changed a record, and says where", async () => {
    const at = await enabler(pskServer());
    const network = await path(at);
    const keyLog: string[] = [];
    const session = await enter(network.inside(at), pskOffer("1.2"), keyLog);
    const tag = { kind: "alter", region: "tag" } as const;
    const which = { nth: 1, of: "application" } as const;
    const treated = network.treat({ direction: "towards-server", which, action: tag });
    expect(await session.exchange(REQUEST)).toMatchObject({
      ok: false,
      ending: { kind: "alert", alert: 20 },
    });
    await session.close();
    const file = fileOf(network.recording, keyLog);
    expect(treated.carriedOut).toBe(true);
    const said = "one bit of a record is changed: tag, application record 1 towards the server";
    expect(await fields(file, ["frame.interface_name", "frame.comment"], "-Y", "frame.comment")).toEqual([
      ["between path and server", said],
    ]);
    const interfaces = await fields(file, ["frame.interface_name"], "-Y", "tls.handshake.type==1");
    expect(interfaces.flat().sort()).toEqual(["between client and path", "between path and server"]);
    expect(await fields(file, ["http.request.uri", "frame.interface_name"], "-Y", "http.request")).toEqual([
      ["/protected", "between client and path"],
    ]);
    await expectSoundTcp(file);
  });

  test("reads the connections of an enabler that has an IPv6 address", async ({ skip }) => {
    const at = await enabler(pskServer(), "::1").catch(() => undefined);
    if (at === undefined) return skip("this machine has no IPv6");
    const network = await path(at);
    const keyLog: string[] = [];
    const session = await enter(network.inside(at), pskOffer("1.3"), keyLog);
    expect(await session.exchange(REQUEST)).toMatchObject({ ok: true });
    await session.close();
    const file = fileOf(network.recording, keyLog);
    expect(await fields(file, ["http.request.uri", "ipv6.dst"], "-Y", "http.request")).toEqual([
      ["/protected", "::1"],
    ]);
    await expectSoundTcp(file);
  });
});
