import { BroadcastChannel } from "node:worker_threads";

/** Every thread of this process hears it, and no other process does. */
const CHANNEL = "seccf-sudden-end";

const removals = new Set<() => void>();
let channel: BroadcastChannel | undefined;

/**
 * Registers what ends a process or removes a file at once, for when there is no time to do it in order. A worker
 * thread gets no exit event when the process ends, so it is told through {@link suddenEnd}. `remove` must not wait.
 * Gives the function that takes it back.
 */
export function atSuddenEnd(remove: () => void): () => void {
  otherThreads();
  removals.add(remove);
  return () => removals.delete(remove);
}

/** Lets every thread of this process remove what it has registered. They need a moment to hear it. */
export function suddenEnd(): void {
  otherThreads().postMessage(null);
  removeAll();
}

/** Heard by all threads but this one; made when it is first needed, and keeps no thread alive. */
function otherThreads(): BroadcastChannel {
  if (channel !== undefined) return channel;
  process.once("exit", removeAll);
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = removeAll;
  channel.unref();
  return channel;
}

function removeAll(): void {
  for (const remove of removals) {
    try {
      remove();
    } catch {
      // There is no time left to do anything about it, and the others have to go too.
    }
  }
  removals.clear();
}
