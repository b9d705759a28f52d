import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  type Avp,
  BOOTSTRAPPING_INFO,
  type DiameterMessage,
  ERROR_ANSWER,
  firstValue,
  type Layout,
  makeAvp,
  readFields,
} from "../../protocols/diameter/index.ts";
import { enabler, hexKey } from "../testing/bootstrapped.ts";
import { BSF, NAF, OTHER_NAF, REALM, UA } from "../testing/names.ts";
import {
  bootstrappedOverDiameter as bootstrapped,
  keyIn,
  openDiameter,
  resultOf,
} from "../testing/open-diameter.ts";
import { newTerminal } from "../testing/operator.ts";
import { ZN_ANSWERS, type ZnAnswer } from "./index.ts";

/** The fields of an answer with a key or a refusal. @throws Error when it does not follow the grammar of BIA. */
function fieldsOf(answer: DiameterMessage) {
  const read = readFields(BOOTSTRAPPING_INFO.answer, answer.avps);
  if (!read.ok) throw new Error(read.problem.text);
  return read.fields;
}

describe("a key request", () => {
  test("is answered by the key for this NAF_Id, its expiry and the user, as the grammar has it", async () => {
    const { keyManager, zn, btid, credential, lifetime, impi } = await bootstrapped();
    const request = zn.question({ btid, fields: { "Destination-Host": BSF } });
    const answer = await zn.exchange(request);
    const { hopByHop, endToEnd } = request;
    expect(answer).toMatchObject({ request: false, proxiable: true, error: false, hopByHop, endToEnd });
    expect(answer).toMatchObject({ command: 310, application: 16_777_220 });
    expect(fieldsOf(answer)).toMatchObject({
      "Session-Id": firstValue(request.avps, "Session-Id"),
      "Result-Code": 2001,
      "Origin-Host": BSF,
      "Origin-Realm": REALM,
      "User-Name": impi,
      "Key-ExpiryTime": lifetime,
      "GBA-Type": 0,
    });
    expect(keyIn(answer)).toBe(hexKey(credential));
    expect(keyManager.requestsFor(btid)).toEqual([
      { btid, nafFqdn: NAF, ua: UA, client: "NAF of the operator", originHost: NAF },
    ]);
    expect(keyManager.malformedRequests).toEqual([]);
  });

  test("that an agent has relayed gets its Proxy-Info back, in order", async () => {
    const { zn, btid } = await bootstrapped();
    const agents = ["one", "two"].map((name) => [
      makeAvp("Proxy-Host", `${name}.example`),
      makeAvp("Proxy-State", Buffer.from(name)),
    ]);
    const fields = { "Proxy-Info": agents, "Route-Record": [NAF] };
    expect(fieldsOf(await zn.ask({ btid, fields }))["Proxy-Info"]).toEqual(agents);
    expect(fieldsOf(await zn.ask({ fields }))["Proxy-Info"]).toEqual(agents);
  });

  test("for a B-TID that was never given out: 5403; for an enabler that is not authorised: 5402", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const unknown = await zn.ask({ btid: keyManager.unknownBTid() });
    expect({ result: resultOf(unknown), error: unknown.error }).toEqual({ result: 5403, error: false });
    expect(firstValue(fieldsOf(unknown)["Experimental-Result"] ?? [], "Vendor-Id")).toBe(10_415);
    expect(resultOf(await zn.ask({ btid, nafFqdn: OTHER_NAF }))).toBe(5402);
    keyManager.steer(btid, { anyNaf: true });
    expect(keyIn(await zn.ask({ btid, nafFqdn: OTHER_NAF }))).toBe(hexKey(credential, OTHER_NAF));
  });

  test("for octets that are not UTF-8 is not one for the text that resembles them", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const octets = Buffer.concat([Buffer.from("a"), Buffer.of(0xff), Buffer.from(btid)]);
    expect(resultOf(await zn.ask({ fields: { "Transaction-Identifier": octets } }))).toBe(5403);
    expect(keyManager.requestsFor(`a\u{fffd}${btid}`)).toEqual([]);
    expect(keyManager.requestsFor(`octets ${octets.toString("hex")}`)).toHaveLength(1);
  });

  const unknownAvp = (mandatory: boolean): Avp => ({
    ...makeAvp("Class", Buffer.of(1)),
    code: 9_999,
    mandatory,
  });
  test.each([
    ["AVP that nobody knows", { more: [unknownAvp(true)] }, 5001, false, "AVP 9999 has the M flag"],
    ["NAF_Id without a name", { fields: { "NAF-Id": Buffer.alloc(5) } }, 5004, false, "NAF-Id of 5 octets"],
    [
      "NAF_Id twice",
      { more: [makeAvp("NAF-Id", Buffer.alloc(9))] },
      5009,
      false,
      "NAF-Id stands there 2 times",
    ],
    ["other realm", { fields: { "Destination-Realm": "other.example" } }, 3003, true, "other.example"],
    ["other host", { fields: { "Destination-Host": "other.example" } }, 3002, true, "other.example"],
  ])("that is wrong is refused and noted: %s", async (_, question, result, error, noted) => {
    const { keyManager, zn, btid } = await bootstrapped();
    const answer = await zn.ask({ btid, ...question });
    expect({ result: resultOf(answer), error: answer.error }).toEqual({ result, error });
    expect(readFields(ERROR_ANSWER, answer.avps).ok).toBe(true);
    expect(keyManager.malformedRequests).toEqual([expect.stringContaining(noted)]);
    expect(keyManager.requestsFor(btid)).toEqual([]);
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
  });

  test("may have what a receiver ignores: an AVP without M, reserved flags, the P flag, another order", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const { avps, ...header } = zn.question({ btid, more: [unknownAvp(false)] });
    const odd = avps.map((avp) => ({ ...avp, protected: true, reserved: 31 })).reverse();
    expect(resultOf(await zn.exchange({ ...header, avps: odd }))).toBe(2001);
    expect(keyManager.malformedRequests).toEqual([]);
  });

  test.each([
    ["command", { command: 311 }, 3001],
    ["application", { application: 16_777_221 }, 3007],
  ])("of another %s is refused with the E flag", async (_, header, result) => {
    const { keyManager, zn, btid } = await bootstrapped();
    const answer = await zn.exchange({ ...zn.question({ btid }), ...header });
    expect({ result: resultOf(answer), error: answer.error }).toEqual({ result, error: true });
    expect(keyManager.malformedRequests).toHaveLength(1);
  });

  test("with an AVP that ends beyond the message: 5014, and the connection goes on", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const { avps: _, ...header } = zn.question({ btid });
    const data = Buffer.alloc(3);
    const octets = Buffer.from("01000020c00001360100000400000000", "hex");
    const broken = Buffer.concat([
      octets,
      Buffer.from("00000001000001084000000d", "hex"),
      data,
      Buffer.alloc(1),
    ]);
    const answer = await zn.exchange(broken);
    expect(resultOf(answer)).toBe(5014);
    expect(answer).toMatchObject({ hopByHop: 0, command: header.command });
    expect(keyManager.malformedRequests).toHaveLength(1);
    expect(resultOf(await zn.ask({ btid }))).toBe(2001);
  });
});

describe("an answer that is steered", () => {
  /** Result and octets of key; undefined: there is no answer, or none that can be read. */
  const FORMS: Readonly<Record<ZnAnswer, readonly [number, number] | undefined>> = {
    key: [2001, 32],
    "wrong-key": [2001, 32],
    unknown: [5403, 0],
    "not-authorised": [5402, 0],
    busy: [3004, 0],
    overloaded: [4002, 0],
    "short-key": [2001, 16],
    "empty-key": [2001, 0],
    "long-key": [2001, 33],
    "no-key": [2001, 0],
    "no-hex": [2001, 64],
    silent: undefined,
    reset: undefined,
    "broken-json": undefined,
    html: undefined,
  };

  test("every named answer is tested here", () => {
    expect(Object.keys(FORMS).sort()).toEqual(Object.keys(ZN_ANSWERS).sort());
  });

  test.each(Object.entries(FORMS).flatMap(([name, form]) => (form ? [[name, ...form] as const] : [])))(
    "%s",
    async (name, result, octets) => {
      const { keyManager, zn, btid, credential } = await bootstrapped();
      // The keys of FORMS are those of ZN_ANSWERS, as the test before has it.
      keyManager.steer(btid, { answer: name as ZnAnswer });
      const answer = await zn.ask({ btid });
      expect({ result: resultOf(answer), error: answer.error }).toEqual({ result, error: result === 3004 });
      expect(keyIn(answer)).toHaveLength(octets * 2);
      expect(keyIn(answer) === hexKey(credential)).toBe(name === "key");
      const layout = result === 3004 ? ERROR_ANSWER : BOOTSTRAPPING_INFO.answer;
      expect(readFields<Layout>(layout, answer.avps).ok).toBe(true);
      expect(keyManager.requestsFor(btid)).toHaveLength(1);
      keyManager.steer(btid, { answer: "key" });
      expect(keyIn(await zn.ask({ btid }))).toBe(hexKey(credential));
    },
  );

  test.each(["broken-json", "html"] as const)("%s: a message whose AVPs cannot be read", async (answer) => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    keyManager.steer(btid, { answer });
    await expect(zn.ask({ btid })).rejects.toThrow("AVP");
    keyManager.steer(btid, { answer: "key" });
    expect(keyIn(await zn.ask({ btid }))).toBe(hexKey(credential));
  });

  test("silent: nothing comes, and the connection serves others", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    keyManager.steer(btid, { answer: "silent" });
    zn.send(zn.question({ btid }));
    const other = await newTerminal(keyManager).bootstrap(keyManager);
    expect(keyIn(await zn.ask({ btid: other.btid }))).toBe(hexKey(other.credential));
    expect(keyManager.requestsFor(btid)).toHaveLength(1);
  });

  test("reset: the connection is gone, and another one is served", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    keyManager.steer(btid, { answer: "reset" });
    const failed = once(zn.socket, "error");
    await expect(zn.ask({ btid })).rejects.toThrow("ended");
    expect(await failed).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
    keyManager.steer(btid, { answer: "key" });
    expect(resultOf(await (await openDiameter(keyManager, enabler)).ask({ btid }))).toBe(2001);
  });

  test("expiry, identity, security settings, type and creation are steered", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    const expiry = new Date("2040-02-03T04:05:06Z");
    const created = new Date("2026-01-02T03:04:05Z");
    const uss = [{ gsId: 7, gsType: 1, ueIds: ["sip:a@home1.example", "tel:+1"], flags: [3] }];
    keyManager.steer(btid, { expiry, created, uss, identity: "withheld", gbaType: "2G_GBA" });
    const fields = fieldsOf(await zn.ask({ btid }));
    expect(fields).toMatchObject({
      "Key-ExpiryTime": expiry,
      BootstrapInfoCreationTime: created,
      "GBA-Type": 1,
    });
    expect(fields).not.toHaveProperty("User-Name");
    const xml = Buffer.from(fields["GBA-UserSecSettings"] ?? []).toString();
    expect(xml).toContain(
      '<uss id="7" type="1"><uids><uid>sip:a@home1.example</uid><uid>tel:+1</uid></uids>',
    );
    expect(() => keyManager.steer(btid, { expiry: new Date("2200-01-01") })).toThrow(RangeError);
  });
});
