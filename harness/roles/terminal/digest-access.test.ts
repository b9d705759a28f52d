import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { deriveKs, ksNafPassword, makeBTid, UA_HTTP_DIGEST } from "../../protocols/gba/index.ts";
import type { HttpOutcome } from "../../wire/http-connection.ts";
import { connectionWith, type DigestServerOptions, strictDigest } from "../testing/digest-server.ts";
import { BSF, NAF } from "../testing/names.ts";
import { NafCredential } from "./credential.ts";
import { DigestAccess, type DigestChoice } from "./digest-access.ts";
import { DIGEST_DEVIATIONS, type DigestDeviation } from "./digest-deviations.ts";

const REALM = `3GPP-bootstrapping@${NAF}`;
const MD5_AUTH = { algorithm: "MD5", qop: "auth" } as const;

function newCredential(): NafCredential {
  const rand = randomBytes(16);
  const ks = deriveKs(randomBytes(16), randomBytes(16));
  return NafCredential.of({ btid: makeBTid(rand, BSF), ks, rand, impi: "user@home1.example" });
}

const passwordOf = (credential: NafCredential) =>
  ksNafPassword(credential.key({ nafFqdn: NAF, ua: UA_HTTP_DIGEST }));

/** A plain challenge, with the parts that a test puts elsewhere. */
const challenge = (nonce: string, more = "", realm = REALM, algorithm = "MD5", qop = "auth") =>
  `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="${qop}"${more}`;

/** An access to a strict server that knows these credentials, the first one in use. */
async function accessTo(
  server: Partial<Omit<DigestServerOptions, "users">>,
  choice: DigestChoice = MD5_AUTH,
  credentials: readonly NafCredential[] = [newCredential()],
) {
  const [credential = newCredential()] = credentials;
  const digest = strictDigest({
    users: new Map(credentials.map((one) => [one.name, passwordOf(one)])),
    realms: [REALM],
    algorithms: [choice.algorithm],
    qops: [choice.qop],
    challenges: (nonce, stale) => [
      challenge(nonce, stale ? ", stale=true" : "", REALM, choice.algorithm, choice.qop),
    ],
    ...server,
  });
  const connection = await connectionWith(digest.listener);
  const access = new DigestAccess({ connection, serverName: NAF, credential, ua: UA_HTTP_DIGEST, choice });
  return { access, credential, ...digest };
}

const GET = { method: "GET", target: "/protected?a=1" } as const;
const POST = { method: "POST", target: "/counter", body: "one more" } as const;

function status(outcome: HttpOutcome): number {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.ending));
  return outcome.response.status;
}

describe("a challenge is answered", () => {
  const algorithms = ["MD5", "SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess"] as const;
  const choices = algorithms.flatMap((algorithm) =>
    (["auth", "auth-int"] as const).map((qop): DigestChoice => ({ algorithm, qop })),
  );

  test.each(choices)("with %j, and its nonce is counted", async (choice) => {
    const { access, credential, log, received } = await accessTo({}, choice);
    expect(status(await access.request(GET))).toBe(200);
    expect(status(await access.request(POST))).toBe(200);
    expect(status(await access.request({ ...GET, target: "/" }))).toBe(200);
    const served = `served ${credential.name}`;
    expect(log).toEqual(["challenged", served, served, served]);
    expect(received[0]).toBe("");
    expect(received.slice(1).map((one) => /nc=([0-9a-f]{8})/.exec(one)?.[1])).toEqual([
      "00000001",
      "00000002",
      "00000003",
    ]);
    const cnonces = new Set(received.slice(1).map((one) => /cnonce="([^"]+)"/.exec(one)?.[1]));
    expect(cnonces.size).toBe(3);
  });

  test("asking alone sends no credentials and counts nothing", async () => {
    const { access, log } = await accessTo({});
    expect(status(await access.ask(GET))).toBe(401);
    expect(access.challenge).toBeUndefined();
    expect(status(await access.request(GET))).toBe(200);
    expect(access.challenge?.realm).toBe(REALM);
    expect(log).toHaveLength(3);
  });

  test("by each user on one connection with the user's own name and nonce", async () => {
    const users = [newCredential(), newCredential()];
    const { access, log } = await accessTo({}, MD5_AUTH, users);
    const other = access.as(users[1] ?? newCredential());
    for (const one of [access, other, access, other]) expect(status(await one.request(GET))).toBe(200);
    const [a, b] = users.map(({ name }) => `served ${name}`);
    expect(log).toEqual(["challenged", a, "challenged", b, a, b]);
  });

  test("of two, in two header fields or in one, the one with the chosen algorithm", async () => {
    for (const join of [(all: string[]) => all, (all: string[]) => [all.join(", ")]]) {
      for (const algorithm of ["MD5", "SHA-256"] as const) {
        const { access, log, credential } = await accessTo(
          {
            algorithms: ["SHA-256", "MD5"],
            challenges: (nonce) => join(["SHA-256", "MD5"].map((one) => challenge(nonce, "", REALM, one))),
          },
          { algorithm, qop: "auth" },
        );
        await access.request(GET);
        expect(log).toEqual(["challenged", `served ${credential.name}`]);
        expect(access.challenge?.algorithm).toBe(algorithm);
      }
    }
  });

  test.each<[string, Partial<DigestServerOptions>]>([
    [
      "algorithm is absent",
      { challenges: (nonce) => [challenge(nonce).replace(" algorithm=MD5,", "")], withoutAlgorithm: true },
    ],
    [
      "qop is absent (RFC 2617)",
      { challenges: (nonce) => [challenge(nonce).replace(', qop="auth"', "")], withoutQop: true, qops: [] },
    ],
    [
      "opaque comes back as it was",
      {
        opaque: 'a "quoted" \\ one',
        challenges: (nonce) => [challenge(nonce, ', opaque="a \\"quoted\\" \\\\ one"')],
      },
    ],
    ["an empty opaque comes back", { opaque: "", challenges: (nonce) => [challenge(nonce, ', opaque=""')] }],
    [
      "names in other letters, quoted algorithm, any order",
      { challenges: (nonce) => [`Digest Algorithm="MD5", QOP="auth", Nonce="${nonce}", REALM="${REALM}"`] },
    ],
    [
      "unquoted qop, quoted stale",
      { challenges: (nonce) => [challenge(nonce, ', stale="false"').replace('"auth"', "auth")] },
    ],
    [
      "several qop values with spaces",
      { challenges: (nonce) => [challenge(nonce, "", REALM, "MD5", "auth-int , auth")] },
    ],
    [
      "unknown parameters",
      { challenges: (nonce) => [challenge(nonce, ', charset=UTF-8, userhash=false, later="x"')] },
    ],
    [
      "scheme in other letters, spaces around the equals sign",
      { challenges: (nonce) => [challenge(nonce).replace("Digest realm=", "DIGEST realm = ")] },
    ],
    ["another scheme before it", { challenges: (nonce) => ["Bearer abc==", challenge(nonce)] }],
    [
      "a realm with a stray semicolon",
      { realms: [`${REALM};`], challenges: (nonce) => [challenge(nonce, "", `${REALM};`)] },
    ],
    [
      "a realm with the port",
      { realms: [`${REALM}:8443`], challenges: (nonce) => [challenge(nonce, "", `${REALM}:8443`)] },
    ],
    [
      "a realm in other letters",
      {
        realms: ["3GPP-bootstrapping@NAF.Home1.Example"],
        challenges: (nonce) => [challenge(nonce, "", "3GPP-bootstrapping@NAF.Home1.Example")],
      },
    ],
    [
      "a realm with two names is answered with the name of the ME's key",
      { challenges: (nonce) => [challenge(nonce, "", `3GPP-bootstrapping-uicc@${NAF};${REALM}`)] },
    ],
    [
      "the two names in the other order",
      { challenges: (nonce) => [challenge(nonce, "", `${REALM};3GPP-bootstrapping-uicc@${NAF};`)] },
    ],
  ])("%s", async (_, server) => {
    const { access, log, credential } = await accessTo(server);
    await access.request(GET);
    expect(log).toEqual(["challenged", `served ${credential.name}`]);
  });
});

describe("a challenge is not answered", () => {
  test.each<[string, (nonce: string) => string]>([
    ["of another enabler", (nonce) => challenge(nonce, "", "3GPP-bootstrapping@evil.example")],
    ["of an enabler whose name only begins so", (nonce) => challenge(nonce, "", `${REALM}.evil.example`)],
    ["for the key of the UICC", (nonce) => challenge(nonce, "", `3GPP-bootstrapping-uicc@${NAF}`)],
    ["of no bootstrapping realm", (nonce) => challenge(nonce, "", "staff only")],
    ["of another scheme", () => `Basic realm="${REALM}"`],
    ["of another algorithm", (nonce) => challenge(nonce, "", REALM, "SHA-256")],
    ["that is no list of challenges", () => 'Digest realm="'],
  ])("%s", async (_, header) => {
    const { access, log } = await accessTo({ challenges: (nonce) => [header(nonce)] });
    const outcome = await access.request(GET);
    expect(status(outcome)).toBe(401);
    expect(outcome).not.toHaveProperty("sent");
    expect(log).toEqual(["challenged"]);
    expect(access.challenge).toBeUndefined();
  });
});

describe("a terminal goes on", () => {
  test("a flight carries the right credentials for each of its requests, with counts of their own", async () => {
    const { access } = await accessTo({});
    expect(status(await access.request(GET))).toBe(200);
    const outcomes = await access.flightHere([GET, POST]);
    expect(outcomes.map(status)).toEqual([200, 200]);
  });

  test("with the challenge and the counts of another access, which asks for no new one", async () => {
    const { access, credential } = await accessTo({});
    expect(status(await access.request(GET))).toBe(200);
    const next = access.as(credential);
    expect(next.challenge).toBeUndefined();
    next.takeOver(access);
    expect(next.challenge).toEqual(access.challenge);
    // A strict server would refuse a count that was used.
    expect((await next.flightHere([GET])).map(status)).toEqual([200]);
  });
});

describe("stale=true", () => {
  test("is taken up: the new nonce is counted from 1", async () => {
    const { access, log, received, credential } = await accessTo({ usesOfNonce: 2 });
    for (const _ of [1, 2, 3]) expect(status(await access.request(GET))).toBe(200);
    const served = `served ${credential.name}`;
    expect(log).toEqual(["challenged", served, served, "stale", served]);
    expect(received.at(-1)).toContain("nc=00000001");
  });

  test("is taken up once, not for ever", async () => {
    const { access, log } = await accessTo({ usesOfNonce: 0 });
    expect(status(await access.request(GET))).toBe(401);
    expect(log).toEqual(["challenged", "stale", "stale"]);
  });

  test("may be missing when a nonce that was good before is good no more", async () => {
    const { access, log, credential } = await accessTo({
      usesOfNonce: 1,
      challenges: (nonce) => [challenge(nonce)],
    });
    for (const _ of [1, 2]) expect(status(await access.request(GET))).toBe(200);
    const served = `served ${credential.name}`;
    expect(log).toEqual(["challenged", served, "stale", served]);
  });

  test("is taken up by a request on this connection too", async () => {
    const { access, log, credential } = await accessTo({ usesOfNonce: 1 });
    const { session } = access;
    await access.request(GET);
    expect(status(await access.requestHere(GET))).toBe(200);
    expect(log).toEqual(["challenged", `served ${credential.name}`, "stale", `served ${credential.name}`]);
    expect(access.session).toBe(session);
  });

  test("is not needed when the server names the next nonce", async () => {
    const { access, log, received, credential } = await accessTo({ usesOfNonce: 1, nextNonce: true });
    for (const _ of [1, 2, 3]) expect(status(await access.request(GET))).toBe(200);
    const served = `served ${credential.name}`;
    expect(log).toEqual(["challenged", served, served, served]);
    expect(received.slice(1).every((one) => one.includes("nc=00000001"))).toBe(true);
    expect(new Set(received.map((one) => /nonce="([^"]+)"/.exec(one)?.[1])).size).toBe(4);
  });

  test("is not taken up when it is missing at the first use, or the request lies", async () => {
    const silent = await accessTo({ usesOfNonce: 0, challenges: (nonce) => [challenge(nonce)] });
    expect(status(await silent.access.request(GET))).toBe(401);
    expect(silent.log).toEqual(["challenged", "stale"]);
    const lying = await accessTo({ challenges: (nonce) => [challenge(nonce, ", stale=true")] });
    expect(status(await lying.access.request(GET, "wrongResponse"))).toBe(401);
    expect(lying.log).toEqual(["challenged", "response"]);
  });
});

/** Why a strict server refuses each deviation. */
const REASONS: Readonly<Partial<Record<DigestDeviation, string>>> = {
  wrongResponse: "response",
  responseRightAtBegin: "response",
  firstDigitWrong: "response",
  middleDigitWrong: "response",
  lastDigitWrong: "response",
  emptyResponse: "response",
  shortResponse: "response",
  longResponse: "response",
  inventedNonce: "nonce",
  editedNonce: "nonce",
  omittedQop: "qop",
  alteredBody: "response",
  staleMethod: "response",
  staleUri: "uri",
  otherUri: "uri",
  staleNonceCount: "response",
  staleCnonce: "response",
  staleQop: "qop",
  otherRealm: "realm",
  weakerQop: "qop",
};

describe("a deviation is refused for what it is, and the next right request is served", () => {
  const names = Object.keys(DIGEST_DEVIATIONS).filter((name): name is DigestDeviation => name in REASONS);

  test.each(names)("%s", async (name) => {
    for (const algorithm of ["MD5", "SHA-256"] as const) {
      const { access, credential, log } = await accessTo({}, { algorithm, qop: "auth-int" });
      expect(status(await access.request(POST, name))).toBe(401);
      expect(status(await access.request(POST))).toBe(200);
      expect(log).toEqual(["challenged", REASONS[name], `served ${credential.name}`]);
    }
  });

  test("a recorded request is one", async () => {
    const { access, credential, log } = await accessTo({});
    const { sent } = await access.request(POST);
    if (sent === undefined) throw new Error("credentials were sent");
    expect(status(await access.send(sent))).toBe(401);
    expect(log).toEqual(["challenged", `served ${credential.name}`, "replay"]);
  });

  test("a credential that lies about its key, its enabler or its protocol is one", async () => {
    const { access, credential, log } = await accessTo({});
    for (const liar of [
      credential.withKeyOf(newCredential()),
      credential.forOtherNaf("other.home1.example"),
      credential.withKeyCutTo(16),
    ]) {
      expect(status(await access.as(liar).request(GET))).toBe(401);
      expect(log.at(-1)).toBe("response");
    }
    expect(status(await access.as(credential.withName("nobody@bsf", "unknown")).request(GET))).toBe(401);
    expect(log.at(-1)).toBe("username");
  });
});
