import type { Ixit } from "../system/profile/index.ts";
import { urlHost } from "../system/started-system.ts";
import { DecoyListener } from "../wire/decoy-listener.ts";
import type { Decoy } from "./case-context.ts";

/**
 * A listener where the key manager is, on another port; undefined when the key manager listens on every address, so that
 * none is known under which the system sees us.
 */
export async function startDecoy({
  keyManager,
}: Ixit): Promise<(Decoy & { close(): Promise<void> }) | undefined> {
  const { host } = keyManager.zn;
  if (host === "0.0.0.0" || host === "::") return undefined;
  const listener = await DecoyListener.start(host);
  return {
    authority: urlHost({ host, port: listener.port }),
    connections: () => listener.connections,
    close: () => listener.close(),
  };
}
