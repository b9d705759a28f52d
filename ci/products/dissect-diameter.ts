import { ProductFolder } from "./product-folder.ts";
import { outputOf } from "./run-program.ts";

/** Diameter's port, by which tshark knows what the octets are. */
const PORT = 3868;

/** One AVP as tshark's dictionary reads it. */
export interface DissectedAvp {
  readonly name: string;
  readonly code: number;
  /** AVP Length. */
  readonly length: number;
  /** V, M and P where they are set, a hyphen where not. */
  readonly flags: string;
  /** `TGPP` for 3GPP; undefined: none. */
  readonly vendor: string | undefined;
  /** Text of the value; undefined for a group. */
  readonly value: string | undefined;
  /** Groups around it. */
  readonly depth: number;
}

export interface DissectedMessage {
  /** As tshark writes it: `0xc0, Request, Proxyable`. */
  readonly flags: string;
  /** Name and number. */
  readonly command: string;
  readonly application: string;
  readonly avps: readonly DissectedAvp[];
  /** What tshark finds wrong: malformed packets and expert information. */
  readonly complaints: readonly string[];
}

/** What Wireshark's dissector reads in each of these messages. */
export async function dissect(messages: readonly Uint8Array[]): Promise<readonly DissectedMessage[]> {
  const folder = new ProductFolder();
  try {
    const lines = messages.map(
      (octets) => `000000 ${Buffer.from(octets).toString("hex").replaceAll(/../g, "$& ")}`,
    );
    const capture = folder.write("messages.pcap", "");
    await outputOf([
      "text2pcap",
      "-q",
      "-T",
      `40000,${PORT}`,
      folder.write("messages.hex", lines.join("\n")),
      capture,
    ]);
    const text = await outputOf([
      "tshark",
      "-r",
      capture,
      "-d",
      `tcp.port==${PORT},diameter`,
      "-O",
      "diameter",
    ]);
    return text
      .split(/^Frame \d+:/m)
      .slice(1)
      .map(messageIn);
  } finally {
    folder.remove();
  }
}

function messageIn(frame: string): DissectedMessage {
  const lines = frame.split("\n");
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`    ${name}: `))?.slice(name.length + 6) ?? "";
  return {
    flags: field("Flags"),
    command: field("Command Code"),
    application: field("ApplicationId"),
    avps: lines.flatMap(avpIn),
    complaints: lines.filter((line) => /Malformed|Expert Info/.test(line)).map((line) => line.trim()),
  };
}

const AVP_LINE = /^( +)AVP: (.+)\((\d+)\) l=(\d+) f=(\S+)(?: vnd=(\S+))?(?: val=(.*))?$/;

function avpIn(line: string): readonly DissectedAvp[] {
  const [, indentation = "", name = "", code, length, flags = "", vendor, value] = AVP_LINE.exec(line) ?? [];
  if (name === "") return [];
  const depth = (indentation.length - 4) / 8;
  return [{ name, code: Number(code), length: Number(length), flags, vendor, value, depth }];
}
