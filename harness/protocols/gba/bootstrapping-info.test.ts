import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GbaFormatError, makeBTid, parseBootstrappingInfo, serializeBootstrappingInfo } from "./index.ts";

const NS = 'xmlns="uri:3gpp-gba"';
const BTID = "<btid>x@bsf.example</btid>";
const LIFETIME = "<lifetime>2030-01-01T00:00:00Z</lifetime>";
const read = { btid: "x@bsf.example", lifetime: new Date("2030-01-01T00:00:00Z") };
const root = (content: string, attributes = NS) =>
  `<BootstrappingInfo ${attributes}>${content}</BootstrappingInfo>`;

test("what is written is read back", () => {
  const date = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  const rand = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(rand, date, fc.option(date, { nil: undefined }), (octets, lifetime, currentTime) => {
      const info = {
        btid: makeBTid(octets, "b&<>.example"),
        lifetime,
        ...(currentTime === undefined ? {} : { currentTime }),
      };
      expect(parseBootstrappingInfo(serializeBootstrappingInfo(info))).toEqual(info);
    }),
  );
});

test("an invalid date is not written", () => {
  const btid = makeBTid(new Uint8Array(16), "bsf.example");
  expect(() => serializeBootstrappingInfo({ btid, lifetime: new Date(Number.NaN) })).toThrow(RangeError);
});

describe("right documents in other forms", () => {
  test.each([
    ["plain", root(BTID + LIFETIME)],
    ["byte order mark and declaration", `\ufeff<?xml version="1.0"?>\n${root(BTID + LIFETIME)}\n`],
    [
      "prefix",
      `<g:BootstrappingInfo xmlns:g='uri:3gpp-gba'><g:btid>x@bsf.example</g:btid><g:lifetime>2030-01-01T00:00:00Z</g:lifetime></g:BootstrappingInfo>`,
    ],
    [
      "indented",
      root("\n  <btid>\n x@bsf.example </btid>\r\n\t<lifetime> 2030-01-01T00:00:00Z\n</lifetime>\n"),
    ],
    ["fraction", root(`${BTID}<lifetime>2030-01-01T00:00:00.000000Z</lifetime>`)],
    ["other order", root(LIFETIME + BTID)],
    ["comments and processing instructions", `<!-- c -->${root(`${BTID}<?p i?><!-- c -->${LIFETIME}`)}`],
    ["CDATA and references", root(`<btid><![CDATA[x]]>&#64;bsf&#x2e;example</btid>${LIFETIME}`)],
    ["unknown attributes", root(`<btid a="1" xml:lang="en">x@bsf.example</btid>${LIFETIME}`, `${NS} b="2"`)],
    ["unknown elements", root(`<a/>${BTID}<c xmlns="other"><btid>y@z</btid></c>${LIFETIME}<d>t</d>`)],
    ["btid of another namespace beside it", root(`<btid xmlns="other">y@z</btid>${BTID}${LIFETIME}`)],
    ["empty Extension", root(`${BTID + LIFETIME}<Extension/>`)],
    ["unknown Extension", root(`${BTID + LIFETIME}<Extension><v:x xmlns:v="v">&amp;</v:x></Extension>`)],
  ])("%s", (_, xml) => {
    expect(parseBootstrappingInfo(xml)).toEqual(read);
  });

  test.each([
    "<currenttime>2029-12-31T23:00:00Z</currenttime>",
    '<e:currenttime xmlns:e="other">2029-12-31T23:00:00Z</e:currenttime>',
  ])("%s", (currenttime) => {
    const xml = root(`${BTID + LIFETIME}<Extension><a/>${currenttime}</Extension>`);
    expect(parseBootstrappingInfo(xml)).toEqual({ ...read, currentTime: new Date("2029-12-31T23:00:00Z") });
  });
});

describe("refused, each with the field at fault", () => {
  test.each([
    ["no namespace", root(BTID + LIFETIME, ""), /root element/],
    ["another namespace", root(BTID + LIFETIME, 'xmlns="uri:3gpp-gbax"'), /root element/],
    ["undeclared prefix", `<g:BootstrappingInfo>${BTID + LIFETIME}</g:BootstrappingInfo>`, /root element/],
    ["another root", `<bootstrappingInfo ${NS}>${BTID + LIFETIME}</bootstrappingInfo>`, /root element/],
    ["two roots", root(BTID + LIFETIME).repeat(2), /not well-formed/],
    ["an empty element after the root", `${root(BTID + LIFETIME)}<a/>`, /not well-formed/],
    ["an empty element before the root", `<a/>${root(BTID + LIFETIME)}`, /not well-formed/],
    ["text after the root", `${root(BTID + LIFETIME)}x`, /not well-formed/],
    ["nothing", "", /not well-formed/],
    ["text", "x@bsf.example", /not well-formed/],
    ["HTML", "<html><br></html>", /not well-formed/],
    [
      "closed by another name",
      `<BootstrappingInfo ${NS}>${BTID + LIFETIME}</Bootstrapping>`,
      /not well-formed/,
    ],
    ["cut", root(BTID + LIFETIME).slice(0, -5), /not well-formed/],
    ["no btid", root(LIFETIME), /no btid element/],
    ["btid of another namespace", root(`<btid xmlns="o">x@b</btid>${LIFETIME}`), /no btid element/],
    ["two btid", root(BTID + BTID + LIFETIME), /2 btid elements/],
    ["empty btid", root(`<btid/>${LIFETIME}`), /B-TID/],
    ["btid without domain", root(`<btid>x</btid>${LIFETIME}`), /B-TID/],
    ["no lifetime", root(BTID), /no lifetime element/],
    ["two lifetimes", root(BTID + LIFETIME + LIFETIME), /2 lifetime elements/],
    ["prototype names", root(`<__proto__/>${BTID}${LIFETIME}`), /not well-formed/],
    ["deep nesting", root(`${BTID + LIFETIME}${"<a>".repeat(40)}${"</a>".repeat(40)}`), /not well-formed/],
    ["document type", `<!DOCTYPE BootstrappingInfo>${root(BTID + LIFETIME)}`, /document type/],
    [
      "entity",
      `<!DOCTYPE b [<!ENTITY x "x@bsf.example">]>${root(`<btid>&x;</btid>${LIFETIME}`)}`,
      /document type/,
    ],
    ["unknown entity", root(`<btid>&x;@b</btid>${LIFETIME}`), /reference "&x;" is not allowed/],
    ["open reference", root(`<btid>a@b&amp</btid>${LIFETIME}`), /not well-formed|reference/],
    ["reference to no character", root(`<btid>a@b&#xd800;</btid>${LIFETIME}`), /reference/],
    [
      "two current times",
      root(`${BTID + LIFETIME}<Extension>${"<currenttime/>".repeat(2)}</Extension>`),
      /2 currenttime/,
    ],
    [
      "malformed current time",
      root(`${BTID + LIFETIME}<Extension><currenttime>now</currenttime></Extension>`),
      /^currenttime must/,
    ],
    ["more than 64 KiB", root(`${BTID + LIFETIME}<!--${"\u00e4".repeat(32 * 1024)}-->`), /longer than 65536/],
  ])("%s", (_, xml, message) => {
    expect(() => parseBootstrappingInfo(xml)).toThrow(GbaFormatError);
    expect(() => parseBootstrappingInfo(xml)).toThrow(message);
  });

  test.each([
    "",
    "2030-01-01",
    "2030-01-01T00:00:00",
    "2030-01-01T00:00:00+00:00",
    "2030-01-01T00:00:00z",
    "2030-01-01 00:00:00Z",
    "2030-02-30T00:00:00Z",
    "2030-13-01T00:00:00Z",
    "2030-01-01T25:00:00Z",
    "Tue, 01 Jan 2030 00:00:00 GMT",
    "1893456000",
    "+012030-01-01T00:00:00Z",
  ])("lifetime %j", (lifetime) => {
    const xml = root(`${BTID}<lifetime>${lifetime}</lifetime>`);
    expect(() => parseBootstrappingInfo(xml)).toThrow(GbaFormatError);
    expect(() => parseBootstrappingInfo(xml)).toThrow(/^lifetime must be an xs:dateTime in UTC/);
  });
});

test("any text is read or refused as GbaFormatError", () => {
  const piece = fc.constantFrom(
    ..."<>/&;\"'=! \n",
    ...[
      "<BootstrappingInfo",
      " xmlns",
      "uri:3gpp-gba",
      "<btid>",
      "</btid>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
    ],
    ...["<?xml", "?>", "<!DOCTYPE", "<!ENTITY", "&#", "constructor", "__proto__", "\ufeff", "\0", "\ud800"],
    ...[LIFETIME, BTID, "</BootstrappingInfo>", "Extension", "currenttime", "#text", "#cdata", ":@"],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      for (const xml of [pieces.join(""), root(pieces.join("")), root(BTID + pieces.join("") + LIFETIME)]) {
        try {
          expect(parseBootstrappingInfo(xml)).toHaveProperty("btid");
        } catch (error) {
          expect(error).toBeInstanceOf(GbaFormatError);
        }
      }
    }),
    { numRuns: 300 },
  );
});
