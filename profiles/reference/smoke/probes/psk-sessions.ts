import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, OTHER_SERVER_NAME, SERVER_NAME } from "../bench.ts";
import { connectHttps, digestExchange, exchange, nonceOf, pskOffer } from "../clients.ts";
import { type Bootstrapping, deriveKey } from "../key-manager.ts";
import { type Probe, TLS_12, TLS_13, toldOver } from "./probe.ts";

const OLD_VERSIONS = ["TLSv1", "TLSv1.1"] as const;
const IMPI = "user1@home1.example";
const SOON_MS = 400;

export const requestsFor = ({ keyManager }: Bench, { btid }: Bootstrapping) =>
  keyManager.questions.filter(({ btId }) => btId === btid);

const untilExpired = ({ expiresAt }: Bootstrapping) => wait(expiresAt - Date.now() + 50);

/** One authenticated request over a new connection. */
export async function askWithDigest(bench: Bench, user: Bootstrapping): Promise<number> {
  const socket = await connectHttps(bench, "TLSv1.3");
  const sent = { path: "/protected" };
  const nonce = nonceOf(await exchange(socket, sent));
  const key = deriveKey(user, SERVER_NAME, "0100011301");
  const { status } = await digestExchange(socket, sent, { user: user.btid, key, nonce });
  socket.destroy();
  return status;
}

/** Whom a user is told as whose key answer comes after that of another one who asked later. */
async function toldWhenOvertaken(bench: Bench): Promise<string | undefined> {
  const slow = bench.keyManager.bootstrap(IMPI);
  const quick = bench.keyManager.bootstrap("user2@home1.example");
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  slow.held = release.promise;
  bench.keyManager.onQuestion = asked.resolve;
  const told = toldOver(bench, pskOffer(slow, ...TLS_12));
  await asked.promise;
  bench.keyManager.onQuestion = undefined;
  await toldOver(bench, pskOffer(quick, ...TLS_12));
  release.resolve();
  return told;
}

/** By id of the fault that each one finds. */
export const pskSessionProbes: Readonly<Record<string, Probe>> = {
  "psk-old-versions": async (bench) => {
    const told = OLD_VERSIONS.map(async (version) => {
      const user = bench.keyManager.bootstrap(IMPI);
      return toldOver(bench, pskOffer(user, version, "PSK-AES128-CBC-SHA", "010001008c"));
    });
    return (await Promise.all(told)).every((user) => user === IMPI);
  },
  "https-old-versions": async (bench) => {
    const connected = OLD_VERSIONS.map(async (version) => {
      try {
        (await connectHttps(bench, version, "ECDHE-RSA-AES128-SHA:@SECLEVEL=0")).destroy();
        return true;
      } catch {
        return false;
      }
    });
    return (await Promise.all(connected)).every(Boolean);
  },
  "expires-with-first-key": async (bench) => {
    const impi = `${randomBytes(8).toString("hex")}@home1.example`;
    const first = bench.keyManager.bootstrap(impi);
    first.expiresAt = Date.now() + SOON_MS;
    await toldOver(bench, pskOffer(first, ...TLS_13));
    const second = bench.keyManager.bootstrap(impi);
    await untilExpired(first);
    return (await toldOver(bench, pskOffer(second, ...TLS_13))) === undefined;
  },
  "psk-caps-connections": async (bench) => {
    const offer = pskOffer(bench.keyManager.bootstrap(IMPI), ...TLS_12);
    const told: (string | undefined)[] = [];
    for (let made = 0; made < 9; made += 1) told.push(await toldOver(bench, offer));
    return told[7] === IMPI && told[8] === undefined;
  },
  "digest-caps-challenges": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    const statuses: number[] = [];
    for (let made = 0; made < 9; made += 1) statuses.push(await askWithDigest(bench, user));
    return statuses[7] === 200 && statuses[8] === 401;
  },
  "matches-answers-by-order": async (bench) => (await toldWhenOvertaken(bench)) === "user2@home1.example",
  "psk-default-name": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    await toldOver(bench, { ...pskOffer(user, ...TLS_12), serverName: "" });
    return requestsFor(bench, user).some(({ nafFqdn }) => nafFqdn === "default.home1.example");
  },
  "psk-one-name-for-all": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    await toldOver(bench, pskOffer(user, ...TLS_12));
    const [, , ua] = TLS_12;
    const key = deriveKey(user, OTHER_SERVER_NAME, ua);
    const offer = { ...pskOffer(user, ...TLS_12), key, serverName: OTHER_SERVER_NAME };
    return (await toldOver(bench, offer)) === undefined;
  },
  "psk-key-of-any-own-name": async (bench) => {
    const told = [TLS_12, TLS_13].map((link) => {
      const user = bench.keyManager.bootstrap(IMPI);
      const key = deriveKey(user, OTHER_SERVER_NAME, link[2]);
      return toldOver(bench, { ...pskOffer(user, ...link), key });
    });
    return (await Promise.all(told)).every((user) => user === IMPI);
  },
  "psk-keeps-keys": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    for (const _ of [1, 2]) await toldOver(bench, pskOffer(user, ...TLS_12));
    return requestsFor(bench, user).length === 1;
  },
  "psk-keeps-keys-forever": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    user.expiresAt = Date.now() + SOON_MS;
    await toldOver(bench, pskOffer(user, ...TLS_13));
    await untilExpired(user);
    return (await toldOver(bench, pskOffer(user, ...TLS_13))) === IMPI;
  },
  "digest-keeps-no-keys": async (bench) => {
    const user = bench.keyManager.bootstrap(IMPI);
    for (const _ of [1, 2]) await askWithDigest(bench, user);
    return requestsFor(bench, user).length === 2;
  },
};
