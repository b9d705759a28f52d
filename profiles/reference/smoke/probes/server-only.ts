import type { Bench } from "../bench.ts";
import { connectHttps, exchange, pskOffer, type Response, type Sent } from "../clients.ts";
import { type Probe, TLS_13, toldOver } from "./probe.ts";

const OPEN: Sent = { path: "/open" };

/** Responses to requests of a visitor without a user, over one connection. */
async function visit(bench: Bench, ...requests: readonly Sent[]): Promise<readonly Response[]> {
  const socket = await connectHttps(bench, "TLSv1.3");
  const responses: Response[] = [];
  for (const sent of requests) responses.push(await exchange(socket, sent));
  socket.destroy();
  return responses;
}

const isProtected = (response: Response | undefined) =>
  response?.status === 200 && response.body.startsWith("protected resource");

/** By id of the fault that each one finds. */
export const serverOnlyProbes: Readonly<Record<string, Probe>> = {
  "open-challenged": async (bench) => {
    const [response] = await visit(bench, OPEN);
    if (response?.status === 200 && !response.body.includes("open resource")) throw new Error(response.body);
    return response?.status === 401;
  },
  "open-unlocks-connection": async (bench) => {
    const [before, , after] = await visit(bench, { path: "/protected" }, OPEN, { path: "/protected" });
    return before?.status === 401 && isProtected(after);
  },
  "open-by-prefix": async (bench) => {
    const [response] = await visit(bench, { path: "/open/../protected" });
    return isProtected(response);
  },
  "open-trusts-presented-identity": async (bench) => {
    const headers = { "X-3GPP-Intended-Identity": '"user1@home1.example"' };
    const [response] = await visit(bench, { ...OPEN, headers });
    return JSON.parse(response?.body ?? "{}").user === "user1@home1.example";
  },
  "open-asks-key-manager": async (bench) => {
    await visit(bench, OPEN);
    // What is asked for a user afterwards goes over the same connection, so a question of the visit is in by then.
    await toldOver(bench, pskOffer(bench.keyManager.bootstrap(), ...TLS_13));
    return bench.keyManager.questions.some(({ btId }) => btId.endsWith("@visitors.example"));
  },
  "https-lacks-claimed-suite": async (bench) => {
    try {
      (await connectHttps(bench, "TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305")).destroy();
      return false;
    } catch {
      return true;
    }
  },
};
