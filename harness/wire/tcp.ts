import { connect, type Socket } from "node:net";
import type { Ending } from "./observer.ts";
import type { Destination } from "./secure-client.ts";

export type TcpOutcome =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly ending: Ending };

/** Connects within `connectMs` milliseconds. Never throws. */
export function connectTcp({ host, port }: Destination, connectMs: number): Promise<TcpOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (text: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, ending: { kind: "unreachable", text } });
    };
    const timer = setTimeout(() => fail(`${host}:${port} does not answer within ${connectMs} ms`), connectMs);
    const onError = (error: Error) => fail(reasonOf(error));
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      // Errors after this point reach whoever reads or writes; without a listener Node would throw.
      socket.on("error", () => undefined);
      resolve({ ok: true, socket });
    });
  });
}

/** Where a name has several addresses, Node gives an error without text that holds one for each of them. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join("; ");
}
