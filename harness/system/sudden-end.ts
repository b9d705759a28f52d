import { BroadcastChannel } from "node:worker_threads";

/** Every thread of this process hears it, and no other process does. */
const CHANNEL = "seccf-sudden-end";

const removals = new Set<() => void>();
let listening = false;

/**
 * Registers what ends a process or removes a file at once, for when there is no time to do it in order. A worker
 * thread gets no exit event when the process ends, so it is told through {@link suddenEnd}. `remove` must not wait.
 * Gives the function that takes it back.
 */
export function atSuddenEnd(remove: () => void): () => void {
  if (!listening) {
    listening = true;
    process.once("exit", removeAll);
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = removeAll;
    channel.unref();
  }
  removals.add(remove);
  return () => removals.delete(remove);
}

/** Lets every thread of this process remove what it has registered. They need a moment to hear it. */
export function suddenEnd(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
  removeAll();
}

function removeAll(): void {
  for (const remove of removals) remove();
  removals.clear();
}
