import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { REFERENCE_PROFILE } from "../../open-profile.ts";
import type { Workplace } from "./certify.ts";

const WAYS = {
  "uc1.psk-tls": { tls: ["1.2"], suites: ["TLS_PSK_WITH_AES_128_GCM_SHA256"] },
  "uc1.https-digest": { tls: ["1.3"], suites: ["TLS_AES_128_GCM_SHA256"] },
} as const;

function ics(waysIn: Record<string, unknown>): string {
  return stringify({
    release: 2,
    system: { name: "Enabler", vendor: "Example", version: "1" },
    roles: ["enabler"],
    waysIn,
    digest: { algorithms: ["SHA-256"], qop: ["auth"] },
  });
}

/** Bounds in which a system that does nothing is given up soon; the reference system needs no more either. */
const SMALL_BOUNDS = {
  connectMs: 500,
  responseMs: 300,
  keyManagerMs: 300,
  startMs: 10_000,
  stopMs: 1_000,
};

export interface Parts {
  readonly way?: keyof typeof WAYS;
  readonly bounds?: Readonly<Record<string, number>>;
  readonly keyManager?: Record<string, unknown>;
}

/** A profile of a system of the test's own: an ES module that gets the generated file as its argument. */
export function writeProfile(workplace: Workplace, script: string, parts: Parts = {}): string {
  const { way = "uc1.psk-tls", bounds, keyManager } = parts;
  const directory = workplace.folder("profile");
  writeFileSync(join(directory, "enabler.mjs"), script);
  writeFileSync(join(directory, "ics.yaml"), ics({ [way]: WAYS[way] }));
  const content = {
    system: { kind: "process", command: ["{node}", "enabler.mjs", "{config}"] },
    enabler: { serverName: "naf.home1.example" },
    resources: { protected: { path: "/protected" } },
    keyManager: { name: "bsf.home1.example", ...keyManager },
    bounds: { ...SMALL_BOUNDS, ...bounds },
  };
  writeFileSync(join(directory, "ixit.yaml"), stringify(content));
  return directory;
}

/** The profile of the reference system, which runs `before` first, in its own process. */
export function wrapReference(workplace: Workplace, before: string): string {
  const directory = workplace.folder("profile");
  const text = (name: string) => readFileSync(join(REFERENCE_PROFILE, name), "utf8");
  const main = JSON.stringify(join(REFERENCE_PROFILE, "main.ts"));
  writeFileSync(join(directory, "ics.yaml"), text("ics.yaml"));
  writeFileSync(join(directory, "enabler.mjs"), `${before}\nawait import(${main});\n`);
  const ixit = parse(text("ixit.yaml"));
  ixit.system.command = ["{node}", "enabler.mjs", "{config}"];
  writeFileSync(join(directory, "ixit.yaml"), stringify(ixit));
  return directory;
}

/** A profile of a system that stands in this folder as a program of its own. */
export function profileOfProgram(
  workplace: Workplace,
  { program, args = [], ...parts }: Parts & { readonly program: string; readonly args?: readonly string[] },
): string {
  const directory = writeProfile(workplace, "", parts);
  const ixit = parse(readFileSync(join(directory, "ixit.yaml"), "utf8"));
  ixit.system.command = ["{node}", fileURLToPath(new URL(program, import.meta.url)), "{config}", ...args];
  writeFileSync(join(directory, "ixit.yaml"), stringify(ixit));
  return directory;
}

/** Code of a system that listens for TCP on two free ports and announces them; `serve` is called for each socket. */
export const listening = (serve: string) => `
  import { once } from "node:events";
  import { createServer } from "node:net";
  const listen = async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      ${serve}
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { host: "127.0.0.1", port: server.address().port };
  };
  const endpoints = { "uc1.psk-tls": await listen(), "uc1.https-digest": await listen() };
  console.log(JSON.stringify({ ready: true, endpoints }));
`;
