import { suitesOf } from "../../protocols/tls/index.ts";
import type { KeyManagerActivity } from "../../roles/key-manager/index.ts";
import type { Profile } from "../../system/profile/index.ts";
import type { Narrator } from "./narrator.ts";

/** Ua identifiers of TLS are these digits and a cipher suite (TS 33.220 H.3). */
const UA_TLS = "010001";
/** PSK-TLS 1.3, for all suites (TS 33.220 H.3). */
const UA_TLS13_PSK = "0100000007";

/** Tells what happens at the key manager, and what its peers do wrong. */
export class KeyManagerStory {
  readonly #profile: Profile;
  readonly #narrator: Narrator;

  constructor(profile: Profile, narrator: Narrator) {
    this.#profile = profile;
    this.#narrator = narrator;
  }

  take(activity: KeyManagerActivity): void {
    const { say, wrong } = spoken(this.#narrator);
    switch (activity.kind) {
      case "ub":
        this.#ub(activity);
        break;
      case "ub-refused":
        wrong(`Ub: answered with ${activity.status}: ${activity.problem}`, "TS 24.109 4.2");
        break;
      case "bootstrapped":
        say(
          `Ub: ${activity.impi} is bootstrapped as ${activity.btid}, until ${activity.expiry.toISOString()}`,
        );
        break;
      case "zn":
        this.#zn(activity);
        break;
      case "zn-malformed":
        wrong(`Zn: ${activity.problem}`, this.#formClause, explainForm(activity.problem));
        break;
      case "zn-refused":
        this.#refused(activity.problem);
        break;
    }
  }

  get #formClause(): string {
    return this.#profile.ics.zn.binding === "nbsp-gba"
      ? "TS 29.309, Nbsp_GBA"
      : "TS 29.109 5 and 6, RFC 6733";
  }

  #ub({ impi, step }: Extract<KeyManagerActivity, { kind: "ub" }>): void {
    const { say, wrong } = spoken(this.#narrator);
    const who = step.named === impi ? impi : `${impi} (as ${step.named})`;
    if (step.kind === "request") say(`Ub: ${who} asks, and is challenged`);
    else if (step.kind === "resynchronisation" && step.status === 401)
      say(`Ub: ${who} resynchronises SQN, and is challenged again`);
    else if (step.kind === "resynchronisation")
      wrong(`Ub: AUTS of ${who} does not verify`, "TS 33.102 6.3.5, RFC 3310 3.4", "Check K and OPc.");
    else if (step.status === 401)
      wrong(
        `Ub: ${who} answers a nonce that was never given or is used up`,
        "RFC 3310 3.3",
        "Answer each challenge once.",
      );
    else if (step.status === 403)
      wrong(
        `Ub: the response of ${who} is not right`,
        "RFC 3310 3.3, TS 24.109 4.2",
        "The password is RES in binary, qop is auth-int over an empty body, and uri is that of the request line.",
      );
  }

  #zn({ request, answer, expiry }: Extract<KeyManagerActivity, { kind: "zn" }>): void {
    const { say, wrong } = spoken(this.#narrator);
    const { btid, nafFqdn, ua, client } = request;
    const until = expiry === undefined ? "" : ` until ${expiry.toISOString()}`;
    say(
      `Zn: ${client || "somebody"} asks for ${btid}, NAF_Id ${nafFqdn} ${ua}: answered with ${answer}${until}`,
    );
    if (expiry !== undefined && expiry.getTime() < Date.now())
      say("Zn: this key has expired: the enabler must not use it (TS 33.220 4.5.3)");
    if (answer === "unknown" && /^3GPP-bootstrapping/.test(btid))
      wrong(
        "Zn: the name is a PSK identity and no B-TID",
        "TS 33.222 5.4, TS 33.220 4.5.3",
        'Take away what stands before the B-TID: "3GPP-bootstrapping" and the separator.',
      );
    this.#judgeNafId(nafFqdn, ua);
  }

  #judgeNafId(nafFqdn: string, ua: string): void {
    const { wrong } = spoken(this.#narrator);
    const { serverName } = this.#profile.ixit.enabler;
    if (nafFqdn.toLowerCase() !== serverName.toLowerCase())
      wrong(
        `Zn: NAF_Id names ${nafFqdn}, and terminals know the enabler as ${serverName}`,
        "TS 33.220 B.2",
        "The FQDN in NAF_Id is the name that the terminal used, without a port.",
      );
    const claim = this.#profile.ics.ua.identifier;
    if (!this.#claimedUas(claim).has(ua))
      wrong(
        `Zn: the Ua identifier ${ua} is none that ua.identifier: ${claim} gives`,
        "TS 33.220 H.3",
        "It is 010001 and the negotiated suite, and 0100000007 for PSK with TLS 1.3.",
      );
  }

  #claimedUas(claim: string): ReadonlySet<string> {
    if (/^[0-9a-f]{10}$/i.test(claim)) return new Set([claim.toLowerCase()]);
    const fixed = /^fixed:([0-9a-f]{4})$/i.exec(claim)?.[1];
    if (fixed !== undefined) return new Set([`${UA_TLS}${fixed.toLowerCase()}`, UA_TLS13_PSK]);
    const suites = [...suitesOf("psk", true), ...suitesOf("certificate", true), ...suitesOf("any", true)];
    const codes = suites.map(({ code }) => `${UA_TLS}${code.toString(16).padStart(4, "0")}`);
    return new Set([...codes, UA_TLS13_PSK]);
  }

  #refused(problem: string): void {
    const { wrong } = spoken(this.#narrator);
    const [line = ""] = problem.split("\n");
    if (/peer did not return a certificate/i.test(line))
      wrong(
        "Zn: TLS without a client certificate",
        "SEC_CF 5.1",
        "Show the certificate that was made for the enabler.",
      );
    else if (/http request|wrong version number|unknown protocol/i.test(line))
      wrong("Zn: what was sent is not TLS", "SEC_CF S2", "Keys cross a protected channel only.");
    else if (/alert/i.test(line))
      wrong(
        `Zn: the enabler ended the handshake: ${line}`,
        "SEC_CF 5.1",
        "Let it trust the authority of the key manager's certificate, and expect the key manager's name in it.",
      );
    else wrong(`Zn: the TLS handshake failed: ${line}`, "SEC_CF 5.1");
  }
}

function spoken(narrator: Narrator) {
  return {
    say: (text: string) => narrator.say(text),
    wrong: (text: string, clause: string, fix?: string) => narrator.wrong(text, clause, fix),
  };
}

/** What most often stands behind a message that the schema does not allow. */
function explainForm(problem: string): string | undefined {
  if (problem.includes("/nafId/nafFqdn"))
    return "nafFqdn is a name with at least two labels: no port, no address, no scheme.";
  if (problem.includes("/nafId/uaSecProtId")) return "uaSecProtId is 10 hexadecimal digits.";
  return undefined;
}
