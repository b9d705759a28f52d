import { connect } from "node:http2";
import { onTestFinished } from "vitest";
import { BOOTSTRAPPING_INFO_PATH } from "../../protocols/nbsp-gba/index.ts";
import type { IssuedCertificate } from "../certificate-authority/index.ts";
import type { KeyManager } from "../key-manager/index.ts";
import { BSF, NAF, UA } from "./names.ts";
import { authority } from "./operator.ts";

export interface ZnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What is asked of a key manager; what is absent is right. */
export interface ZnQuestion {
  readonly btid?: string;
  readonly nafFqdn?: string;
  /** 10 hexadecimal digits. */
  readonly ua?: string;
  /** Body instead of the right one. */
  readonly body?: string | Buffer;
  readonly method?: string;
  readonly path?: string;
}

/** An enabler's end of Zn, of node:http2 alone: one connection for one test. */
export class ZnClient {
  readonly #session;

  /** Without a certificate the client shows none. */
  constructor(keyManager: Pick<KeyManager, "zn">, certificate?: IssuedCertificate) {
    const { host, port } = keyManager.zn;
    this.#session = connect(`https://${host}:${port}`, {
      ca: authority.certificate,
      servername: BSF,
      ...(certificate && { cert: certificate.certificate, key: certificate.privateKey }),
    });
    // Each question has an error of its own.
    this.#session.on("error", () => undefined);
    onTestFinished(() => this.#session.destroy());
  }

  /** Begins a question: its stream is for tests that end it early. */
  begin(question: ZnQuestion) {
    const { btid = "x@bsf", nafFqdn = NAF, ua = UA, method = "POST" } = question;
    const right = JSON.stringify({ btId: btid, nafId: { nafFqdn, uaSecProtId: ua } });
    const stream = this.#session.request({
      ":method": method,
      ":path": question.path ?? BOOTSTRAPPING_INFO_PATH,
      "content-type": "application/json",
    });
    if (method === "GET") stream.end();
    else stream.end(question.body ?? right);
    return stream;
  }

  /** @throws the error of the stream or of the connection. */
  ask(question: ZnQuestion): Promise<ZnAnswer> {
    return new Promise((resolve, reject) => {
      const stream = this.begin(question);
      let answer = { status: 0, contentType: "", body: "" };
      stream.setEncoding("utf8");
      stream.once("response", (headers) => {
        answer = {
          ...answer,
          status: Number(headers[":status"]),
          contentType: headers["content-type"] ?? "",
        };
      });
      stream.on("data", (text) => {
        answer = { ...answer, body: answer.body + text };
      });
      stream.once("error", reject);
      stream.once("close", () => {
        if (answer.status === 0) reject(new Error("the stream was closed without an answer"));
        else resolve(answer);
      });
    });
  }
}
