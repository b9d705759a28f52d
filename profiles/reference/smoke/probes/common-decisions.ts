import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { type Bench, SERVER_NAME } from "../bench.ts";
import type { Issued } from "../certificates.ts";
import { connectHttps, connectPsk, exchange, httpExchange, pskOffer } from "../clients.ts";
import { type Probe, TLS_12, TLS_13, toldOver } from "./probe.ts";

/** True when the enabler takes a key from a key manager that shows this certificate. */
function believes(shown: (bench: Bench) => Issued | "unprotected"): Probe {
  return async (bench) => {
    await bench.keyManager.stop();
    await bench.keyManager.start(shown(bench));
    const user = bench.keyManager.bootstrap();
    const told = await toldOver(bench, pskOffer(user, ...TLS_12));
    await bench.keyManager.stop();
    await bench.keyManager.start(bench.material.keyManager);
    return told === user.btid;
  };
}

/** True when the first of two connections is told the user of the second before that one has asked anything. */
const toldLastAnswer: Probe = async (bench) => {
  const [first, second] = ["user1@home1.example", "user2@home1.example"].map((impi) =>
    pskOffer(bench.keyManager.bootstrap(impi), ...TLS_13),
  );
  if (first === undefined || second === undefined) throw new Error("two offers");
  const socket = await connectPsk(bench, first);
  const other = await connectPsk(bench, second);
  const told = JSON.parse((await exchange(socket, { path: "/identity" })).body).user;
  for (const each of [socket, other]) each.destroy();
  return told === "user2@home1.example";
};

const mixesUsers: Probe = async (bench) => {
  const connections = await Promise.all(
    ["user1@home1.example", "user2@home1.example"].map((impi) =>
      connectPsk(bench, pskOffer(bench.keyManager.bootstrap(impi), ...TLS_13)),
    ),
  );
  const told: string[] = [];
  for (const socket of [...connections, ...connections]) {
    told.push(JSON.parse((await exchange(socket, { path: "/identity" })).body).user);
  }
  for (const socket of connections) socket.destroy();
  return told[0] !== told[2];
};

/** Why the certificate of the way in does not convince; undefined when it does. */
async function certificateError(bench: Bench): Promise<string | undefined> {
  try {
    (await connectHttps(bench, "TLSv1.3")).destroy();
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  }
}

async function negotiates(bench: Bench, cipher: string): Promise<boolean> {
  const socket = connect({
    ...bench.endpoints["uc1.https-digest"],
    servername: SERVER_NAME,
    maxVersion: "TLSv1.2",
    ciphers: `${cipher}:@SECLEVEL=0`,
    rejectUnauthorized: false,
  });
  try {
    await once(socket, "secureConnect");
    return (await exchange(socket, { path: "/protected" })).status === 401;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const toldAsIntended: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap("user1@home1.example");
  const socket = await connectPsk(bench, pskOffer(user, ...TLS_13));
  const headers = { "X-3GPP-Intended-Identity": '"user2@home1.example"' };
  const response = await exchange(socket, { path: "/identity", headers });
  socket.destroy();
  return JSON.parse(response.body).user === "user2@home1.example";
};

/** True when the first key of a user is the one that opens the enabler under a new B-TID. */
const keepsFirstKey: Probe = async (bench) => {
  const impi = `${randomBytes(8).toString("hex")}@home1.example`;
  const first = pskOffer(bench.keyManager.bootstrap(impi), ...TLS_13);
  await toldOver(bench, first);
  const second = pskOffer(bench.keyManager.bootstrap(impi), ...TLS_13);
  const withNewKey = await toldOver(bench, second);
  const withOldKey = await toldOver(bench, { ...second, key: first.key });
  return withNewKey === undefined && withOldKey === impi;
};

/** True when a user is known by his IMPI with the first key only. */
const forgetsUser: Probe = async (bench) => {
  const impi = `${randomBytes(8).toString("hex")}@home1.example`;
  const told: (string | undefined)[] = [];
  for (const link of [TLS_12, TLS_13]) {
    told.push(await toldOver(bench, pskOffer(bench.keyManager.bootstrap(impi), ...link)));
  }
  return told[0] === impi && told[1] !== impi;
};

/** By id of the fault that each one finds. */
export const commonProbes: Readonly<Record<string, Probe>> = {
  "mixes-users": mixesUsers,
  "diameter-user-of-last-answer": toldLastAnswer,
  "trusts-intended-identity": toldAsIntended,
  "keeps-first-key-of-user": keepsFirstKey,
  "forgets-user-of-second-key": forgetsUser,
  "anonymous-told-previous-user": async (bench) => {
    const named = bench.keyManager.bootstrap("user1@home1.example");
    const anonymous = bench.keyManager.bootstrap();
    await toldOver(bench, pskOffer(named, ...TLS_12));
    return (await toldOver(bench, pskOffer(anonymous, ...TLS_12))) === "user1@home1.example";
  },
  "zn-asks-more": async (bench) => {
    const user = bench.keyManager.bootstrap();
    await toldOver(bench, pskOffer(user, ...TLS_13));
    const asked = bench.keyManager.questions.filter(({ btId }) => btId === user.btid);
    return asked.some(({ uaSecProtId }) => uaSecProtId === "0100000002");
  },
  "zn-ignores-certificate": believes((bench) => bench.material.otherKeyManager),
  "zn-ignores-age-of-certificate": believes((bench) => bench.material.expiredKeyManager),
  "zn-falls-back": believes(() => "unprotected"),
  "zn-trusts-any-name": believes((bench) => bench.material.otherName),
  "https-wrong-name": async (bench) => (await certificateError(bench)) === "ERR_TLS_CERT_ALTNAME_INVALID",
  "https-wrong-chain": async (bench) => (await certificateError(bench)) === "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "https-null-suites": async (bench) =>
    (await negotiates(bench, "NULL-SHA256")) && (await negotiates(bench, "ECDHE-RSA-NULL-SHA")),
  "https-anonymous-suites": async (bench) =>
    (await negotiates(bench, "ADH-AES256-GCM-SHA384")) && (await negotiates(bench, "AECDH-AES128-SHA")),
  "tls-falls-back-to-plain": async (bench) => {
    const ways = [bench.endpoints["uc1.psk-tls"], bench.endpoints["uc1.https-digest"]];
    const answers = ways.map((way) => httpExchange(way, { path: "/protected" }).catch(() => undefined));
    return (await Promise.all(answers)).every((answer) => answer?.body.startsWith("protected resource"));
  },
  "serves-without-tls": async (bench) => {
    const response = await httpExchange(bench.endpoints.plain, { path: "/protected" });
    const counted = await httpExchange(bench.endpoints.plain, { method: "POST", path: "/counters/plain" });
    return response.body.startsWith("protected resource") && counted.status === 200;
  },
};
