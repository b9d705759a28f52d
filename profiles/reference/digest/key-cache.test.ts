import { expect, test } from "vitest";
import type { Admission, KeyQuery } from "../association.ts";
import { conforming } from "../policy/conforming.ts";
import { KeyCache } from "./key-cache.ts";

const query = (btid: string, ua = "0100011301"): KeyQuery => ({
  wayIn: "uc1.https-digest",
  btid,
  nafFqdn: "naf.example",
  ua,
});

function cacheWith(remember: boolean, expiresAt = Date.now() + 60_000) {
  const asked: KeyQuery[] = [];
  const obtain = async (about: KeyQuery): Promise<Admission> => {
    asked.push(about);
    const association = { btid: about.btid, ua: about.ua, key: Buffer.alloc(32), expiresAt };
    return { admitted: true, association, remember };
  };
  return { asked, cache: new KeyCache(obtain, conforming) };
}

test("asks once for each B-TID and Ua security protocol identifier", async () => {
  const { asked, cache } = cacheWith(true);
  for (const each of [query("a"), query("b"), query("a", "010001c02f"), query("a"), query("b")]) {
    const admission = await cache.admission(each);
    expect(admission.admitted && admission.association).toMatchObject({ btid: each.btid, ua: each.ua });
  }
  expect(asked).toEqual([query("a"), query("b"), query("a", "010001c02f")]);
});

test("does not keep what is not to be remembered", async () => {
  const { asked, cache } = cacheWith(false);
  await cache.admission(query("a"));
  await cache.admission(query("a"));
  expect(asked).toHaveLength(2);
});

test("a kept key that has expired is refused once and then asked for again", async () => {
  const { asked, cache } = cacheWith(true, Date.now() - 1);
  await cache.admission(query("a"));
  expect(await cache.admission(query("a"))).toEqual({ admitted: false, reason: "expired" });
  expect(asked).toHaveLength(1);
  await cache.admission(query("a"));
  expect(asked).toHaveLength(2);
});

test("does not grow without bound", async () => {
  const { asked, cache } = cacheWith(true);
  for (let i = 0; i <= 1_000; i += 1) await cache.admission(query(`${i}`));
  await cache.admission(query("1000"));
  expect(asked).toHaveLength(1_001);
  await cache.admission(query("0"));
  expect(asked).toHaveLength(1_002);
});
