/**
 * Zn over Diameter through freeDiameter as a program of its own, so that all of it can be started in another network.
 * Its argument is `tls` or `none`, the protection of both connections; it writes a {@link Relayed} to stdout as JSON.
 */
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  DEVICE_WATCHDOG,
  DISCONNECT_PEER,
  type DiameterMessage,
  firstValue,
  requestOf,
} from "../../harness/protocols/diameter/index.ts";
import { uaFromHex } from "../../harness/protocols/gba/index.ts";
import {
  CertificateAuthority,
  type IssuedCertificate,
} from "../../harness/roles/certificate-authority/index.ts";
import { KeyManager, randomSubscriber, type ZnRequest } from "../../harness/roles/key-manager/index.ts";
import { DiameterClient } from "../../harness/roles/testing/diameter-client.ts";
import { BSF, NAF, REALM, UA } from "../../harness/roles/testing/names.ts";
import { FreeDiameter } from "./freediameter.ts";
import { User } from "./operator.ts";

/** Address of the private network that is not loopback. */
const ADDRESS = process.argv[3] ?? "";
/** Nobody else is in the private network. */
const PORTS = { keyManager: 3869, agent: 3868, agentSecure: 5658 } as const;
const AGENT = `agent.${REALM}`;

/** An answer as the enabler got it. */
interface Answer {
  /** Result-Code, or Experimental-Result-Code. */
  readonly result: number | undefined;
  readonly error: boolean;
  readonly originHost: string | undefined;
}

export interface Relayed {
  /** To the enabler, by the agent itself. */
  readonly capabilities: Answer;
  readonly watchdog: Answer;
  readonly farewell: Answer;
  /** Of the key manager, through the agent. */
  readonly key: Answer & { readonly isRight: boolean; readonly impiIsRight: boolean };
  readonly unknown: Answer;
  readonly refused: Answer;
  /** Of nobody: the realm has no host. */
  readonly unroutable: Answer;
  readonly requests: readonly ZnRequest[];
  readonly malformed: readonly string[];
}

function answerIn({ error, avps }: DiameterMessage): Answer {
  const experimental = firstValue(avps, "Experimental-Result") ?? [];
  const result = firstValue(avps, "Result-Code") ?? firstValue(experimental, "Experimental-Result-Code");
  return { result, error, originHost: firstValue(avps, "Origin-Host") };
}

type Protection = "tls" | "none";

async function startKeyManager(authority: CertificateAuthority, protection: Protection) {
  return KeyManager.start({
    name: BSF,
    ub: { host: "127.0.0.1", port: 0 },
    zn: { binding: "diameter", host: ADDRESS, port: PORTS.keyManager, realm: REALM, protection },
    ...(await authority.issue({ commonName: BSF, names: [BSF], usage: "server" })),
    trust: authority.certificate,
    authorisedNafs: [NAF],
  });
}

async function startAgent(authority: CertificateAuthority, protection: Protection): Promise<FreeDiameter> {
  return FreeDiameter.start({
    identity: AGENT,
    realm: REALM,
    address: ADDRESS,
    port: PORTS.agent,
    securePort: PORTS.agentSecure,
    credentials: await authority.issue({ commonName: AGENT, names: [AGENT], usage: "both" }),
    trust: authority.certificate,
    peer: { identity: BSF, port: PORTS.keyManager, protection },
    accepts: `*.${REALM}`,
  });
}

async function connectToAgent(trust: string, own: IssuedCertificate, protection: Protection) {
  const tls = protection === "tls";
  const to = { host: ADDRESS, port: tls ? PORTS.agentSecure : PORTS.agent };
  const { certificate: cert, privateKey: key } = own;
  const socket = tls ? connectTls({ ...to, servername: AGENT, ca: trust, cert, key }) : connectTcp(to);
  await once(socket, tls ? "secureConnect" : "connect");
  return new DiameterClient(socket);
}

/** Everything that the enabler asks. */
async function converse(client: DiameterClient, keyManager: KeyManager): Promise<Relayed> {
  const { subscriber, credential } = await User.bootstrap(keyManager, randomSubscriber(REALM));
  const origin = { "Origin-Host": NAF, "Origin-Realm": REALM };
  const ask = (question: Parameters<typeof client.question>[0]) => client.ask(question);
  const capabilities = answerIn(await client.exchange(client.capabilities()));
  const watchdog = answerIn(await client.exchange(requestOf(DEVICE_WATCHDOG, client.identifiers(), origin)));
  const key = await ask({ btid: credential.name });
  const material = Buffer.from(firstValue(key.avps, "ME-Key-Material") ?? []);
  const unknown = answerIn(await ask({ btid: keyManager.unknownBTid() }));
  const refused = answerIn(await ask({ btid: credential.name, nafFqdn: `other.${REALM}` }));
  const unroutable = answerIn(await ask({ fields: { "Destination-Realm": "nowhere.example" } }));
  const farewell = requestOf(DISCONNECT_PEER, client.identifiers(), { ...origin, "Disconnect-Cause": 0 });
  return {
    capabilities,
    watchdog,
    key: {
      ...answerIn(key),
      isRight: material.equals(credential.key({ nafFqdn: NAF, ua: uaFromHex(UA) })),
      impiIsRight: firstValue(key.avps, "User-Name") === subscriber.impi,
    },
    unknown,
    refused,
    unroutable,
    farewell: answerIn(await client.exchange(farewell)),
    requests: keyManager.requestsFor(credential.name),
    malformed: keyManager.malformedRequests,
  };
}

async function relay(protection: Protection): Promise<Relayed> {
  const authority = await CertificateAuthority.create("seccf test operator");
  const own = await authority.issue({ commonName: NAF, names: [NAF], usage: "client" });
  const keyManager = await startKeyManager(authority, protection);
  try {
    const agent = await startAgent(authority, protection);
    try {
      const client = await connectToAgent(authority.certificate, own, protection);
      const relayed = await converse(client, keyManager);
      client.socket.destroy();
      // It asks after a silence of TwTimer.
      await agent.received("Device-Watchdog-Answer", BSF);
      await agent.stop();
      await agent.received("Disconnect-Peer-Answer", BSF);
      return relayed;
    } finally {
      await agent.stop();
    }
  } finally {
    await keyManager.close();
  }
}

process.stdout.write(JSON.stringify(await relay(process.argv[2] === "tls" ? "tls" : "none")));
