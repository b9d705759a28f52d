import type { Bench } from "../bench.ts";
import { connectPsk, exchange, type Link, type PskOffer } from "../clients.ts";

/** Looks for one defect in a running enabler; true when it is there. */
export type Probe = (bench: Bench) => Promise<boolean>;

export const TLS_12: Link = ["TLSv1.2", "PSK-AES128-GCM-SHA256", "01000100a8"];
export const TLS_13: Link = ["TLSv1.3", "TLS_AES_128_GCM_SHA256", "0100000007"];
/** Much longer than the enabler may wait for the key manager, milliseconds. */
export const TOO_LONG_MS = 1_500;

/** Whom the enabler tells the application for this offer; undefined when it refuses. */
export async function toldOver(bench: Bench, offer: PskOffer): Promise<string | undefined> {
  try {
    const socket = await connectPsk(bench, offer);
    const response = await exchange(socket, { path: "/identity" });
    socket.destroy();
    return response.status === 200 ? JSON.parse(response.body).user : undefined;
  } catch {
    return undefined;
  }
}

/** True when `attempt` is still waiting after `ms`. Its outcome is not looked at. */
export async function stillWaiting(attempt: Promise<unknown>, ms: number): Promise<boolean> {
  const time = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => time.resolve(true), ms);
  const ended = () => false;
  const waiting = await Promise.race([attempt.then(ended, ended), time.promise]);
  clearTimeout(timer);
  return waiting;
}
