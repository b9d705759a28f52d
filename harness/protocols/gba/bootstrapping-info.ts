/** BootstrappingInfo, the body of the last message on Ub (TS 24.109 annex C). */
import { GbaFormatError } from "./format-error.ts";
import { type BTid, parseBTid } from "./identities.ts";
import { parseXml, type XmlElement } from "./xml-elements.ts";

const NAMESPACE = "uri:3gpp-gba";
/** Octets of a document that are read; a usual one has 200. */
const MAX_OCTETS = 64 * 1024;

interface BootstrappingInfo {
  readonly btid: BTid;
  /** The instant at which the key expires. */
  readonly lifetime: Date;
  /** The key manager's own time, by which a terminal can do without a clock. */
  readonly currentTime?: Date;
}

/** xs:dateTime in UTC; a fraction only where there is one. */
function dateTime(instant: Date): string {
  return instant.toISOString().replace(".000Z", "Z");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * The document in one line, UTF-8 declared.
 * @throws RangeError when a date is invalid.
 */
export function serializeBootstrappingInfo({ btid, lifetime, currentTime }: BootstrappingInfo): string {
  const extension =
    currentTime === undefined
      ? ""
      : `<Extension><currenttime>${dateTime(currentTime)}</currenttime></Extension>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<BootstrappingInfo xmlns="${NAMESPACE}">`,
    `<btid>${escapeText(btid)}</btid><lifetime>${dateTime(lifetime)}</lifetime>`,
    `${extension}</BootstrappingInfo>`,
  ].join("");
}

/** The one element of that name, or undefined: an ambiguous document is no basis for a key. */
function only(elements: readonly XmlElement[], name: string): XmlElement | undefined {
  if (elements.length > 1)
    throw new GbaFormatError(`BootstrappingInfo has ${elements.length} ${name} elements`);
  return elements[0];
}

function child(root: XmlElement, name: string): XmlElement | undefined {
  const named = root.children.filter(
    ({ namespace, localName }) => namespace === NAMESPACE && localName === name,
  );
  return only(named, name);
}

function required(root: XmlElement, name: string): string {
  const element = child(root, name);
  if (element === undefined) {
    throw new GbaFormatError(`BootstrappingInfo has no ${name} element in the namespace ${NAMESPACE}`);
  }
  return element.text().trim();
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Date rolls 30 February over; such a day has no instant. */
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

function parseDateTime(name: string, text: string): Date {
  const date = DATE_TIME.exec(text)?.[1];
  const instant = new Date(text);
  if (date === undefined || !isDay(date) || Number.isNaN(instant.getTime())) {
    throw new GbaFormatError(
      `${name} must be an xs:dateTime in UTC that ends in Z (TS 24.109 C.1), not ${JSON.stringify(text.slice(0, 40))}`,
    );
  }
  return instant;
}

/**
 * Reads the document of a key manager. Unknown elements and attributes are ignored, as TS 24.109 C.1 demands, and
 * the order of elements is not judged. `currenttime` is taken from Extension in any namespace.
 * @throws GbaFormatError when the document is larger than 64 KiB, not well-formed, has a document type declaration
 *   or a reference to an entity, another root or namespace, or when btid or lifetime is missing, repeated or malformed.
 */
export function parseBootstrappingInfo(xml: string): BootstrappingInfo {
  if (Buffer.byteLength(xml) > MAX_OCTETS) {
    throw new GbaFormatError(`BootstrappingInfo is longer than ${MAX_OCTETS} octets`);
  }
  const root = parseXml(xml);
  if (root.localName !== "BootstrappingInfo" || root.namespace !== NAMESPACE) {
    throw new GbaFormatError(`the root element must be BootstrappingInfo in the namespace ${NAMESPACE}`);
  }
  const info = {
    btid: parseBTid(required(root, "btid")),
    lifetime: parseDateTime("lifetime", required(root, "lifetime")),
  };
  const extension = child(root, "Extension")?.children ?? [];
  const current = only(
    extension.filter(({ localName }) => localName === "currenttime"),
    "currenttime",
  );
  if (current === undefined) return info;
  return { ...info, currentTime: parseDateTime("currenttime", current.text().trim()) };
}
