import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { challenge, IdentityModule } from "../../harness/protocols/aka/index.ts";
import {
  answerTo,
  BOOTSTRAPPING_INFO,
  decodeMessage,
  encodeMessage,
  RESULT,
  readFields,
  requestOf,
  ZN_APPLICATION_GROUP,
} from "../../harness/protocols/diameter/index.ts";
import { suiteByName } from "../../harness/protocols/tls/index.ts";
import { EngineSecureClient } from "../../harness/wire/engine/engine-secure-client.ts";
import { NodeSecureClient } from "../../harness/wire/node-secure-client.ts";
import type { SecureClient } from "../../harness/wire/secure-client.ts";

/** How long each operation is repeated, milliseconds. */
const MEASURED_MS = 1_000;
const IDENTITY = "3GPP-bootstrapping;bench@bsf.home1.example";
const KEY = Buffer.alloc(32, 1);
const BOUNDS = { connectMs: 5_000, responseMs: 5_000 };

/** Times per second that `operation` is carried out, one after the other. */
async function perSecond(operation: () => unknown): Promise<number> {
  const began = performance.now();
  let count = 0;
  let passed = 0;
  while (passed < MEASURED_MS) {
    await operation();
    count += 1;
    passed = performance.now() - began;
  }
  return (count * 1_000) / passed;
}

/** One authentication of a terminal: the vector of the authentication centre, and the identity module's answer. */
export function milenage(): Promise<number> {
  const k = Buffer.alloc(16, 2);
  const opc = Buffer.alloc(16, 3);
  const amf = Buffer.alloc(2);
  const rand = Buffer.alloc(16, 4);
  const identityModule = new IdentityModule({ k, opc, sqn: Buffer.alloc(6) });
  const sqn = Buffer.alloc(6);
  let next = 0;
  return perSecond(() => {
    next += 1;
    sqn.writeUIntBE(next, 0, 6);
    const { autn } = challenge({ k, opc, rand, sqn, amf });
    const answer = identityModule.authenticate(rand, autn);
    if (answer.kind !== "accepted") throw new Error(`the identity module said ${answer.kind}`);
  });
}

/** One key request over Diameter: encoded by the enabler, decoded by the key manager, and the answer likewise. */
export function diameter(): Promise<number> {
  const identifiers = { hopByHop: 7, endToEnd: 9 };
  const common = {
    "Session-Id": "naf.home1.example;1;2",
    "Vendor-Specific-Application-Id": ZN_APPLICATION_GROUP,
    "Origin-Host": "naf.home1.example",
    "Origin-Realm": "home1.example",
  };
  const question = {
    ...common,
    "Destination-Realm": "home1.example",
    "Transaction-Identifier": Buffer.from("FY/5kfOOQSJ3@bsf.home1.example"),
    "NAF-Id": Buffer.from("naf.home1.example\x01\0\0\0\x02", "latin1"),
  };
  const answer = {
    ...common,
    "Result-Code": RESULT.success,
    "User-Name": "user1@home1.example",
    "ME-Key-Material": KEY,
    "Key-ExpiryTime": new Date("2030-01-01T00:00:00Z"),
  };
  return perSecond(() => {
    const request = decodeMessage(encodeMessage(requestOf(BOOTSTRAPPING_INFO, identifiers, question)));
    const reply = decodeMessage(encodeMessage(answerTo(request, BOOTSTRAPPING_INFO.answer, answer)));
    for (const [layout, { avps }] of [
      [BOOTSTRAPPING_INFO.request, request],
      [BOOTSTRAPPING_INFO.answer, reply],
    ] as const) {
      if (!readFields(layout, avps).ok) throw new Error("a message does not follow its layout");
    }
  });
}

/** The two clients of the terminal. */
export const CLIENTS = {
  "Node's TLS": new NodeSecureClient(),
  "the engine": new EngineSecureClient(),
} as const satisfies Readonly<Record<string, SecureClient>>;

/** PSK handshakes of a client with a server on Node's TLS in this process: TCP, handshake, close. */
export async function handshakes(client: SecureClient, version: "1.2" | "1.3"): Promise<number> {
  const name = version === "1.2" ? "TLS_PSK_WITH_AES_128_GCM_SHA256" : "TLS_AES_128_GCM_SHA256";
  const suite = suiteByName(name);
  if (suite === undefined) throw new Error(`${name} is not in the table`);
  const server = createServer({
    pskCallback: () => KEY,
    ciphers: `${suite.openssl}:PSK:@SECLEVEL=0`,
  });
  server.on("secureConnection", (socket) => socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // address() of a listening TCP server is an AddressInfo.
  const destination = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const offer = {
    version,
    suites: [suite],
    serverName: "naf.home1.example",
    authentication: { kind: "psk", identity: IDENTITY, key: KEY },
  } as const;
  try {
    return await perSecond(async () => {
      const outcome = await client.connect(destination, offer, BOUNDS, { event: () => undefined });
      if (!outcome.ok) throw new Error(`no handshake: ${JSON.stringify(outcome.ending)}`);
      await outcome.session.close();
    });
  } finally {
    server.close();
  }
}
