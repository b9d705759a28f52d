import { connectPsk, exchange, pskOffer } from "../clients.ts";
import { type Probe, TLS_13, toldOver } from "./probe.ts";

const REFUSED = { status: 403 } as const;

/** By id of the fault that each one finds. */
export const lostRightProbes: Readonly<Record<string, Probe>> = {
  "lost-right-key-held": async (bench) => {
    const held = pskOffer(bench.keyManager.bootstrap("user1@home1.example"), ...TLS_13);
    await toldOver(bench, held);
    const refused = bench.keyManager.bootstrap();
    refused.answer = REFUSED;
    return (
      (await toldOver(bench, { ...pskOffer(refused, ...TLS_13), key: held.key })) === "user1@home1.example"
    );
  },
  "lost-right-ends-sessions": async (bench) => {
    const socket = await connectPsk(bench, pskOffer(bench.keyManager.bootstrap(), ...TLS_13));
    await exchange(socket, { path: "/protected" });
    const refused = bench.keyManager.bootstrap();
    refused.answer = REFUSED;
    await toldOver(bench, pskOffer(refused, ...TLS_13));
    try {
      return (await exchange(socket, { path: "/protected" })).status !== 200;
    } catch {
      return true;
    } finally {
      socket.destroy();
    }
  },
};
