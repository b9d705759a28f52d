import { type Bench, SERVER_NAME } from "../bench.ts";
import { connectPsk, exchange, identityOf, type Link, pskOffer } from "../clients.ts";
import { answerWithUiccKey, type Bootstrapping, deriveKey } from "../key-manager.ts";
import { type Probe, stillWaiting, TLS_12, TLS_13, TOO_LONG_MS, toldOver } from "./probe.ts";

const ZERO_KEY = Buffer.alloc(32);
const UNKNOWN = "3GPP-bootstrapping;bm9ib2R5@bsf.home1.example";
const LINKS = [TLS_12, TLS_13];

/** True when an offer that a conforming enabler refuses is served as this user, with every link. */
function servedOver(
  links: readonly Link[],
  change: (user: Bootstrapping, ua: string) => { key?: Buffer; identity?: string; serverName?: string },
): Probe {
  return async (bench) => {
    const served = links.map(async (link) => {
      const user = bench.keyManager.bootstrap("user1@home1.example");
      await toldOver(bench, pskOffer(user, ...link));
      return toldOver(bench, { ...pskOffer(user, ...link), ...change(user, link[2]) });
    });
    return (await Promise.all(served)).every((told) => told === "user1@home1.example");
  };
}

/** The same for a key manager that behaves otherwise; the user is known by the B-TID only. */
function servedWhile(
  answer: Bootstrapping["answer"],
  key: (user: Bootstrapping, ua: string) => Buffer,
): Probe {
  return async (bench) => {
    const served = LINKS.map(async (link) => {
      const user = bench.keyManager.bootstrap();
      user.answer = answer;
      const told = await toldOver(bench, { ...pskOffer(user, ...link), key: key(user, link[2]) });
      return told === user.btid;
    });
    return (await Promise.all(served)).every(Boolean);
  };
}

const servedWhileAway: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap();
  await bench.keyManager.stop();
  const told = await toldOver(bench, { ...pskOffer(user, ...TLS_12), key: ZERO_KEY });
  await bench.keyManager.start(bench.material.keyManager);
  return told === user.btid;
};

const servedExpired: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap();
  user.expiresAt = Date.now() - 1_000;
  return (await toldOver(bench, pskOffer(user, ...TLS_13))) === user.btid;
};

const servedAfterExpiry: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap();
  user.expiresAt = Date.now() + 500;
  const socket = await connectPsk(bench, pskOffer(user, ...TLS_13));
  const end = user.expiresAt + 100;
  try {
    while (Date.now() < end) await exchange(socket, { path: "/protected" });
    return (await exchange(socket, { path: "/protected" })).status === 200;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const shortAnswer = (key: Buffer) => ({
  status: 200,
  body: { meKeyMaterial: key.toString("hex"), keyExpiryTime: "2999-12-31T23:59:59Z" },
});
const SHORT_KEY = Buffer.alloc(16, 9);

/** True when a handshake goes on and on while the key manager answers so. */
const waitsWhile =
  (answer: Bootstrapping["answer"]): Probe =>
  async (bench) => {
    const user = bench.keyManager.bootstrap();
    user.answer = answer;
    return stillWaiting(connectPsk(bench, pskOffer(user, ...TLS_12)), TOO_LONG_MS);
  };

const nullSuite = (bench: Bench) => {
  const user = bench.keyManager.bootstrap("user1@home1.example");
  return toldOver(bench, pskOffer(user, "TLSv1.2", "PSK-NULL-SHA256", "01000100b0"));
};

const hintAbsent: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap();
  const hints: (string | null)[] = [];
  await toldOver(bench, { ...pskOffer(user, ...TLS_12), onHint: (hint) => hints.push(hint) });
  if (hints[0] !== null && hints[0] !== "3GPP-bootstrapping") throw new Error(`hint ${hints[0]}`);
  return hints[0] === null;
};

const UICC_KEY = Buffer.alloc(32, 8);

/** True when the UICC's key, which came beside the terminal's, opens the enabler in TLS 1.3. */
const servedWithUiccKey: Probe = async (bench) => {
  const user = bench.keyManager.bootstrap();
  user.answer = answerWithUiccKey(deriveKey(user, SERVER_NAME, TLS_13[2]), UICC_KEY);
  return (await toldOver(bench, { ...pskOffer(user, ...TLS_13), key: UICC_KEY })) === user.btid;
};

/** By id of the fault that each one finds. */
export const pskProbes: Readonly<Record<string, Probe>> = {
  "psk-truncated-key": servedOver(LINKS, (user, ua) => ({
    key: deriveKey(user, SERVER_NAME, ua).subarray(0, 16),
  })),
  "psk-accepts-any-identity": async (bench) =>
    (await servedOver([TLS_12], () => ({ identity: UNKNOWN }))(bench)) &&
    (await servedOver([TLS_13], () => ({ identity: UNKNOWN }))(bench)),
  "psk-identity-prefix": servedOver(LINKS, (user) => ({
    identity: `${identityOf(user).slice(0, "3GPP-bootstrapping;".length + 24)}AAAA@elsewhere.example`,
  })),
  "psk-ignores-expiry": servedExpired,
  "psk-ignores-expiry-in-session": servedAfterExpiry,
  "psk-trusts-named-identity": servedOver([TLS_13], () => ({ key: Buffer.alloc(32, 7) })),
  "psk-other-ua-key": async (bench) => {
    const with02 = servedOver(LINKS, (user) => ({ key: deriveKey(user, SERVER_NAME, "0100000002") }));
    const with1301 = servedOver(LINKS, (user) => ({ key: deriveKey(user, SERVER_NAME, "0100011301") }));
    return (await with02(bench)) && (await with1301(bench));
  },
  "psk-tries-other-keys": async (bench) => {
    const served = LINKS.map(async (link) => {
      const other = bench.keyManager.bootstrap("user2@home1.example");
      const { key } = pskOffer(other, ...link);
      await toldOver(bench, pskOffer(other, ...link));
      return servedOver([link], () => ({ key }))(bench);
    });
    return (await Promise.all(served)).every(Boolean);
  },
  "psk-accepts-uicc-key": servedWithUiccKey,
  "psk-other-naf-key": servedOver(LINKS, (user, ua) => ({
    key: deriveKey(user, "other-naf.home1.example", ua),
  })),
  "psk-asks-for-any-name": servedOver(LINKS, (user, ua) => ({
    serverName: "else.example",
    key: deriveKey(user, "else.example", ua),
  })),
  "psk-zero-key-when-refused": async (bench) => {
    const served = [403, 429, 503].map((status) => servedWhile({ status }, () => ZERO_KEY)(bench));
    return (await Promise.all(served)).every(Boolean);
  },
  "psk-zero-key-when-silent": servedWhile("silent", () => ZERO_KEY),
  "psk-zero-key-when-unreachable": servedWhileAway,
  "psk-zero-key-when-busy": async (bench) => {
    const user = bench.keyManager.bootstrap();
    const stranger = {
      ...pskOffer(user, ...TLS_12),
      identity: "3GPP-bootstrapping;nobody@bsf.home1.example",
    };
    const tries = Array.from({ length: 20 }, () =>
      toldOver(bench, { ...stranger, key: ZERO_KEY }).catch(() => undefined),
    );
    return (await Promise.all(tries)).some((told) => told !== undefined);
  },
  "psk-zero-key-when-malformed": servedWhile({ status: 200, body: "<html>" }, () => ZERO_KEY),
  "psk-accepts-short-key": servedWhile(shortAnswer(SHORT_KEY), () => SHORT_KEY),
  "psk-waits-forever": waitsWhile("silent"),
  "psk-never-gives-up": waitsWhile({ status: 503 }),
  "psk-null-suites": async (bench) => (await nullSuite(bench)) === "user1@home1.example",
  "psk-anonymous-suites": async (bench) => {
    const user = bench.keyManager.bootstrap();
    const offer = pskOffer(user, "TLSv1.2", "ADH-AES128-GCM-SHA256", "01000100a6");
    return (await toldOver(bench, offer)) === "anonymous";
  },
  "psk-no-hint": hintAbsent,
};
