import type { TLSSocket } from "node:tls";
import type { Bench } from "../bench.ts";
import { connectPsk, exchange, pskOffer } from "../clients.ts";
import { type Probe, TLS_12, TLS_13, toldOver } from "./probe.ts";

const viewOver = async (socket: TLSSocket) => JSON.parse((await exchange(socket, { path: "/view" })).body);

const exporterOf = (socket: TLSSocket) =>
  socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)).toString("hex");

/** Two connections of two users, with what the enabler tells of each. */
async function twoViews(bench: Bench) {
  const views = [];
  for (const link of [TLS_12, TLS_13]) {
    const socket = await connectPsk(bench, pskOffer(bench.keyManager.bootstrap(), ...link));
    views.push({ told: await viewOver(socket), exporter: exporterOf(socket) });
    socket.destroy();
  }
  return views;
}

/** By id of the fault that each one finds. */
export const viewProbes: Readonly<Record<string, Probe>> = {
  "tells-first-connection": async (bench) => {
    const [first, second] = await twoViews(bench);
    return second?.told.tls === "1.2" && second.told.exporter === first?.exporter;
  },
  "tells-previous-exporter": async (bench) => {
    const [first, second] = await twoViews(bench);
    return second?.told.exporter === first?.exporter && second?.told.tls === "1.3";
  },
  "key-tied-to-address": async (bench) => {
    const offer = pskOffer(bench.keyManager.bootstrap("user1@home1.example"), ...TLS_13);
    const here = await toldOver(bench, { ...offer, localAddress: "127.64.0.1" });
    const elsewhere = await toldOver(bench, { ...offer, localAddress: "127.64.0.2" });
    return here === "user1@home1.example" && elsewhere === undefined;
  },
  "user-by-address": async (bench) => {
    const told = [];
    for (const user of ["user1@home1.example", "user2@home1.example"]) {
      const offer = pskOffer(bench.keyManager.bootstrap(user), ...TLS_13);
      told.push(await toldOver(bench, offer));
    }
    return told[1] === "user1@home1.example";
  },
};
