import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import {
  CertificateAuthority,
  type IssuedCertificate,
} from "../certificate-authority/certificate-authority.ts";
import { ZnWatch } from "./zn-watch.ts";

let authority: CertificateAuthority;
let keyManager: IssuedCertificate;
let enabler: IssuedCertificate;

beforeAll(async () => {
  authority = await CertificateAuthority.create("operator");
  keyManager = await authority.issue({ commonName: "bsf.example", names: ["bsf.example"], usage: "server" });
  enabler = await authority.issue({ commonName: "naf.example", names: ["naf.example"], usage: "client" });
});

async function watching() {
  const trust = authority.certificate;
  const watch = await ZnWatch.start({ host: "127.0.0.1", port: 0, ...keyManager, trust });
  onTestFinished(() => watch.close());
  return watch;
}

const trusting = (port: number) => ({
  host: "127.0.0.1",
  port,
  servername: "bsf.example",
  ca: authority.certificate,
});

/** Until the other end has gone. */
async function gone(socket: Socket): Promise<void> {
  socket.on("error", () => undefined).resume();
  if (!socket.closed) await once(socket, "close");
}

test("an enabler with its certificate that asks is known by its subject", async () => {
  const watch = await watching();
  const { certificate: cert, privateKey: key } = enabler;
  const socket = connectTls({ ...trusting(watch.port), cert, key, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  socket.write("PRI");
  await expect
    .poll(() => watch.visits)
    .toEqual([{ reached: "asked", client: "naf.example", protocols: ["h2"] }]);
  socket.destroy();
});

test("a certificate of nobody's is seen, and none too", async () => {
  const watch = await watching();
  const stranger = await authority.stranger();
  const other = await stranger.issue({ commonName: "naf.example", names: ["naf.example"], usage: "client" });
  const first = connectTls({ ...trusting(watch.port), cert: other.certificate, key: other.privateKey });
  await once(first, "secureConnect");
  const second = connectTls(trusting(watch.port));
  await once(second, "secureConnect");
  await expect
    .poll(() => watch.visits)
    .toEqual([
      {
        reached: "tls",
        client: "naf.example",
        distrust: expect.stringMatching(/ISSUER|VERIFY/),
        protocols: [],
      },
      { reached: "tls", protocols: [] },
    ]);
  first.destroy();
  second.destroy();
});

test("what is no TLS comes to nothing, and why is said", async () => {
  const watch = await watching();
  const socket = connectTcp(watch.port, "127.0.0.1");
  await once(socket, "connect");
  socket.end("GET / HTTP/1.1\r\n\r\n");
  await gone(socket);
  await expect
    .poll(() => watch.visits)
    .toEqual([{ reached: "tcp", error: expect.stringMatching(/http request|wrong version/), protocols: [] }]);
});

test("closing ends every connection, and frees the port", async () => {
  const watch = await watching();
  const socket = connectTcp(watch.port, "127.0.0.1");
  await once(socket, "connect");
  await expect.poll(() => watch.visits).toHaveLength(1);
  await Promise.all([gone(socket), watch.close()]);
  const again = await ZnWatch.start({ host: "127.0.0.1", port: watch.port, ...keyManager, trust: "" });
  await again.close();
});
