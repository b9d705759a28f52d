/** Writes one line for one event. Never called with a key, a password or a response. */
export type Log = (topic: string, text: string) => void;

/** Lines for people on stderr; what came from a peer is quoted by the caller. */
export const logToStderr: Log = (topic, text) => {
  process.stderr.write(`${new Date().toISOString()} ${topic}: ${text}\n`);
};
