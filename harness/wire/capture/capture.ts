import {
  enhancedPacket,
  interfaceDescription,
  sectionHeader,
  tlsSecrets,
} from "../../protocols/pcapng/index.ts";
import type { PathRecording, RecordedConnection, RecordedTcp } from "../relay/recording.ts";
import { packetsOf } from "./packets.ts";

/** Each side of a path is an interface of the capture, numbered in this order. */
const SIDES = [
  { name: "between path and server", side: "serverSide" },
  { name: "between client and path", side: "clientSide" },
] as const;

/**
 * A pcapng file of what went over a path, with the secrets inside: Wireshark needs nothing else to show what TLS
 * protected. It has the side towards the server; where the path changed something, or the server was not reached,
 * the client's side too. `keyLog`: lines of a TLS key log (NSS form).
 */
export function captureOf(recording: PathRecording, keyLog: readonly string[] = []): Buffer {
  const packets = SIDES.flatMap(({ side }, on) =>
    recording.connections
      .filter((connection) => on === 0 || differs(connection))
      .flatMap((connection) => recordedPackets(connection[side]).map((packet) => ({ on, ...packet }))),
  );
  // Sorting is stable: packets of one connection keep their order.
  packets.sort((one, two) => one.at - two.at);
  return Buffer.concat([
    sectionHeader("seccf"),
    ...SIDES.map(({ name }) => interfaceDescription(name)),
    ...(keyLog.length === 0 ? [] : [tlsSecrets(keyLog)]),
    ...packets.map(enhancedPacket),
  ]);
}

const recordedPackets = (recorded: RecordedTcp | undefined) =>
  recorded === undefined ? [] : packetsOf(recorded);

function differs({ clientSide, serverSide }: RecordedConnection): boolean {
  if (clientSide === undefined || serverSide === undefined) return true;
  return (["client", "server"] as const).some((end) => !said(clientSide, end).equals(said(serverSide, end)));
}

const said = ({ events }: RecordedTcp, end: "client" | "server"): Buffer =>
  Buffer.concat(events.filter(({ from }) => from === end).map(({ octets }) => octets));
