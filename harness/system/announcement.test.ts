import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAnnouncement } from "./announcement.ts";
import { SystemStartError } from "./sut-process.ts";

describe("an announcement", () => {
  const psk = { host: "127.0.0.1", port: 4433 };

  test("is one line of JSON with the addresses of the ways in", () => {
    const endpoints = {
      "uc1.psk-tls": psk,
      "uc1.https-digest": { host: "::1", port: 1 },
      "uc1.https-digest.second": { host: "::1", port: 3 },
      plain: { host: "a.b", port: 2 },
    };
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints }))).toEqual(endpoints);
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints: {} }))).toEqual({});
  });

  test("keeps what it knows and nothing else", () => {
    const endpoints = {
      "uc1.psk-tls": { ...psk, more: 1 },
      "uc9.unknown": psk,
      plain: null,
      __proto__: psk,
    };
    expect(readAnnouncement(JSON.stringify({ ready: true, endpoints }))).toEqual({ "uc1.psk-tls": psk });
  });

  test.each([
    "",
    "listening on 4433",
    "null",
    "[]",
    '"ready"',
    "{}",
    '{"ready":"true","endpoints":{}}',
    '{"ready":true}',
    '{"ready":true,"endpoints":null}',
    '{"ready":false,"endpoints":{}}',
    '{"ready":true,"endpoints":{}',
  ])("is not %j", (line) => {
    expect(readAnnouncement(line)).toBeUndefined();
  });

  test("may be looked for in any line", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(readAnnouncement(line)).toBeUndefined();
      }),
    );
  });

  test.each([
    ["a port below the first", { ...psk, port: 0 }],
    ["a negative port", { ...psk, port: -1 }],
    ["a port above the last", { ...psk, port: 65_536 }],
    ["half a port", { ...psk, port: 44.5 }],
    ["a port as text", { ...psk, port: "443" }],
    ["no port", { host: "127.0.0.1" }],
    ["no host", { port: 443 }],
    ["an empty host, which would be this machine", { ...psk, host: "" }],
    ["a host that steers a terminal", { ...psk, host: "\u001b[2J127.0.0.1" }],
    ["a host with an end of line", { ...psk, host: "127.0.0.1\r\nX: y" }],
    ["a host that is too long", { ...psk, host: "x".repeat(256) }],
    ["no object", "127.0.0.1:443"],
  ])("with %s says for which way in, what was announced and what to do", (_, address) => {
    const line = JSON.stringify({ ready: true, endpoints: { "uc1.psk-tls": address } });
    expect(() => readAnnouncement(line)).toThrow(SystemStartError);
    expect(() => readAnnouncement(line)).toThrow(/ for uc1\.psk-tls, which is no address\. Let it announce/);
  });
});
