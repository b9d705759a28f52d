import {
  type Challenge,
  digestAlgorithm,
  parseAuthenticationInfo,
  parseChallenges,
  rspauth,
} from "../../protocols/digest/index.ts";
import type { DigestSecrets, SentRequest } from "../../roles/terminal/index.ts";
import type { Ics } from "../../system/profile/index.ts";
import { type HttpResponse, headerValues } from "../../wire/http-message.ts";
import type { Narrator } from "./narrator.ts";

/** Says what is wrong in the answer to a request without credentials. */
export function judgeChallenge(
  response: HttpResponse,
  { serverName, digest }: { readonly serverName: string; readonly digest: Ics["digest"] },
  narrator: Narrator,
): void {
  const header = headerValues(response, "www-authenticate");
  narrator.say(`asked without credentials: status ${response.status} ${header.join(", ")}`);
  if (response.status !== 401) {
    narrator.wrong(`status ${response.status} instead of 401`, "RFC 7616 3.3, TS 33.222 5.3");
    return;
  }
  const own = digestChallenges(header);
  if (own.length === 0) {
    narrator.wrong("WWW-Authenticate has no Digest challenge that can be read", "RFC 7616 3.3");
    return;
  }
  const realm = `3GPP-bootstrapping@${serverName}`;
  if (!own.some((one) => (one.realm ?? "").split(";").some((part) => same(part, realm))))
    narrator.wrong(
      `no challenge has the realm ${realm}`,
      "TS 24.109 5.2.4",
      "It is the name that the terminal used, without a port.",
    );
  const algorithms = own.map(({ algorithm }) => digestAlgorithm(algorithm));
  for (const claimed of digest.algorithms.filter((one) => !algorithms.includes(one)))
    narrator.wrong(`${claimed} is claimed, and no challenge offers it`, "ICS digest.algorithms");
  for (const claimed of digest.qop.filter((one) => !own.some(({ qop }) => qop?.includes(one))))
    narrator.wrong(`qop ${claimed} is claimed, and no challenge offers it`, "ICS digest.qop");
  if (own.some(({ nonce }) => nonce === undefined || nonce === ""))
    narrator.wrong("a challenge has no nonce", "RFC 7616 3.3");
}

function digestChallenges(header: readonly string[]): readonly Challenge[] {
  try {
    return parseChallenges(header).filter(({ scheme }) => scheme.toLowerCase() === "digest");
  } catch {
    return [];
  }
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.toLowerCase();

/** Says whether the enabler proved that it knows the key, where it claims to do so. */
export function judgeAuthenticationInfo(
  response: HttpResponse,
  { fields }: SentRequest,
  { algorithm, password }: DigestSecrets,
  claimed: boolean,
  narrator: Narrator,
): void {
  const header = headerValues(response, "authentication-info")[0];
  if (header === undefined) {
    if (claimed) narrator.wrong("Authentication-Info is claimed and is not there", "RFC 7616 3.5");
    return;
  }
  narrator.say(`Authentication-Info: ${header}`);
  const told = proofIn(header);
  if (told === undefined) {
    narrator.wrong("Authentication-Info cannot be read, or has no rspauth", "RFC 7616 3.5");
    return;
  }
  const { username = "", realm = "", nonce = "", uri = "", nc = "", cnonce = "", qop } = fields;
  const right = rspauth({
    algorithm,
    username,
    realm,
    password,
    nonce,
    uri,
    qop: qop === "auth-int" ? "auth-int" : "auth",
    nc,
    cnonce,
    body: response.body,
  });
  if (told === right) narrator.say("rspauth proves that the enabler knows the key");
  else narrator.wrong("rspauth is not that of this key and this response", "RFC 7616 3.5");
}

function proofIn(header: string): string | undefined {
  try {
    return parseAuthenticationInfo(header).rspauth;
  } catch {
    return undefined;
  }
}
