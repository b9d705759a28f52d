import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KeyOutcome } from "../association.ts";
import { FAULTS, policyOf } from "../faults.ts";
import { type Avp, encodeAvp, groupAvp, numberAvp, textAvp } from "../zn/diameter/avp.ts";
import { BASE_AVP, GBA_AVP, VENDOR_3GPP } from "../zn/diameter/dictionary.ts";
import { encodeMessage } from "../zn/diameter/message.ts";
import { DiameterSession } from "../zn/diameter/session.ts";
import { Material } from "./bench.ts";
import {
  DiameterKeyManager,
  type DiameterQuestion,
  type DiameterReply,
  diameterAddress,
  gba,
  right,
  time,
} from "./diameter-key-manager.ts";

const material = new Material();
let stub: DiameterKeyManager;
beforeAll(async () => {
  stub = await DiameterKeyManager.start(material);
});
afterAll(async () => {
  await stub.stop();
  material.remove();
});

const ids = FAULTS.filter(
  ({ id, change }) => "diameter" in change() && id !== "diameter-user-of-last-answer",
).map(({ id }) => id);

/** An answer, and what a conforming enabler makes of it; the fault makes something else of it. */
interface Probe {
  readonly reply: () => DiameterReply;
  readonly conforming: "key" | "no key";
}

const changed =
  (change: (avps: readonly Avp[]) => readonly Avp[]): Probe["reply"] =>
  () =>
  (question) => [right(question, change)];
const without = (avps: readonly Avp[], code: number) => avps.filter((avp) => avp.code !== code);
const unknown = (mandatory: boolean): Avp => ({ code: 60_000, vendor: 99, mandatory, data: Buffer.of(1) });
const denied = groupAvp(BASE_AVP.experimentalResult, [
  numberAvp(BASE_AVP.vendorId, VENDOR_3GPP),
  numberAvp(BASE_AVP.experimentalResultCode, 5402),
]);

/** The octets of the right answer with the first octet of one AVP header field changed. */
function patched(question: DiameterQuestion, code: number, at: number, change: (octet: number) => number) {
  const answer = right(question);
  const octets = encodeMessage(answer);
  let place = 20;
  for (const avp of answer.avps) {
    if (avp.code === code) break;
    place += encodeAvp(avp).length;
  }
  octets.writeUInt8(change(octets.readUInt8(place + at)), place + at);
  return octets;
}

const PROBES: Readonly<Record<string, Probe>> = {
  "diameter-ignores-mandatory-avp": {
    reply: changed((avps) => [...avps, unknown(true)]),
    conforming: "no key",
  },
  "diameter-believes-refusals": {
    reply: changed((avps) => [...without(avps, BASE_AVP.resultCode), denied]),
    conforming: "no key",
  },
  "diameter-matches-by-order": {
    reply: () => (question) => [right({ ...question, hopByHop: 5 })],
    conforming: "no key",
  },
  "diameter-ignores-session-id": {
    reply: () => (question) => [right({ ...question, endToEnd: 6, sessionId: "another" })],
    conforming: "no key",
  },
  "diameter-lenient-lengths": {
    reply: () => (question) => [patched(question, GBA_AVP.keyExpiryTime, 7, (length) => length + 8)],
    conforming: "no key",
  },
  "diameter-ignores-vendor": {
    reply: changed((avps) => avps.map((avp) => (avp.code === 405 ? { ...avp, vendor: 0 } : avp))),
    conforming: "no key",
  },
  "diameter-time-of-1900": {
    reply: changed((avps) => [...without(avps, 404), gba(404, time(2 ** 32 + 100_000))]),
    conforming: "key",
  },
  "diameter-refuses-unknown-avp": {
    reply: changed((avps) => [...avps, unknown(false)]),
    conforming: "key",
  },
  "diameter-refuses-reserved-flags": {
    reply: () => (question) => [patched(question, BASE_AVP.resultCode, 4, (flags) => flags | 0x1f)],
    conforming: "key",
  },
};

test("each fault of the Diameter binding has a probe of its own", () => {
  expect(Object.keys(PROBES).sort()).toEqual([...ids].sort());
});

const YEAR_2030 = Date.UTC(2030, 0, 1);

/** Whether a session with this fault gets a key that is good for years. */
async function gets(fault: string | null, reply: DiameterReply): Promise<boolean> {
  const policy = policyOf(fault);
  if (policy === undefined) throw new Error(`no fault ${fault}`);
  stub.reply = reply;
  const session = new DiameterSession(diameterAddress(material, stub.port), policy);
  const query = {
    wayIn: "uc1.psk-tls",
    btid: "a@bsf.home1.example",
    nafFqdn: "naf.home1.example",
    ua: "0100000007",
  } as const;
  const bound = new AbortController();
  // An answer that is discarded leaves the question open.
  const silence = new Promise<KeyOutcome>((resolve) => {
    setTimeout(() => resolve({ kind: "unavailable", why: "silent", detail: "" }), 500).unref();
  });
  try {
    const outcome = await Promise.race([session.ask(query, bound.signal), silence]);
    return outcome.kind === "key" && outcome.association.expiresAt > YEAR_2030;
  } finally {
    bound.abort();
    session.destroy();
  }
}

describe("faults", () => {
  test.each(ids)("%s shows, and only when it is started with it", async (id) => {
    const probe = PROBES[id];
    if (probe === undefined) throw new Error(`no probe for ${id}`);
    const right = probe.conforming === "key";
    expect([await gets(id, probe.reply()), await gets(null, probe.reply())]).toEqual([!right, right]);
  });
});

test("the probes themselves are answers as they should be", async () => {
  expect(await gets(null, (question) => [right(question)])).toBe(true);
  expect(await gets(null, (question) => [right(question, (avps) => [...avps, textAvp(269, "x")])])).toBe(
    true,
  );
});
