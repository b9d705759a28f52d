export {
  enhancedPacket,
  interfaceDescription,
  sectionHeader,
  tlsSecrets,
} from "./blocks.ts";
export { MAX_SEGMENT, type TcpAddress, type TcpFlag, tcpPacket } from "./tcp-packet.ts";
