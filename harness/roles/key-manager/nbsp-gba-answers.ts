import { randomBytes } from "node:crypto";
import type { BootstrappingInfoResponse } from "../../protocols/nbsp-gba/index.ts";
import type { KeyInformation, ZnReaction } from "./zn-reaction.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A reaction as Nbsp_GBA says it (TS 29.309): an answer, or to leave the stream alone, or to reset it. */
export function nbspGbaAnswer(reaction: ZnReaction): HttpAnswer | "silent" | "reset" {
  switch (reaction.answer) {
    case "unknown":
      return problem(404, "CONTEXT_NOT_FOUND");
    case "not-authorised":
      return problem(403, "NAF_NOT_AUTHORISED");
    case "busy":
      return problem(503, "NF_CONGESTION");
    case "overloaded":
      return problem(429, "NF_CONGESTION_RISK");
    case "html":
      return { status: 200, contentType: "text/html", body: "<html><body>Welcome</body></html>" };
    case "silent":
    case "reset":
      return reaction.answer;
    default:
      return { status: 200, contentType: "application/json", body: bodyOf(reaction) };
  }
}

export function problem(status: number, cause: string): HttpAnswer {
  return { status, contentType: "application/problem+json", body: JSON.stringify({ status, cause }) };
}

function bodyOf({ answer, information }: Extract<ZnReaction, { readonly information: unknown }>): string {
  const right = rightResponse(information);
  const { meKeyMaterial, ...withoutKey } = right;
  switch (answer) {
    case "wrong-key":
      return JSON.stringify({ ...right, meKeyMaterial: randomBytes(32).toString("hex") });
    case "short-key":
      return JSON.stringify({ ...right, meKeyMaterial: meKeyMaterial.slice(0, 32) });
    case "empty-key":
      return JSON.stringify({ ...right, meKeyMaterial: "" });
    case "long-key":
      return JSON.stringify({ ...right, meKeyMaterial: `${meKeyMaterial}00` });
    case "no-key":
      return JSON.stringify(withoutKey);
    case "no-hex":
      return JSON.stringify({ ...right, meKeyMaterial: `zz${meKeyMaterial.slice(2)}` });
    case "broken-json":
      return '{"meKeyMaterial":"00112233';
    case "key":
      return JSON.stringify(right);
  }
}

function rightResponse({
  key,
  uiccKey,
  expiry,
  created,
  gbaType,
  impi,
  uss,
}: KeyInformation): BootstrappingInfoResponse {
  return {
    meKeyMaterial: Buffer.from(key).toString("hex"),
    ...(uiccKey === undefined ? {} : { uiccKeyMaterial: Buffer.from(uiccKey).toString("hex") }),
    keyExpiryTime: expiry.toISOString(),
    bootstrappingInfoCreationTime: created.toISOString(),
    gbaType,
    ...(impi === undefined ? {} : { impi }),
    ...(uss.length === 0 ? {} : { ussList: uss.map(ussOf) }),
  };
}

function ussOf({ gsId, gsType, ueIds, flags }: KeyInformation["uss"][number]) {
  return {
    uss: {
      gsId,
      gsType,
      ueIds: ueIds.map((ueId) => ({ ueId })),
      // The schema wants at least one flag, or none of the list.
      ...(flags.length === 0 ? {} : { flags: flags.map((flag) => ({ flag })) }),
    },
  };
}
