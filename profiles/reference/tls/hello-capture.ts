import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { type HandshakeMessage, MessageReader } from "./handshake-messages.ts";

/** The ClientHello that Node's TLS client sends with these options, for the tests of what reads it. */
export async function captureClientHello(options: ConnectionOptions): Promise<HandshakeMessage> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // address() of a listening TCP server is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const client = connect({ ...options, port, host: "127.0.0.1" });
  client.on("error", () => {}); // it never gets an answer
  try {
    const [socket] = await once(server, "connection");
    const reader = new MessageReader(65_536);
    for (;;) {
      const [chunk] = await once(socket, "data");
      reader.push(chunk);
      const message = reader.take();
      if (message === "other") throw new Error("the client does not begin with a handshake record");
      if (message !== undefined) return message;
    }
  } finally {
    client.destroy();
    server.close();
  }
}
