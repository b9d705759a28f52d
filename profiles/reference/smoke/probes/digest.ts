import { SERVER_NAME } from "../bench.ts";
import { authorization, type DigestChoice, digestExchange } from "../clients.ts";
import { answerWithUiccKey, type Bootstrapping, deriveKey } from "../key-manager.ts";
import {
  acts,
  GET,
  IDENTITY,
  replay,
  servedWith,
  type Terminal,
  UA,
  withTerminal,
} from "./digest-terminal.ts";
import { type Probe, stillWaiting, TOO_LONG_MS } from "./probe.ts";

const SHORT_KEY = Buffer.alloc(16, 9);

/** True when a request with any response is served while the key manager answers otherwise. */
const servedWhile = (answer: Bootstrapping["answer"], more: Partial<DigestChoice>) =>
  withTerminal(async (terminal) => {
    terminal.user.answer = answer;
    return (await terminal.ask(GET, more)).status === 200;
  });

/** True when a request is not answered while the key manager answers so. */
const waitsWhile = (answer: Bootstrapping["answer"]) =>
  withTerminal(async (terminal) => {
    terminal.user.answer = answer;
    return stillWaiting(terminal.ask(GET), TOO_LONG_MS);
  });

const ANY_RESPONSE = { response: "0".repeat(64) };

const changedBody = (terminal: Terminal) =>
  acts(terminal, (sent) => terminal.ask(sent, { qop: "auth-int", hashedBody: "another" }));

const expired = withTerminal(async (terminal) => {
  terminal.user.expiresAt = Date.now() - 1_000;
  return (await terminal.ask(GET)).status === 200;
});

const expiredLater = withTerminal(async (terminal) => {
  terminal.user.expiresAt = Date.now() + 500;
  await terminal.ask(GET);
  while (Date.now() < terminal.user.expiresAt) await terminal.challenged();
  return (await terminal.ask(GET)).status === 200;
});

const unreachable: Probe = withTerminal(async (terminal) => {
  const { keyManager, material } = terminal.bench;
  await keyManager.stop();
  const response = await terminal.ask(GET, ANY_RESPONSE);
  await keyManager.start(material.keyManager);
  return response.status === 200;
});

/** By id of the fault that each one finds. */
export const digestProbes: Readonly<Record<string, Probe>> = {
  "digest-accepts-any-response": servedWith(() => ANY_RESPONSE),
  "digest-compares-prefix": withTerminal(async (terminal) => {
    const choice = await terminal.choice();
    const right = /response="([0-9a-f]{8})/.exec(authorization(GET, choice))?.[1] ?? "";
    const response = right.padEnd(64, "0");
    return (await digestExchange(terminal.socket, GET, { ...choice, response })).status === 200;
  }),
  "digest-accepts-replay": replay({}),
  "digest-replay-by-cnonce": replay({ cnonce: "another" }),
  "digest-fixed-nonce": replay({}, (terminal) => terminal.challenged()),
  "digest-accepts-any-nonce": servedWith(() => ({ nonce: "bWFkZSB1cA==" })),
  "digest-accepts-uicc-key": withTerminal(async (terminal) => {
    const uiccKey = Buffer.alloc(32, 8);
    terminal.user.answer = answerWithUiccKey(terminal.key, uiccKey);
    return (await terminal.ask(GET, { key: uiccKey })).status === 200;
  }),
  "digest-skips-body": withTerminal(async (terminal) => (await changedBody(terminal)).status === 200),
  "digest-acts-before-check": withTerminal(async (terminal) => {
    const { count, status } = await changedBody(terminal);
    return count === 1 && status === 401;
  }),
  "digest-accepts-no-qop": servedWith(() => ({ qop: "none" })),
  "digest-serves-without-credentials": withTerminal(
    async (terminal) => (await terminal.challenged()).status === 200,
  ),
  "digest-unknown-user-last-key": withTerminal(async (terminal) => {
    await terminal.ask(GET);
    const response = await terminal.ask(IDENTITY, { user: "bm9ib2R5@bsf.home1.example" });
    return response.status === 200 && JSON.parse(response.body).user === "user1@home1.example";
  }),
  "digest-user-of-connection": withTerminal(async (terminal) => {
    await terminal.ask(IDENTITY);
    const other = terminal.bench.keyManager.bootstrap("user2@home1.example");
    const key = deriveKey(other, SERVER_NAME, UA);
    const response = await terminal.ask(IDENTITY, { user: other.btid, key });
    return JSON.parse(response.body).user === "user1@home1.example";
  }),
  "digest-other-ua-key": servedWith(({ user }) => ({ key: deriveKey(user, SERVER_NAME, "0100000002") })),
  "digest-other-naf-key": servedWith(({ user }) => ({
    key: deriveKey(user, "other-naf.home1.example", UA),
  })),
  "digest-ignores-expiry": expired,
  "digest-ignores-expiry-later": expiredLater,
  "digest-expired-without-challenge": withTerminal(async (terminal) => {
    terminal.user.expiresAt = Date.now() - 1_000;
    const response = await terminal.ask(GET);
    return response.status === 403 && response.headers["www-authenticate"] === undefined;
  }),
  "digest-open-when-refused": async (bench) => {
    const served = [403, 429, 503].map((status) => servedWhile({ status }, ANY_RESPONSE)(bench));
    return (await Promise.all(served)).every(Boolean);
  },
  "digest-open-when-silent": servedWhile("silent", ANY_RESPONSE),
  "digest-open-when-unreachable": unreachable,
  "digest-open-when-malformed": servedWhile({ status: 200, body: "<html>" }, ANY_RESPONSE),
  "digest-accepts-short-key": servedWhile(
    {
      status: 200,
      body: { meKeyMaterial: SHORT_KEY.toString("hex"), keyExpiryTime: "2999-12-31T23:59:59Z" },
    },
    { key: SHORT_KEY },
  ),
  "digest-waits-forever": waitsWhile("silent"),
  "digest-never-gives-up": waitsWhile({ status: 503 }),
  "digest-wrong-rspauth": withTerminal(async (terminal) => {
    const response = await terminal.ask(GET);
    return String(response.headers["authentication-info"]).includes('rspauth="0000000000');
  }),
  "digest-incomplete-authentication-info": withTerminal(async (terminal) => {
    const info = String((await terminal.ask(GET)).headers["authentication-info"]);
    return info.includes("qop=auth") && !info.includes("rspauth");
  }),
  "digest-foreign-realm": withTerminal(async (terminal) => {
    const response = await terminal.challenged();
    return String(response.headers["www-authenticate"]).includes('realm="members@');
  }),
  "digest-unauthorized-without-challenge": withTerminal(async (terminal) => {
    const response = await terminal.ask(GET, ANY_RESPONSE);
    return response.status === 401 && response.headers["www-authenticate"] === undefined;
  }),
};
