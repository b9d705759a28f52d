import { createServer, type Server } from "node:http";
import type { Application } from "../application/application.ts";
import type { Policy } from "../policy/policy.ts";
import { answerRequests, HTTP_OPTIONS, pathOf, type WireResponse } from "./http-exchange.ts";

const NOBODY = { user: "anonymous", form: "B-TID", btid: "anonymous" } as const;

/** The listener without TLS, which serves nothing: keys and resources stay inside TLS (TS 24.109 5.2). */
export function createPlainServer(application: Application, policy: Policy): Server {
  const server = createServer(HTTP_OPTIONS);
  answerRequests(server, policy.cutBody, async (request): Promise<WireResponse> => {
    if (policy.plainListener === "serve") {
      const link = { tls: "none", suite: "none" };
      return application.answer({
        method: request.method ?? "",
        path: pathOf(request),
        identity: NOBODY,
        link,
      });
    }
    return {
      status: 426,
      headers: [
        ["Upgrade", "TLS/1.2"],
        ["Connection", "Upgrade"],
        ["Content-Type", "text/plain; charset=utf-8"],
      ],
      body: Buffer.from("this service is reached over TLS\n"),
    };
  });
  return server;
}
