import { type Action, VisitedNetwork } from "../../../../harness/roles/visited-network/index.ts";
import { type Bench, SERVER_NAME, TIMEOUT_MS } from "../bench.ts";
import { pskOffer } from "../clients.ts";
import { deriveKey } from "../key-manager.ts";
import { type Probe, TLS_12, TOO_LONG_MS, toldOver } from "./probe.ts";

const DATA = 23;

/** A network stands where the enabler looks for the key manager, which listens behind it. */
async function overNetwork(
  { keyManager, material }: Bench,
  story: (network: VisitedNetwork) => Promise<boolean>,
): Promise<boolean> {
  const at = { host: "127.0.0.1", port: keyManager.port };
  const behind = await keyManager.standAside(material.keyManager);
  const network = await VisitedNetwork.start([{ ...behind, at }]);
  try {
    return await story(network);
  } finally {
    await network.close();
    await keyManager.stop();
    await keyManager.start(material.keyManager);
  }
}

/** True when a user is told in spite of this, which is done between question and answer, and another one behind it. */
const goesOnBehind =
  (act: (network: VisitedNetwork) => void): Probe =>
  (bench) =>
    overNetwork(bench, async (network) => {
      const { keyManager } = bench;
      const told = async (btid = keyManager.bootstrap("user1@home1.example")) =>
        (await toldOver(bench, pskOffer(btid, ...TLS_12))) !== undefined;
      if (!(await told())) throw new Error("nobody is told over the network");
      const user = keyManager.bootstrap("user1@home1.example");
      const asked = Promise.withResolvers<void>();
      user.held = asked.promise.then(async () => {
        await network.mark();
        network.allowNew(false);
        act(network);
      });
      keyManager.onQuestion = asked.resolve;
      try {
        return (await told(user)) && (await told());
      } finally {
        keyManager.onQuestion = undefined;
      }
    });

const treated = (action: Action): Probe =>
  goesOnBehind((network) => {
    network.treat({ direction: "towards-client", which: { nth: 1, of: "application" }, action });
  });

const reflected = goesOnBehind((network) => {
  const connection = network.connections.at(-1);
  const own = connection?.records("towards-server").findLast(({ octets }) => octets[0] === DATA);
  if (own === undefined) throw new Error("no question over the network");
  connection?.insert("towards-client", own.octets);
});

/** True when the connection outlives an answer that was changed, and ends when the enabler has given the answer up. */
const leftOut: Probe = (bench) =>
  overNetwork(bench, async (network) => {
    const { keyManager } = bench;
    const offer = () => pskOffer(keyManager.bootstrap("user1@home1.example"), ...TLS_12);
    if ((await toldOver(bench, offer())) === undefined) throw new Error("nobody is told over the network");
    await network.mark();
    network.allowNew(false);
    network.treat({
      direction: "towards-client",
      which: { nth: 1, of: "application" },
      action: { kind: "alter", region: "tag" },
    });
    const connection = network.connections.at(-1);
    const began = performance.now();
    await toldOver(bench, offer());
    const left = await connection?.leftWithin(TOO_LONG_MS);
    return left !== undefined && left - began > TIMEOUT_MS / 2;
  });

const saysKeys: Probe = (bench) =>
  overNetwork(bench, async (network) => {
    const user = bench.keyManager.bootstrap("user1@home1.example");
    const offer = pskOffer(user, ...TLS_12);
    if ((await toldOver(bench, offer)) === undefined) throw new Error("nobody is told over the network");
    await network.mark();
    const [, , ua] = TLS_12;
    const key = deriveKey(user, SERVER_NAME, ua).toString("base64");
    const heard = network.connections.flatMap(({ clientSide }) =>
      clientSide.events.map(({ octets }) => octets),
    );
    return Buffer.concat(heard).includes(key);
  });

/** By id of the fault that each one finds. */
export const keyManagerPathProbes: Readonly<Record<string, Probe>> = {
  "zn-records-unverified": treated({ kind: "alter", region: "tag" }),
  "zn-records-of-any-length": treated({ kind: "truncate", octets: 1, mend: true }),
  "zn-records-in-any-order": treated({ kind: "repeat" }),
  "zn-records-reflected": reflected,
  "zn-records-left-out": leftOut,
  "zn-tells-in-clear": saysKeys,
};
