import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { KEY_MANAGER_NAME, Material } from "../smoke/bench.ts";
import { connectToKeyManager } from "../zn/secure-socket.ts";
import { CONTENT } from "./record-cipher.ts";
import { type RecordPath, verified } from "./record-path.ts";

const material = new Material();
afterAll(() => material.remove());

type Link = readonly [version: "TLSv1.2" | "TLSv1.3", cipher: string];

const LINKS: readonly Link[] = [
  ["TLSv1.3", "TLS_AES_256_GCM_SHA384"],
  ["TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"],
  ["TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305"],
];

/** A server that says each text in a record of its own and ends, and what a client hears of it through a filter. */
async function hear([version, cipher]: Link, path: RecordPath, texts: readonly string[]): Promise<string> {
  const { certificate: cert, privateKey: key } = material.keyManager;
  const limits = { minVersion: version, maxVersion: version } as const;
  const server = createServer({ cert, key, ciphers: cipher, ...limits }, async (socket) => {
    socket.on("error", () => {});
    await once(socket, "data");
    for (const text of texts) await new Promise((resolve) => socket.write(text, resolve));
    socket.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  // address() of a listening TCP server is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const ca = material.authority.certificate;
  const socket = connectToKeyManager({ host: "127.0.0.1", port, ca, servername: KEY_MANAGER_NAME }, path);
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  expect([socket.getProtocol(), socket.getCipher().name]).toEqual([version, cipher]);
  expect(socket.localAddress).toBe("127.0.0.1");
  socket.write("go");
  let heard = "";
  for await (const chunk of socket) heard += String(chunk);
  return heard;
}

describe.each(LINKS)("%s with %s", (...link) => {
  test("what verifies arrives as it was sent", async () => {
    expect(await hear(link, { accept: verified }, ["one ", "two ", "x".repeat(40_000)])).toBe(
      `one two ${"x".repeat(40_000)}`,
    );
  });

  test("what the path leaves out is not missed, and what it puts in arrives", async () => {
    const changing: RecordPath = {
      accept(arrival) {
        const right = verified(arrival);
        const text = String(right?.content?.octets);
        if (right === undefined || right.content?.type !== CONTENT.application) return right;
        if (text === "out ") return { ...right, content: undefined };
        return { ...right, content: { ...right.content, octets: Buffer.from(text.toUpperCase()) } };
      },
    };
    expect(await hear(link, changing, ["one ", "out ", "two"])).toBe("ONE TWO");
  });
});

test("a key manager that cannot be reached is none", async () => {
  const socket = connectToKeyManager({ host: "127.0.0.1", port: 1 }, { accept: verified });
  const [error] = await once(socket, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});
