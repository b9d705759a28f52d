import type { KeyOutcome, KeyQuery } from "../association.ts";
import { parseDateTime } from "./date-time.ts";

/** A response of the key manager, complete. */
export interface ZnResponse {
  readonly status: number;
  /** Empty when the response had none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** Reads meKeyMaterial; undefined when it is no key. */
export type KeyReader = (hex: string) => Buffer | undefined;

type Members = Readonly<Record<string, unknown>>;

/** Longest IMPI that is taken: RFC 7542 2.2 asks for at least 253 octets. */
const MAX_IMPI = 255;
/** Longest public identity that is taken, in characters. */
const MAX_IMPU = 1_000;

class SchemaViolation extends Error {}

/**
 * What a response to BootstrappingInfoRetrieval says (TS 29.309). Expiry is told, not judged.
 * A redirect (307, 308) is not followed: the key would be asked of a host that the configuration does not name.
 */
export function readAnswer(response: ZnResponse, query: KeyQuery, readKey: KeyReader): KeyOutcome {
  const { status } = response;
  if (status === 404) return { kind: "unknown" };
  if (status === 403) return { kind: "not-authorised" };
  if (status !== 200) return { kind: "unavailable", why: "refused", detail: `HTTP status ${status}` };
  try {
    return { kind: "key", association: readInformation(response, query, readKey) };
  } catch (error) {
    if (error instanceof SchemaViolation) return { kind: "malformed", detail: error.message };
    throw error;
  }
}

function readInformation(response: ZnResponse, query: KeyQuery, readKey: KeyReader) {
  const type = response.contentType.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new SchemaViolation("the content type is not application/json");
  const members = parseObject(response.body);
  const key = readKey(text(members, "meKeyMaterial") ?? "");
  if (key === undefined) throw new SchemaViolation("meKeyMaterial is not 64 hex digits");
  // Optional in the schema, but a key without an end could not be given up (TS 24.109 F.2.1).
  const expiresAt = dateTime(members, "keyExpiryTime");
  if (expiresAt === undefined) throw new SchemaViolation("keyExpiryTime is missing");
  checkUnused(members);
  const uicc = text(members, "uiccKeyMaterial");
  const publicIdentities = readSettings(members["ussList"]);
  const impi = text(members, "impi");
  if (impi !== undefined && (impi === "" || impi.length > MAX_IMPI || /\p{C}/u.test(impi))) {
    throw new SchemaViolation("impi is no identity");
  }
  const { btid, ua } = query;
  return {
    btid,
    ua,
    key,
    expiresAt,
    ...(uicc === undefined ? {} : { uiccKey: Buffer.from(uicc, "hex") }),
    ...(impi === undefined ? {} : { impi }),
    ...(publicIdentities.length === 0 ? {} : { publicIdentities }),
  };
}

/** Public identities of the user, of whatever service, in the order of the answer. */
function readSettings(ussList: unknown): readonly string[] {
  if (ussList === undefined) return [];
  return list(ussList, "ussList").flatMap((item) => {
    const uss = object(object(item, "ussList[]")["uss"], "uss");
    for (const name of ["gsId", "gsType"]) uint32(uss[name], name);
    return list(uss["ueIds"], "ueIds").map((each) => {
      const ueId = text(object(each, "ueIds[]"), "ueId");
      if (ueId === undefined) throw new SchemaViolation("ueId is missing");
      if (ueId === "" || ueId.length > MAX_IMPU || /\p{C}/u.test(ueId)) {
        throw new SchemaViolation("ueId is no identity");
      }
      return ueId;
    });
  });
}

function parseObject(body: Buffer): Members {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new SchemaViolation("the body is not JSON");
  }
  return object(value, "the body");
}

/** Members that the enabler does not use still have to follow the schema: a broken answer is not half believed. */
function checkUnused(members: Members): void {
  const uicc = text(members, "uiccKeyMaterial");
  if (uicc !== undefined && !/^[0-9a-f]{64}$/i.test(uicc)) {
    throw new SchemaViolation("uiccKeyMaterial is not 64 hex digits");
  }
  dateTime(members, "bootstrappingInfoCreationTime");
  text(members, "gbaType");
}

function object(value: unknown, name: string): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SchemaViolation(`${name} is not an object`);
  }
  // An object of JSON.parse has string keys and values of unknown type, which is what Members says.
  return value as Members;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw new SchemaViolation(`${name} is not a list with items`);
}

function uint32(value: unknown, name: string): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return;
  throw new SchemaViolation(`${name} is not an unsigned integer of 32 bits`);
}

function text(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || typeof value === "string") return value;
  throw new SchemaViolation(`${name} is not a string`);
}

function dateTime(members: Members, name: string): number | undefined {
  const value = text(members, name);
  if (value === undefined) return undefined;
  const time = parseDateTime(value);
  if (time === undefined) throw new SchemaViolation(`${name} is no date-time of RFC 3339`);
  return time;
}
