/** PSK-TLS of the terminal against stunnel, with an HTTP server behind it. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ENABLER, Operator, pskUa, suiteNamed, type User } from "./operator.ts";
import { Product, unprivileged } from "./product.ts";
import { ProductFolder } from "./product-folder.ts";

const SUITES = [
  "TLS_PSK_WITH_AES_128_GCM_SHA256",
  "TLS_PSK_WITH_AES_256_CBC_SHA384",
  "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
].map(suiteNamed);

const folder = new ProductFolder();
const application = createServer((request, response) => {
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, host: headers.host, agent: headers["user-agent"] }));
});
let operator: Operator;
/** By suite: stunnel knows one key for each identity, and the key depends on the suite. */
let users: readonly User[];
let stunnel: Product;
let port: number;

beforeAll(async () => {
  operator = await Operator.start();
  users = await Promise.all(SUITES.map(() => operator.user()));
  application.listen(0, "127.0.0.1");
  await once(application, "listening");
  const address = application.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  const secrets = SUITES.map((suite, i) => `${users[i]?.pskIdentity}:${users[i]?.keyHex(pskUa(suite))}\n`);
  const configuration = [
    "foreground = yes",
    "pid =",
    "debug = info",
    "[psk]",
    "accept = 127.0.0.1:0",
    `connect = 127.0.0.1:${address.port}`,
    // Without DHE: stunnel would compute parameters for it at its start.
    "ciphers = kPSK:kECDHEPSK:@SECLEVEL=0",
    "sslVersionMin = TLSv1.2",
    `PSKsecrets = ${folder.write("secrets.txt", secrets.join(""))}`,
  ];
  stunnel = new Product(unprivileged(["stunnel4", folder.write("stunnel.conf", configuration.join("\n"))]));
  port = Number(await stunnel.line((line) => / bound to 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]));
});
afterAll(async () => {
  await stunnel.stop();
  application.close();
  application.closeAllConnections();
  await operator.close();
  folder.remove();
});

describe("the terminal", () => {
  test.each(SUITES.map((suite, i) => [suite.name, suite, i] as const))(
    "enters with %s",
    async (_name, suite, i) => {
      const outcome = await users[i]?.enterWithPsk(port, suite);
      if (outcome?.entered !== true) throw new Error(`not entered: ${JSON.stringify(outcome?.ending)}`);
      const { access } = outcome;
      onTestFinished(() => access.session.close());
      expect(access.session).toMatchObject({ version: suite.version, suite, pskInUse: true, hint: null });
      for (const target of ["/first", "/second"]) {
        const reply = await access.requestHere({ method: "GET", target });
        if (!reply.ok) throw new Error(`not served: ${JSON.stringify(reply.ending)}`);
        expect(JSON.parse(reply.response.body.toString())).toEqual({
          method: "GET",
          url: target,
          host: ENABLER,
          agent: expect.stringContaining("3gpp-gba"),
        });
      }
    },
  );

  test.each(SUITES.map((suite, i) => [suite.name, suite, i] as const))(
    "is refused with %s under another user's name, with another key and under an unknown name",
    async (_name, suite, i) => {
      const user = users[i];
      const other = users[(i + 1) % users.length];
      if (user === undefined || other === undefined) throw new Error("there is a user for each suite");
      const unknown = operator.keyManager.unknownBTid();
      for (const credential of [
        user.credential.withName(other.credential.name, "name of another user"),
        user.credential.withKey(randomBytes(32), "random key"),
        user.credential.withName(unknown, "unknown name"),
      ]) {
        expect(await user.enterWithPsk(port, suite, credential)).toMatchObject({
          entered: false,
          tcpConnected: true,
          ending: { kind: "alert" },
        });
      }
    },
  );
});
