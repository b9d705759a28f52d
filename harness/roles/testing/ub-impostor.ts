import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { challenge } from "../../protocols/aka/index.ts";
import { listenTcp } from "../../wire/testing/loopback.ts";
import type { Subscriber } from "../key-manager/index.ts";
import { BSF } from "./names.ts";

/** Where this key manager may lie; `right` is what stands there otherwise. */
export interface Lies {
  /** Whole first answer. */
  readonly first?: (right: string) => string;
  /** Value of WWW-Authenticate. */
  readonly challenge?: (right: string) => string;
  /** Value of the nonce. */
  readonly nonce?: (right: string) => string;
  /** Octets of AUTN. */
  readonly autn?: (right: Buffer) => Buffer;
  /** SQN, 6 octets; the right one is 1. */
  readonly sqn?: Buffer;
  /** Value of Authentication-Info; undefined: there is none. */
  readonly info?: (right: string, proof: string) => string | undefined;
  /** Body of the last answer, and whether rspauth is for the body that is sent. */
  readonly body?: (right: string) => string;
  readonly proofOfRightBody?: true;
  readonly status?: number;
}

const md5 = (text: string | Buffer) => createHash("md5").update(text).digest("hex");

/**
 * Ub by hand, of node:crypto and the AKA vectors alone: an attacker that knows K lies where it is told to, and one
 * that does not can do no more.
 */
export async function startImpostor(subscriber: Subscriber, lies: Lies) {
  const rand = randomBytes(16);
  const sqn = lies.sqn ?? Buffer.from("000000000001", "hex");
  const vector = challenge({ k: subscriber.k, opc: subscriber.opc, rand, sqn, amf: Buffer.alloc(2) });
  const autn = (lies.autn ?? same)(Buffer.from(vector.autn));
  const nonce = (lies.nonce ?? same)(Buffer.concat([rand, autn]).toString("base64"));
  const requests: string[] = [];
  const { at, allGone } = await listenTcp((socket) => {
    socket.setEncoding("latin1").on("data", (text) => {
      requests.push(String(text));
      reply(socket, requests.at(-1) ?? "", requests.length);
    });
  });

  function reply(socket: Socket, request: string, count: number): void {
    const response = /response="([^"]*)"/.exec(request)?.[1];
    if (response === "" || request.includes("auts=")) {
      const right = `Digest realm="${BSF}", nonce="${nonce}", algorithm=AKAv1-MD5, qop="auth-int", opaque="o"`;
      const whole = message(401, [`WWW-Authenticate: ${(lies.challenge ?? same)(right)}`], "");
      socket.write(count === 1 ? (lies.first ?? same)(whole) : whole);
      return;
    }
    const rightBody =
      '<?xml version="1.0"?><BootstrappingInfo xmlns="uri:3gpp-gba">' +
      "<btid>someone@bsf.home1.example</btid><lifetime>2040-01-01T00:00:00Z</lifetime></BootstrappingInfo>";
    const body = (lies.body ?? same)(rightBody);
    const value = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`).exec(request)?.[1] ?? "";
    const a1 = md5(Buffer.concat([Buffer.from(`${subscriber.impi}:${BSF}:`), vector.xres]));
    const a2 = md5(`:/:${md5(lies.proofOfRightBody ? rightBody : body)}`);
    const proof = md5(`${a1}:${nonce}:${value("nc")}:${value("cnonce")}:auth-int:${a2}`);
    const right = `qop=auth-int, rspauth="${proof}", cnonce="${value("cnonce")}", nc=${value("nc")}`;
    const info = lies.info === undefined ? right : lies.info(right, proof);
    const headers = info === undefined ? [] : [`Authentication-Info: ${info}`];
    socket.write(message(lies.status ?? 200, headers, body));
  }

  return { keyManager: { name: BSF, ub: at }, requests, allGone };
}

function same<T>(right: T): T {
  return right;
}

function message(status: number, headers: readonly string[], body: string): string {
  const lines = [`HTTP/1.1 ${status} X`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, "", body];
  return lines.join("\r\n");
}
