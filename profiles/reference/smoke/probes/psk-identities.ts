import { randomBytes } from "node:crypto";
import { identityOf, pskOffer } from "../clients.ts";
import type { Bootstrapping } from "../key-manager.ts";
import { type Probe, TLS_12, TLS_13, toldOver } from "./probe.ts";

const LINKS = [TLS_12, TLS_13];
const IMPI = "user1@home1.example";

/** A B-TID with more than the usual number of characters. */
function longName(): string {
  return `${randomBytes(60).toString("hex")}@bsf.home1.example`;
}

/** Whom the application is told, with each link, after the user was served under his own name. */
function toldAfter(
  change: (user: Bootstrapping) => { key?: Buffer; identity: string },
  wanted: (user: Bootstrapping) => string | undefined,
): Probe {
  return async (bench) => {
    const right = LINKS.map(async (link) => {
      const user = bench.keyManager.bootstrap(IMPI);
      await toldOver(bench, pskOffer(user, ...link));
      return (await toldOver(bench, { ...pskOffer(user, ...link), ...change(user) })) === wanted(user);
    });
    return (await Promise.all(right)).every(Boolean);
  };
}

/** By id of the fault that each one finds. */
export const pskIdentityProbes: Readonly<Record<string, Probe>> = {
  "psk-short-identities": async (bench) => {
    const told = LINKS.map((link) =>
      toldOver(bench, pskOffer(bench.keyManager.bootstrap(IMPI, longName()), ...link)),
    );
    return (await Promise.all(told)).every((user) => user === undefined);
  },
  "psk-cuts-identity": async (bench) => {
    const behind = toldAfter(
      (user) => ({ identity: `${identityOf(user)}x` }),
      () => IMPI,
    );
    const before = toldAfter(
      ({ btid }) => ({ identity: `3GPP-bootstrapping;x${btid}` }),
      () => IMPI,
    );
    return (await behind(bench)) && (await before(bench));
  },
  "psk-tells-cut-identity": async (bench) => {
    const first = bench.keyManager.bootstrap(IMPI, longName());
    const second = bench.keyManager.bootstrap("user2@home1.example", `${first.btid}x`);
    await toldOver(bench, pskOffer(first, ...TLS_12));
    return (await toldOver(bench, pskOffer(second, ...TLS_12))) === IMPI;
  },
  "psk-other-form-zero-key": toldAfter(
    ({ btid }) => ({ identity: btid, key: Buffer.alloc(32) }),
    ({ btid }) => btid,
  ),
  "psk-other-form-guest": toldAfter(
    ({ btid }) => ({ identity: btid }),
    () => "guest",
  ),
  "ignores-domain-of-btid": toldAfter(
    (user) => ({ identity: identityOf(user).replace(/@.*/, "@elsewhere.example") }),
    () => IMPI,
  ),
};
