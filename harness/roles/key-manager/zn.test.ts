import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { validateResponse } from "../../protocols/nbsp-gba/index.ts";
import { CertificateAuthority, type IssuedCertificate } from "../certificate-authority/index.ts";
import { bootstrapped, hexKey } from "../testing/bootstrapped.ts";
import { NAF, OTHER_NAF, UA } from "../testing/names.ts";
import { authority, newTerminal } from "../testing/operator.ts";
import { ZnClient } from "../testing/zn-client.ts";
import { ZN_ANSWERS, type ZnAnswer } from "./index.ts";

const stranger = await CertificateAuthority.create("strange operator");

/** Right but for an octet of the B-TID, which a careless decoder would make U+FFFD. */
const NOT_UTF8 = Buffer.from(
  `{"btId":"a\xff@bsf","nafId":{"nafFqdn":"${NAF}","uaSecProtId":"${UA}"}}`,
  "latin1",
);

describe("a key request", () => {
  test("is answered by the key for this NAF_Id, its expiry and the user, as the schema has it", async () => {
    const { keyManager, zn, btid, credential, lifetime, impi } = await bootstrapped();
    const answer = await zn.ask({ btid });
    expect(answer).toMatchObject({ status: 200, contentType: "application/json" });
    const message = validateResponse(JSON.parse(answer.body));
    expect(message).toEqual({
      ok: true,
      value: {
        meKeyMaterial: hexKey(credential),
        keyExpiryTime: lifetime.toISOString(),
        bootstrappingInfoCreationTime: expect.any(String),
        gbaType: "3G_GBA",
        impi,
      },
    });
    expect(keyManager.requestsFor(btid)).toEqual([
      { btid, nafFqdn: NAF, ua: UA, client: "NAF of the operator" },
    ]);
    expect(keyManager.malformedRequests).toEqual([]);
  });

  test("gets another key for another Ua identifier, whose letters do not matter", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const keyFor = async (ua: string) => JSON.parse((await zn.ask({ btid, ua })).body).meKeyMaterial;
    expect(await keyFor("01000100A8")).toBe(hexKey(credential));
    expect(await keyFor("0100000007")).toBe(hexKey(credential, NAF, "0100000007"));
    expect(keyManager.requestsFor(btid).map(({ ua }) => ua)).toEqual([UA, "0100000007"]);
  });

  test.each(["unknownBTid", "nonsense"])("for a B-TID that was never given out: 404 (%s)", async (kind) => {
    const { keyManager, zn } = await bootstrapped();
    const btid = kind === "nonsense" ? "\0 no B-TID" : keyManager.unknownBTid();
    const { status, contentType, body } = await zn.ask({ btid });
    expect({ status, contentType }).toEqual({ status: 404, contentType: "application/problem+json" });
    expect(JSON.parse(body)).toEqual({ status: 404, cause: "CONTEXT_NOT_FOUND" });
    expect(keyManager.requestsFor(btid)).toHaveLength(1);
  });

  test("for an enabler that is not authorised: 403, and the key when the case wants it", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const refused = await zn.ask({ btid, nafFqdn: OTHER_NAF });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body).cause).toBe("NAF_NOT_AUTHORISED");
    keyManager.steer(btid, { anyNaf: true });
    const { body } = await zn.ask({ btid, nafFqdn: OTHER_NAF });
    expect(JSON.parse(body).meKeyMaterial).toBe(hexKey(credential, OTHER_NAF));
  });

  test.each([
    ["no JSON", { body: "{" }, 400, "not JSON"],
    ["no octet", { body: "" }, 400, "not JSON"],
    ["octets that are not UTF-8", { body: NOT_UTF8 }, 400, "not JSON"],
    ["an array", { body: "[]" }, 400, "must be object"],
    ["no NAF_Id", { body: '{"btId":"x@bsf"}' }, 400, "nafId"],
    ["a port in the FQDN", { nafFqdn: `${NAF}:443` }, 400, "nafFqdn"],
    ["a short Ua identifier", { ua: "01000002" }, 400, "uaSecProtId"],
    ["another path", { path: "/" }, 404, "POST / instead of"],
    ["another method", { method: "GET" }, 404, "GET /nbsp-gba"],
    ["too many octets", { body: Buffer.alloc(70_000, "x") }, 413, undefined],
  ])("that TS 29.309 does not allow is refused and noted: %s", async (_, question, status, noted) => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const answer = await zn.ask({ btid, ...question });
    expect(answer.status).toBe(status);
    expect(answer.contentType).toBe("application/problem+json");
    expect(answer.body).not.toContain(hexKey(credential));
    expect(keyManager.requestsFor(btid)).toEqual([]);
    expect(keyManager.malformedRequests).toHaveLength(1);
    if (noted !== undefined) expect(keyManager.malformedRequests[0]).toContain(noted);
    expect((await zn.ask({ btid })).status).toBe(200);
  });

  test("that ends in the middle harms nobody", async () => {
    const { zn, btid } = await bootstrapped();
    const stream = zn.begin({ btid, body: "x" });
    stream.on("error", () => undefined).close(8);
    await once(stream, "close");
    expect((await zn.ask({ btid })).status).toBe(200);
  });
});

describe("an enabler", () => {
  test.each<[string, () => Promise<IssuedCertificate | undefined>]>([
    ["without a certificate", async () => undefined],
    [
      "with a certificate of another operator",
      () => stranger.issue({ commonName: NAF, names: [NAF], usage: "client" }),
    ],
    [
      "with a certificate for servers",
      () => authority.issue({ commonName: NAF, names: [NAF], usage: "server" }),
    ],
  ])("%s gets no TLS and no key", async (_, certificate) => {
    const { keyManager, zn, btid } = await bootstrapped();
    const refused = new ZnClient(keyManager, await certificate());
    await expect(refused.ask({ btid })).rejects.toThrow();
    expect(keyManager.requestsFor(btid)).toEqual([]);
    expect((await zn.ask({ btid })).status).toBe(200);
  });
});

/** What each answer is on the wire; undefined: there is none. */
const FORMS: Readonly<Record<ZnAnswer, { readonly status: number; readonly schema: boolean } | undefined>> = {
  key: { status: 200, schema: true },
  "wrong-key": { status: 200, schema: true },
  unknown: { status: 404, schema: false },
  "not-authorised": { status: 403, schema: false },
  busy: { status: 503, schema: false },
  overloaded: { status: 429, schema: false },
  silent: undefined,
  reset: undefined,
  "short-key": { status: 200, schema: false },
  "empty-key": { status: 200, schema: false },
  "long-key": { status: 200, schema: false },
  "no-key": { status: 200, schema: false },
  "no-hex": { status: 200, schema: false },
  "broken-json": { status: 200, schema: false },
  html: { status: 200, schema: false },
};

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("an answer that is steered", () => {
  const answers = Object.entries(FORMS).flatMap(([answer, form]) => (form ? [[answer, form] as const] : []));

  test("every named answer is tested here", () => {
    expect(Object.keys(FORMS).sort()).toEqual(Object.keys(ZN_ANSWERS).sort());
  });

  test.each(answers)("%s", async (name, { status, schema }) => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    // The keys of FORMS are those of ZN_ANSWERS, as the test before has it.
    const answer = name as ZnAnswer;
    keyManager.steer(btid, { answer });
    const got = await zn.ask({ btid });
    expect(got.status).toBe(status);
    expect(validateResponse(json(got.body)).ok).toBe(schema);
    if (status !== 200) expect(json(got.body)).toMatchObject({ status, cause: expect.any(String) });
    expect(got.contentType).toBe(
      answer === "html" ? "text/html" : status === 200 ? "application/json" : "application/problem+json",
    );
    expect(got.body.includes(hexKey(credential))).toBe(answer === "key" || answer === "long-key");
    expect(keyManager.requestsFor(btid)).toHaveLength(1);
  });

  test("keys that are too short, too long or none keep everything else", async () => {
    const { keyManager, zn, btid, credential, impi, lifetime } = await bootstrapped();
    const right = hexKey(credential);
    const material = async (answer: ZnAnswer) => {
      keyManager.steer(btid, { answer });
      const {
        meKeyMaterial,
        bootstrappingInfoCreationTime: _,
        ...rest
      } = JSON.parse((await zn.ask({ btid })).body);
      expect(rest).toEqual({ keyExpiryTime: lifetime.toISOString(), gbaType: "3G_GBA", impi });
      return meKeyMaterial;
    };
    expect(await material("short-key")).toBe(right.slice(0, 32));
    expect(await material("empty-key")).toBe("");
    expect(await material("long-key")).toBe(`${right}00`);
    expect(await material("no-key")).toBeUndefined();
    expect(await material("no-hex")).toBe(`zz${right.slice(2)}`);
    expect(await material("wrong-key")).toMatch(/^[0-9a-f]{64}$/);
  });

  test("silent: nothing comes, and the connection serves others", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    keyManager.steer(btid, { answer: "silent" });
    const stream = zn.begin({ btid });
    stream.on("error", () => undefined);
    let answered = false;
    stream.once("response", () => {
      answered = true;
    });
    await expect.poll(() => keyManager.requestsFor(btid)).toHaveLength(1);
    const other = await newTerminal(keyManager).bootstrap(keyManager);
    expect((await zn.ask({ btid: other.btid })).status).toBe(200);
    expect({ answered, closed: stream.closed }).toEqual({ answered: false, closed: false });
    // Closing the key manager waits for nobody.
    await keyManager.close();
  });

  test("reset: the stream ends with an error, the connection serves others", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    keyManager.steer(btid, { answer: "reset" });
    await expect(zn.ask({ btid })).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    keyManager.steer(btid, { answer: "key" });
    expect((await zn.ask({ btid })).status).toBe(200);
  });

  test("expiry and identity are steered, and each steering adds to the last", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const expiry = new Date("2031-02-03T04:05:06Z");
    keyManager.steer(btid, { expiry });
    keyManager.steer(btid, { identity: "withheld" });
    const withheld = JSON.parse((await zn.ask({ btid })).body);
    expect(withheld).toMatchObject({ keyExpiryTime: expiry.toISOString() });
    expect(withheld).not.toHaveProperty("impi");
    expect(validateResponse(withheld).ok).toBe(true);
    keyManager.expireKey(btid);
    const expired = JSON.parse((await zn.ask({ btid })).body);
    expect(new Date(expired.keyExpiryTime).getTime()).toBeLessThan(Date.now());
    expect(validateResponse(expired).ok).toBe(true);
  });

  test("security settings, type and creation are steered, also where the IMPI is withheld", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const created = new Date("2026-01-02T03:04:05Z");
    const uss = [
      { gsId: 7, gsType: 1, ueIds: ["sip:a@home1.example", "tel:+1"], flags: [3] },
      { gsId: 8, gsType: 1, ueIds: ["sip:b@home1.example"], flags: [] },
    ];
    keyManager.steer(btid, { created, uss, identity: "withheld", gbaType: "2G_GBA" });
    const answer = JSON.parse((await zn.ask({ btid })).body);
    expect(validateResponse(answer).ok).toBe(true);
    expect(answer).toMatchObject({ gbaType: "2G_GBA", bootstrappingInfoCreationTime: created.toISOString() });
    expect(answer).not.toHaveProperty("impi");
    expect(answer.ussList).toEqual([
      {
        uss: {
          gsId: 7,
          gsType: 1,
          ueIds: [{ ueId: "sip:a@home1.example" }, { ueId: "tel:+1" }],
          flags: [{ flag: 3 }],
        },
      },
      { uss: { gsId: 8, gsType: 1, ueIds: [{ ueId: "sip:b@home1.example" }] } },
    ]);
  });

  test("concerns its B-TID alone", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const other = await newTerminal(keyManager).bootstrap(keyManager);
    keyManager.steer(other.btid, { answer: "busy", identity: "withheld", expiry: new Date(0), anyNaf: true });
    const [mine, theirs] = await Promise.all([zn.ask({ btid }), zn.ask({ btid: other.btid })]);
    expect(theirs.status).toBe(503);
    expect(JSON.parse(mine.body)).toMatchObject({
      meKeyMaterial: hexKey(credential),
      impi: expect.any(String),
    });
    expect((await zn.ask({ btid, nafFqdn: OTHER_NAF })).status).toBe(403);
    expect(keyManager.requestsFor(btid)).toHaveLength(2);
    expect(keyManager.requestsFor(other.btid)).toHaveLength(1);
  });
});
