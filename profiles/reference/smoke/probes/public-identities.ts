import type { Bench } from "../bench.ts";
import { connectPsk, exchange, pskOffer } from "../clients.ts";
import { type Probe, TLS_13 } from "./probe.ts";

const OWN = ["sip:user1@home1.example", "tel:+1-555-0101"];
const OTHERS = ["sip:user2@home1.example"];

/** What the application is told of a user with these public identities, while it presents the last argument. */
async function told(
  bench: Bench,
  impi: string | undefined,
  publicIdentities: readonly string[],
  intended?: string,
) {
  const user = bench.keyManager.bootstrap(impi);
  user.publicIdentities = publicIdentities;
  const socket = await connectPsk(bench, pskOffer(user, ...TLS_13));
  const headers: Record<string, string> =
    intended === undefined ? {} : { "X-3GPP-Intended-Identity": `"${intended}"` };
  const { body } = await exchange(socket, { path: "/identity", headers });
  socket.destroy();
  return JSON.parse(body);
}

const USER = "user1@home1.example";

/** By id of the fault that each one finds. */
export const publicIdentityProbes: Readonly<Record<string, Probe>> = {
  "public-identity-as-presented": async (bench) =>
    (await told(bench, USER, OWN, "sip:user2@home1.example")).publicIdentity === "sip:user2@home1.example",
  "public-identity-ignores-wish": async (bench) =>
    (await told(bench, USER, OWN, OWN[1])).publicIdentity === OWN[0],
  "public-identity-of-last-user": async (bench) => {
    await told(bench, "user2@home1.example", OTHERS);
    return (await told(bench, USER, OWN)).publicIdentity === OTHERS[0];
  },
  "recalls-withheld-impi": async (bench) => {
    await told(bench, USER, OWN);
    return (await told(bench, undefined, OWN)).user === USER;
  },
};
