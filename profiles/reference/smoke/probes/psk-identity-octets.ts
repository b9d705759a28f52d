import { randomBytes } from "node:crypto";
import { identityOf, pskOffer } from "../clients.ts";
import type { Bootstrapping } from "../key-manager.ts";
import { nameOctets } from "../octet-client.ts";
import { type Probe, TLS_12, TLS_13, toldOver } from "./probe.ts";

const IMPI = "user1@home1.example";
const DOMAIN = "@bsf.home1.example";
/** Octets of the longest identity that a faulty enabler has room for. */
const ROOM = 255;

/** Whether the key of a user is asked for when these octets are named. */
function asksWhenNamed(octets: (user: Bootstrapping) => Buffer, btid?: string): Probe {
  return async (bench) => {
    const { keyManager } = bench;
    const user = keyManager.bootstrap(IMPI, btid);
    const asked = Promise.withResolvers<void>();
    keyManager.onQuestion = asked.resolve;
    await nameOctets(bench, octets(user), asked.promise);
    keyManager.onQuestion = undefined;
    return keyManager.questions.some(({ btId }) => btId === user.btid);
  };
}

/** By id of the fault that each one finds. */
export const identityOctetProbes: Readonly<Record<string, Probe>> = {
  "psk-cuts-identity-at-255": async (bench) => {
    const told = [TLS_12, TLS_13].map((link) => {
      const name = randomBytes(ROOM).toString("hex");
      const octets = ROOM - "3GPP-bootstrapping;".length - DOMAIN.length;
      const user = bench.keyManager.bootstrap(IMPI, `${name.slice(0, octets)}${DOMAIN}`);
      return toldOver(bench, { ...pskOffer(user, ...link), identity: `${identityOf(user)}x` });
    });
    return (await Promise.all(told)).every((user) => user === IMPI);
  },
  "psk-cuts-identity-at-nul": asksWhenNamed((user) => Buffer.from(`${identityOf(user)}\0x`)),
  "psk-decodes-identity-loosely": asksWhenNamed(
    () => Buffer.from("3GPP-bootstrapping;a\xffb@bsf.home1.example", "latin1"),
    `a\u{fffd}b${DOMAIN}`,
  ),
  "psk-drops-octets-of-identity": asksWhenNamed((user) =>
    Buffer.concat([Buffer.from(identityOf(user)), Buffer.of(0xff)]),
  ),
};
