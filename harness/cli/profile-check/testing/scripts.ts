/**
 * Small systems with one defect each, as ES modules: `config` is the file that the system is started with, `profile` its
 * folder. `contactZn` is what they do at the key manager when a terminal comes.
 */

const LISTEN = `
  const { once } = await import("node:events");
  const listen = async (server) => {
    server.on("error", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { host: "127.0.0.1", port: server.address().port };
  };
  const ready = (endpoints) => console.log(JSON.stringify({ ready: true, endpoints }));
  process.stdin.once("end", () => process.exit(0)).resume();
`;

const ZN = `
  const tls = await import("node:tls");
  const net = await import("node:net");
  const http2 = await import("node:http2");
  const { zn } = config.keyManager;
  const port = Number(new URL(zn.url).port);
  const pem = (path) => readFileSync(path, "utf8");
  const trusting = { host: "127.0.0.1", port, servername: zn.serverName, ca: pem(zn.trust) };
  const withCertificate = { ...trusting, cert: pem(zn.certificate), key: pem(zn.privateKey) };
  const quiet = (socket) => socket.on("error", () => {});
  const ask = (body) => {
    const session = quiet(http2.connect(zn.url, withCertificate));
    const stream = quiet(session.request({ ":method": "POST", ":path": "/nbsp-gba/v1/bootstrapping-info-retrieval", "content-type": "application/json" }));
    stream.resume().once("close", () => session.close());
    stream.end(JSON.stringify(body));
  };
`;

/** A PSK listener that turns every terminal away after it was at the key manager. */
export const pskSystem = (contactZn: string) => `
  ${LISTEN}
  ${ZN}
  const contactZn = (identity, btid) => { ${contactZn} };
  const server = tls.createServer({
    ciphers: "PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384:PSK-AES128-CBC-SHA256:PSK-AES128-CBC-SHA:@SECLEVEL=0",
    maxVersion: "TLSv1.2",
    pskIdentityHint: "3GPP-bootstrapping",
    pskCallback: (socket, identity) => {
      contactZn(identity, identity.replace(/^3GPP-bootstrapping;?/, ""));
      return null;
    },
  });
  server.on("tlsClientError", () => {});
  ready({ "uc1.psk-tls": await listen(server) });
`;

/** An HTTPS server with the right certificate, which answers as \`answer(request, response)\` does. */
export const httpsSystem = (answer: string) => `
  ${LISTEN}
  ${ZN}
  const https = await import("node:https");
  const { serverName, certificate, privateKey } = config.enabler;
  const challenge = (realm, more = "") => 'Digest realm="' + realm + '", nonce="abc", qop="auth,auth-int", algorithm=' + more;
  const digest = (realm) => [challenge(realm, "SHA-256"), challenge(realm, "MD5")];
  const right = digest("3GPP-bootstrapping@" + serverName);
  const btidOf = (request) => /username="([^"]*)"/.exec(request.headers.authorization ?? "")?.[1];
  const server = https.createServer({ cert: pem(certificate), key: pem(privateKey) }, (request, response) => {
    request.resume();
    ${answer}
  });
  ready({ "uc1.https-digest": await listen(server) });
`;

/** A TCP listener; \`serve(socket)\` is what it does with each connection. */
export const tcpSystem = (wayIn: string, serve: string) => `
  ${LISTEN}
  const net = await import("node:net");
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    ${serve}
  });
  ready({ ${JSON.stringify(wayIn)}: await listen(server) });
`;
