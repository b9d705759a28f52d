import { describe, expect, test } from "vitest";
import {
  type Avp,
  allValues,
  avpName,
  BOOTSTRAPPING_INFO,
  DiameterFormatError,
  type DiameterMessage,
  decodeMessage,
  firstValue,
  HEADER_LENGTH,
  readFields,
} from "../../protocols/diameter/index.ts";
import { hexKey } from "../testing/bootstrapped.ts";
import { bootstrappedOverDiameter as bootstrapped } from "../testing/open-diameter.ts";
import { newTerminal, startKeyManager } from "../testing/operator.ts";
import { DIAMETER_ANSWERS, type DiameterAnswer } from "./index.ts";

interface Seen {
  readonly octets: Buffer;
  readonly right: DiameterMessage;
  readonly request: DiameterMessage;
}

/** Everything of `right` but what is named. */
const differs = (answer: DiameterMessage, right: DiameterMessage, difference: Partial<DiameterMessage>) =>
  expect(answer).toEqual({ ...right, ...difference });

const keys = (avps: readonly Avp[]) => avps.filter((avp) => avpName(avp) === "ME-Key-Material");

/** The right answer's AVPs, with others in the place of those of this name. */
const replacedIn = (right: DiameterMessage, name: string, by: readonly Avp[]) =>
  right.avps.flatMap((avp) => (avpName(avp) === name ? by : [avp]));

const readable =
  (look: (answer: DiameterMessage, seen: Seen) => void) =>
  (seen: Seen): void =>
    look(decodeMessage(seen.octets), seen);

const results = ({ avps }: DiameterMessage) => ({
  codes: allValues(avps, "Result-Code"),
  experimental: allValues(avps, "Experimental-Result").map((group) =>
    firstValue(group, "Experimental-Result-Code"),
  ),
});

/** An error, with everything else of a success. */
const failed = (codes: readonly number[], experimental: readonly number[], error = false) =>
  readable((answer, { right }) => {
    expect(results(answer)).toEqual({ codes, experimental });
    expect(answer.error).toBe(error);
    expect(keys(answer.avps)).toEqual(keys(right.avps));
  });

function lengthOfKeyAvp({ octets, right }: Seen): number {
  const before = right.avps.slice(
    0,
    right.avps.findIndex((avp) => avpName(avp) === "ME-Key-Material"),
  );
  const at = before.reduce(
    (sum, { vendor, data }) => sum + Math.ceil(((vendor === undefined ? 8 : 12) + data.length) / 4) * 4,
    HEADER_LENGTH,
  );
  expect(octets.readUInt32BE(at)).toBe(405);
  return octets.readUIntBE(at + 5, 3);
}

const wrongLength = (length: number) => (seen: Seen) => {
  expect(() => decodeMessage(seen.octets)).toThrow(DiameterFormatError);
  expect(lengthOfKeyAvp(seen)).toBe(length);
};

const added = (codes: readonly (readonly [number, boolean])[]) =>
  readable((answer, { right }) => {
    expect(answer.avps.slice(0, right.avps.length)).toEqual(right.avps);
    expect(answer.avps.slice(right.avps.length).map(({ code, mandatory }) => [code, mandatory])).toEqual(
      codes,
    );
  });

/** What each deviation does to the right answer. */
const EFFECTS: Readonly<Record<DiameterAnswer, ((seen: Seen) => void) | "order">> = {
  "unknown-mandatory-avp": added([[9_999, true]]),
  "unknown-optional-avp": added([[9_999, false]]),
  "reserved-avp-flags": readable((answer, { right }) =>
    differs(answer, right, { avps: right.avps.map((avp) => ({ ...avp, reserved: 31 })) }),
  ),
  "protected-avp-flag": readable((answer, { right }) =>
    differs(answer, right, { avps: right.avps.map((avp) => ({ ...avp, protected: true })) }),
  ),
  "avp-length-too-long": wrongLength(48),
  "avp-length-too-short": wrongLength(40),
  "avp-length-of-nothing": wrongLength(7),
  "avp-length-with-padding": readable((answer, { right }) => {
    const padded = ({ data }: Avp) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    differs(answer, right, { avps: right.avps.map((avp) => ({ ...avp, data: padded(avp) })) });
    expect(answer.avps).not.toEqual(right.avps);
  }),
  "missing-vendor-flag": readable((answer, { right }) => {
    differs(answer, right, { avps: right.avps.map((avp) => ({ ...avp, vendor: undefined })) });
    expect(readFields(BOOTSTRAPPING_INFO.answer, answer.avps)).toMatchObject({
      problem: { resultCode: 5001 },
    });
  }),
  "two-keys": readable((answer, { right }) => {
    const [first, second] = keys(answer.avps);
    expect([first]).toEqual(keys(right.avps));
    expect(second?.data).toHaveLength(32);
    expect(second).not.toEqual(first);
  }),
  "two-expiries": readable(({ avps }) => {
    const [first, second] = allValues(avps, "Key-ExpiryTime").map((date) => date.getTime());
    expect(first).toBeGreaterThan(Date.now());
    expect(second).toBeLessThan(Date.now());
  }),
  "no-result": failed([], []),
  "two-results": failed([2001], [5402]),
  "wrong-application": readable((answer, { right }) => differs(answer, right, { application: 16_777_221 })),
  "wrong-command": readable((answer, { right }) => differs(answer, right, { command: 312 })),
  "request-flag": readable((answer, { right }) => differs(answer, right, { request: true })),
  "unknown-hop-by-hop": readable((answer, { right }) => {
    expect(answer.hopByHop).not.toBe(right.hopByHop);
    differs(answer, right, { hopByHop: answer.hopByHop });
  }),
  "swapped-hop-by-hop": "order",
  "wrong-end-to-end": readable((answer, { right }) => {
    expect(answer.endToEnd).not.toBe(right.endToEnd);
    differs(answer, right, { endToEnd: answer.endToEnd });
  }),
  "wrong-session-id": readable((answer, { right, request }) => {
    expect(firstValue(answer.avps, "Session-Id")).not.toBe(firstValue(request.avps, "Session-Id"));
    expect(answer.avps.slice(1)).toEqual(right.avps.slice(1));
  }),
  "other-order": readable(({ avps: [first, ...others] }, { right }) => {
    expect([first, ...others.reverse()]).toEqual(right.avps);
  }),
  "error-3002": failed([3002], [], true),
  "error-4002": failed([4002], []),
  "error-5012": failed([5012], []),
  "error-5401": failed([], [5401]),
  "error-9001": failed([9001], []),
  "expiry-after-2036": readable((answer, { right }) => {
    expect(firstValue(answer.avps, "Key-ExpiryTime")).toEqual(new Date("2036-02-08T00:00:00Z"));
    const data = answer.avps.filter((avp) => avpName(avp) === "Key-ExpiryTime");
    expect(Buffer.from(data[0]?.data ?? []).readUInt32BE()).toBeLessThan(100_000);
    expect(replacedIn(answer, "Key-ExpiryTime", [])).toEqual(replacedIn(right, "Key-ExpiryTime", []));
  }),
  "sent-twice": "order",
  "uicc-key-beside": added([[406, true]]),
};

describe("a deviation of an answer in Diameter", () => {
  test("is judged as the table of the oracles has it", () => {
    const judged = Object.values(DIAMETER_ANSWERS).map(
      ({ enabler: reaction, level }) => `${level} ${reaction}`,
    );
    expect(new Set(judged)).toEqual(
      new Set(["must no-key", "must key", "must never-mixed", "should no-key", "should key", "observe open"]),
    );
    for (const { title, clause } of Object.values(DIAMETER_ANSWERS)) {
      expect(title.length).toBeGreaterThan(10);
      expect(clause).toMatch(/^(RFC 6733|TS \d\d\.\d+) \d/);
    }
  });

  const effects = Object.entries(EFFECTS).flatMap(([name, effect]) =>
    // Object.entries forgets which strings the keys are.
    effect === "order" ? [] : [[name as DiameterAnswer, effect] as const],
  );
  test.each(effects)("%s", async (deviation, effect) => {
    const { keyManager, zn, btid } = await bootstrapped();
    const request = zn.question({ btid });
    const right = await zn.exchange(request);
    keyManager.steer(btid, { deviation });
    zn.send(request);
    effect({ octets: await zn.next(), right, request });
    keyManager.steer(btid, { answer: "busy" });
    expect((await zn.ask({ btid })).error).toBe(true);
  });

  test("sent-twice", async () => {
    const { keyManager, zn, btid } = await bootstrapped();
    keyManager.steer(btid, { deviation: "sent-twice" });
    const first = await zn.ask({ btid });
    expect(decodeMessage(await zn.next())).toEqual(first);
  });

  test("swapped-hop-by-hop: two answers change their identifiers, and one waits for the other", async () => {
    const { keyManager, zn, btid, credential } = await bootstrapped();
    const other = await newTerminal(keyManager).bootstrap(keyManager);
    for (const name of [btid, other.btid]) keyManager.steer(name, { deviation: "swapped-hop-by-hop" });
    const [mine, theirs] = [zn.question({ btid }), zn.question({ btid: other.btid })];
    zn.send(mine);
    zn.send(theirs);
    const byHopByHop = new Map<number, string>();
    for (const octets of [await zn.next(), await zn.next()]) {
      const { hopByHop, endToEnd, avps } = decodeMessage(octets);
      byHopByHop.set(hopByHop, Buffer.from(firstValue(avps, "ME-Key-Material") ?? []).toString("hex"));
      expect(endToEnd).toBe(hopByHop === mine.hopByHop ? theirs.endToEnd : mine.endToEnd);
    }
    expect(byHopByHop.get(mine.hopByHop)).toBe(hexKey(other.credential));
    expect(byHopByHop.get(theirs.hopByHop)).toBe(hexKey(credential));
  });

  test("cannot be asked of Nbsp_GBA", async () => {
    const keyManager = await startKeyManager();
    const steer = () => keyManager.steer("x@bsf", { deviation: "two-keys" });
    expect(steer).toThrow("two-keys is a deviation of Diameter");
  });
});
