/** Validates messages of Nbsp_GBA against the OpenAPI document that 3GPP publishes with TS 29.309. */
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import ajvFormats from "ajv-formats";
import { parse } from "yaml";
import type { BootstrappingInfoRequest, BootstrappingInfoResponse } from "./messages.ts";

type Validation<Message> =
  | { readonly ok: true; readonly value: Message }
  /** Each names the field as a JSON pointer and says what is allowed there; at most 20. */
  | { readonly ok: false; readonly errors: readonly string[] };

const MAX_ERRORS = 20;
const DOCUMENT = "TS29309_Nbsp_GBA.yaml";

/**
 * TS29571_CommonData.yaml is a document of its own, of which TS 29.309 uses three simple types here. These are
 * their definitions in TS 29.571 table 5.2.2-1, for exactly those three.
 */
const COMMON_DATA = {
  // Date and time with its offset from UTC, RFC 3339.
  DateTime: { type: "string", format: "date-time" },
  // At least two labels; no port, no IP address.
  Fqdn: {
    type: "string",
    pattern: "^([0-9A-Za-z]([-0-9A-Za-z]{0,61}[0-9A-Za-z])?\\.)+[A-Za-z]{2,63}\\.?$",
    minLength: 4,
    maxLength: 253,
  },
  // Unsigned integer of 32 bits.
  Uint32: { type: "integer", minimum: 0, maximum: 0xffffffff },
};

interface Validators {
  readonly request: ValidateFunction<BootstrappingInfoRequest>;
  readonly response: ValidateFunction<BootstrappingInfoResponse>;
}

function compile(): Validators {
  const text = readFileSync(new URL(`./openapi/${DOCUMENT}`, import.meta.url), "utf8");
  const { components } = parse(text);
  const ajv = new Ajv({ allErrors: true, strict: true, verbose: true });
  ajvFormats.default(ajv, ["date-time"]);
  // The member of an OpenAPI document below which its schemas stand; it says nothing about a message.
  ajv.addKeyword("components");
  ajv.addSchema({ components: { schemas: COMMON_DATA } }, "TS29571_CommonData.yaml");
  ajv.addSchema({ components: { schemas: components.schemas } }, DOCUMENT);
  const schema = (name: string) => ({ $ref: `${DOCUMENT}#/components/schemas/${name}` });
  return {
    request: ajv.compile<BootstrappingInfoRequest>(schema("BootstrappingInfoRequest")),
    response: ajv.compile<BootstrappingInfoResponse>(schema("BootstrappingInfoResponse")),
  };
}

let compiled: Validators | undefined;

/** Compiled when first used: who only lists cases need not wait for it. */
function validators(): Validators {
  compiled ??= compile();
  return compiled;
}

function validate<Message>(
  validator: ValidateFunction<Message>,
  json: unknown,
  shown: (data: unknown) => string,
): Validation<Message> {
  if (validator(json)) return { ok: true, value: json };
  const errors = (validator.errors ?? []).slice(0, MAX_ERRORS);
  return {
    ok: false,
    errors: errors.map(
      ({ instancePath, message, data }) =>
        `${instancePath || "the message"} ${message ?? "is invalid"}${shown(data)}`,
    ),
  };
}

/** Characters of a value that an error shows. */
const MAX_SHOWN = 100;

/** A request holds names only, and a wrong one is best seen. */
const shownText = (data: unknown) =>
  typeof data === "string" ? `, got ${JSON.stringify(data.slice(0, MAX_SHOWN))}` : "";

/** An answer holds a key. */
const shownNever = () => "";

/** Judges a key request as it came out of JSON.parse. Unknown members are allowed, as the schema has it. Never throws. */
export function validateRequest(json: unknown): Validation<BootstrappingInfoRequest> {
  return validate(validators().request, json, shownText);
}

/** Judges the answer with the key as it came out of JSON.parse. Unknown members are allowed. Never throws. */
export function validateResponse(json: unknown): Validation<BootstrappingInfoResponse> {
  return validate(validators().response, json, shownNever);
}
