import { uaFromHex } from "../../protocols/gba/index.ts";
import type { NafCredential } from "../terminal/index.ts";
import { NAF, UA } from "./names.ts";
import { authority, newTerminal, startKeyManager } from "./operator.ts";
import { ZnClient } from "./zn-client.ts";

export const enabler = await authority.issue({
  commonName: "NAF of the operator",
  names: [NAF],
  usage: "client",
});

/** A key manager, an enabler's connection to it and what a terminal bootstrapped. */
export async function bootstrapped() {
  const keyManager = await startKeyManager();
  const terminal = newTerminal(keyManager);
  const { btid, credential, lifetime } = await terminal.bootstrap(keyManager);
  return {
    keyManager,
    zn: new ZnClient(keyManager, enabler),
    btid,
    credential,
    lifetime,
    impi: terminal.impi,
  };
}

/** The key that the terminal has for this use, as hexadecimal digits. */
export const hexKey = (credential: NafCredential, nafFqdn = NAF, ua = UA) =>
  Buffer.from(credential.key({ nafFqdn, ua: uaFromHex(ua) })).toString("hex");
