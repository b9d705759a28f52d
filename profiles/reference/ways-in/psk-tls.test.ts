import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bench, Material, SERVER_NAME } from "../smoke/bench.ts";
import { connectPsk, pskOffer } from "../smoke/clients.ts";
import { fatalAlert } from "../tls/handshake-messages.ts";
import { captureClientHello } from "../tls/hello-capture.ts";

const material = new Material();
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start(material);
});
afterAll(async () => {
  await bench.stop();
  material.remove();
});

async function open(): Promise<Socket> {
  const socket = connect({ ...bench.endpoints["uc1.psk-tls"] });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Everything that the enabler sends until it ends the connection. */
async function answerTo(octets: Buffer): Promise<Buffer> {
  const socket = await open();
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(octets);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

/** A record of a ClientHello of Node that offers this identity in TLS 1.3. */
async function helloNaming(identity: string): Promise<Buffer> {
  const { records } = await captureClientHello({
    servername: SERVER_NAME,
    minVersion: "TLSv1.3",
    ciphers: "TLS_AES_128_GCM_SHA256",
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity, psk: Buffer.alloc(32, 1) }),
  });
  return records;
}

describe("what is no handshake is refused", () => {
  test.each([
    ["HTTP without TLS", Buffer.from("GET /protected HTTP/1.1\r\nHost: naf.home1.example\r\n\r\n"), 10],
    ["application data first", Buffer.from([23, 3, 3, 0, 2, 1, 2]), 10],
    ["another message first", Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]), 10],
    ["an empty record", Buffer.from([22, 3, 3, 0, 0]), 50],
    ["a hello of nothing", Buffer.from([22, 3, 3, 0, 4, 1, 0, 0, 0]), 50],
  ])("%s", async (_name, octets, alert) => {
    expect(await answerTo(octets)).toEqual(fatalAlert(alert));
  });

  test("a hello that never ends, beyond 64 KiB", async () => {
    const record = Buffer.concat([Buffer.from([22, 3, 3, 0x40, 0]), Buffer.alloc(16_384, 0xff)]);
    // Type 255 and a length of 16 MiB: never complete.
    expect(await answerTo(Buffer.concat([record, record, record, record, record]))).toEqual(Buffer.alloc(0));
  });
});

test("an identity that is not UTF-8 is refused and nothing is asked", async () => {
  const hello = await helloNaming("3GPP-bootstrapping;abcd@bsf.home1.example");
  hello[hello.indexOf("abcd@")] = 0xff;
  const asked = bench.keyManager.questions.length;
  expect(await answerTo(hello)).toEqual(fatalAlert(115));
  expect(bench.keyManager.questions).toHaveLength(asked);
});

test("an identity with NUL is not cut to the one before it", async () => {
  const user = bench.keyManager.bootstrap();
  const hello = await helloNaming(`3GPP-bootstrapping;${user.btid}!`);
  hello[hello.indexOf("!", hello.indexOf(user.btid))] = 0;
  expect(await answerTo(hello)).toEqual(fatalAlert(115));
  expect(bench.keyManager.questions.map(({ btId }) => btId)).not.toContain(user.btid);
});

test("a terminal that leaves while the key manager is asked does no harm", async () => {
  const user = bench.keyManager.bootstrap();
  user.answer = "silent";
  const asked = new Promise<void>((resolve) => {
    bench.keyManager.onQuestion = resolve;
  });
  const socket = await open();
  socket.write(await helloNaming(`3GPP-bootstrapping;${user.btid}`));
  await asked;
  bench.keyManager.onQuestion = undefined;
  socket.destroy();
  user.answer = "key";
  (await connectPsk(bench, pskOffer(user, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "0100000007"))).destroy();
});

test("TLS 1.3 works after a HelloRetryRequest", async () => {
  const user = bench.keyManager.bootstrap();
  const link = ["TLSv1.3", "TLS_AES_128_GCM_SHA256", "0100000007"] as const;
  // The client sends a key share for its first group only, which the enabler does not have.
  const offer = { ...pskOffer(user, ...link), groups: "brainpoolP256r1tls13:P-256" };
  const socket = await connectPsk(bench, offer);
  expect(socket.isSessionReused()).toBe(true);
  socket.destroy();
});
