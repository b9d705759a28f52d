import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const FRAGMENT = 50;

/** A path to a port that cuts the client's first two handshake records into small ones, a few octets at a time. */
export async function cuttingPath(port: number): Promise<{ port: number; close: () => void }> {
  const server = createServer((client) => {
    const enabler = connect({ port, host: "127.0.0.1" });
    enabler.setNoDelay(true);
    enabler.pipe(client);
    client.on("error", () => enabler.destroy());
    enabler.on("error", () => client.destroy());
    client.once("data", (hello: Buffer) => {
      cut(enabler, hello);
      client.once("data", (next: Buffer) => {
        // A flight after the ClientHello begins with one handshake record in TLS 1.2 only (type 22).
        if (next.readUInt8(0) === 22) {
          const end = 5 + next.readUInt16BE(3);
          cut(enabler, next.subarray(0, end));
          enabler.write(next.subarray(end));
        } else {
          enabler.write(next);
        }
        client.pipe(enabler);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // address() of a listening TCP server is an AddressInfo.
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function cut(to: Socket, record: Buffer): void {
  for (let at = 5; at < record.length; at += FRAGMENT) {
    const fragment = record.subarray(at, at + FRAGMENT);
    to.write(Buffer.concat([record.subarray(0, 3), Buffer.from([0, fragment.length])]));
    to.write(fragment);
  }
}
