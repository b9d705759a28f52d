import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALERT, TlsAlertError } from "../alert.ts";
import { decode, encode, type Layout } from "../layout/layout.ts";
import * as extensions from "./extensions.ts";
import * as handshake from "./handshake.ts";

const isLayout = (value: unknown): value is Layout<unknown> =>
  typeof value === "object" && value !== null && "take" in value && "put" in value;
const EXPORTS: readonly (readonly [string, unknown])[] = [handshake, extensions].flatMap((one) =>
  Object.entries(one),
);
const LAYOUTS = EXPORTS.flatMap(([name, value]) => (isLayout(value) ? [[name, value] as const] : []));

test("there are layouts to try", () => expect(LAYOUTS.length).toBeGreaterThan(25));

describe.each(LAYOUTS)("%s", (_name, layout) => {
  test("arbitrary octets are decode_error, or a value that is encoded to them again", () => {
    // Short lengths are likelier to be right than random ones.
    const octet = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 80 }), (octets) => {
        const given = Buffer.from(octets);
        let value: unknown;
        try {
          value = decode(layout, given);
        } catch (error) {
          expect(error instanceof TlsAlertError && error.alert).toBe(ALERT.decodeError);
          return;
        }
        expect(encode(layout, value).equals(given)).toBe(true);
      }),
    );
  });
});

test("the hellos of RFC 8448 3 have the published fields", () => {
  const hello = Buffer.from(
    "020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e0033002400" +
      "1d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304",
    "hex",
  );
  const { type, body } = decode(handshake.handshakeLayout, hello);
  expect(type).toBe(handshake.HANDSHAKE_TYPE.serverHello);
  const answer = decode(handshake.serverHelloLayout, body);
  expect(answer).toMatchObject({ version: 0x0303, suite: 0x1301, compression: 0 });
  const share = extensions.extensionValue(answer.extensions, "keyShare", extensions.keyShareEntryLayout);
  expect(share?.group).toBe(29);
  expect(share?.key.toString("hex")).toMatch(/^c9828876.*751f0f$/);
  expect(
    extensions.extensionValue(answer.extensions, "supportedVersions", extensions.serverVersionLayout),
  ).toBe(0x0304);
  expect(extensions.findExtension(answer.extensions, "alpn")).toBeUndefined();
});

test("the random of HelloRetryRequest is the hash of its name", () => {
  expect(handshake.RETRY_RANDOM).toEqual(createHash("sha256").update("HelloRetryRequest").digest());
});
