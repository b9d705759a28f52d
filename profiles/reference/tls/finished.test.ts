import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect, TLSSocket, type TLSSocketOptions, type TlsOptions } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { HandshakeGate } from "../ways-in/handshake-gate.ts";
import { type ClientFlight, finishedFits } from "./finished.ts";

const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(32, 8);

/** The flight of a client with this key, until its Finished. */
async function flightOf(ciphers: string): Promise<ClientFlight> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  // address() of a listening TCP server is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const client = connect({
    host: "127.0.0.1",
    port,
    ciphers,
    maxVersion: "TLSv1.2",
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity: "user", psk: KEY }),
  });
  client.on("error", () => {}); // it never gets an answer
  const [socket] = (await once(server, "connection")) as [Socket]; // what net.Server emits
  const gate = new HandshakeGate(socket);
  const options: TLSSocketOptions & Pick<TlsOptions, "pskCallback"> = {
    isServer: true,
    ciphers,
    pskCallback: () => KEY,
  };
  const tls = new TLSSocket(gate, options);
  tls.on("error", () => {});
  onTestFinished(() => {
    client.destroy();
    gate.destroy();
  });
  const hello = await gate.clientHello();
  gate.release(hello);
  const exchange = await gate.keyExchange();
  if (exchange === undefined) throw new Error("no PSK suite was negotiated");
  return {
    suite: exchange.suite,
    clientHello: hello.octets,
    clientKeyExchange: exchange.message.octets,
    ...(await gate.finished()),
  };
}

test("a Finished fits the key of the client and no other", async () => {
  const flight = await flightOf("PSK-AES128-GCM-SHA256");
  expect(flight.suite).toBe(0x00a8);
  expect(finishedFits(flight, KEY)).toBe(true);
  expect(finishedFits(flight, OTHER_KEY)).toBe(false);
  expect(finishedFits(flight, KEY.subarray(0, 16))).toBe(false);
});

test("a Finished that was cut or altered fits no key", async () => {
  const flight = await flightOf("PSK-AES128-GCM-SHA256");
  const altered = Buffer.from(flight.finished);
  altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1);
  expect(finishedFits({ ...flight, finished: altered }, KEY)).toBe(false);
  expect(finishedFits({ ...flight, finished: flight.finished.subarray(0, 20) }, KEY)).toBe(false);
});

test("other suites are not looked into", async () => {
  expect(finishedFits(await flightOf("PSK-AES128-CBC-SHA256"), KEY)).toBe(false);
});
