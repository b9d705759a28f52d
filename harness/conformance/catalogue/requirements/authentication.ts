/** OMA-RD-SEC_CF, section 6, table 1, group 1: who is at the other end, and who made what it sent. */

import type { Requirement } from "../model.ts";

export const AUTHENTICATION: readonly Requirement[] = [
  {
    label: "1.1",
    title: "The client proves itself to the server in the home network",
    text:
      "The server that stands for the enabler in the home network can establish which client it is talking to. " +
      "An enabler-specific identity that the client claims, once proven, reaches the enabler that relies on it, " +
      "by a means that the SEC_CF specifications lay down.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    // Use case 4: no label names the client's proof to the visited function, yet 5.4.4 demands mutual
    // authentication and the user's identity there. The home function vouches for both, so they count here.
    // Use case 5 is left out: there only the client needs assurance (5.5.4).
    useCases: [1, 2, 3, 4, 6, 7],
    // Declared: the identity half, when nobody can read what the application was told. That the means is
    // specified is a duty of the specifications, which no system under test can break.
    judgedBy: ["wire", "declared"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
    ],
    // Replay although 1.4 is release 2: who plays back a recorded proof takes no part in the current run,
    // which entity authentication demands (3.2). Expiry: a credential that has ended proves nobody.
    polarities: ["valid", "invalid", "replay", "expiry"],
  },
  {
    label: "1.1a",
    title: "The user proves himself to the server in the home network",
    text:
      "Beyond the client, the person who uses it can be verified by the enabler's server at home, for " +
      "instance with a PIN or a biometric feature.",
    level: "MAY",
    release: 2,
    section: "6, table 1",
    // The two use cases whose text speaks of authenticating the user (5.2.6, title of 5.3).
    useCases: [2, 3],
    // The wire shows a credential, not whether a person released it at that moment.
    judgedBy: ["inspected", "declared"],
    waysIn: [],
    polarities: [],
  },
  {
    label: "1.2",
    title: "The server in the home network proves itself to the client",
    text: "The client can establish that the server it reached really represents the enabler at home.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    // Not 4: the connection of use case 4 ends in the visited network, which is label 1.2b. In 5 the answer
    // of the home function is worth nothing unless that function is authentic.
    useCases: [1, 2, 3, 5, 6, 7],
    judgedBy: ["wire"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "server-only",
    ],
    // Invalid: a server that holds no right key or certificate key must not complete. No replay and no
    // expiry: the verifier is the terminal, which is ours; what it would accept says nothing about the system.
    polarities: ["valid", "invalid"],
  },
  {
    label: "1.2a",
    title: "An authentication proxy can carry out the authentication",
    text:
      "Authentication of the client, of the server or of both can be handed to a proxy in the home network. " +
      "Each of the three modes is possible.",
    level: "MUST",
    release: 1,
    releaseNote:
      "The document states no release for 1.2a. Reading it as release 1 is ours: use case 2 stands among the " +
      "architectures of release 1, and nothing defers it.",
    section: "6, table 1",
    // Only a system that claims the role of authentication proxy has a way in of use case 2: for all
    // others the label is not-applicable.
    useCases: [2],
    judgedBy: ["wire"],
    waysIn: ["uc2.psk-tls", "uc2.https-digest"],
    // Replay and expiry over the proxy are demanded by 1.1, whose ways in include these two.
    polarities: ["valid", "invalid"],
  },
  {
    label: "1.2b",
    title: "Servers in visited networks prove themselves to the client",
    text:
      "Where parts of an enabler run in visited networks, the client can establish that a server there belongs " +
      "to the enabler. The server at home may vouch for it over a secure connection between the two.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    useCases: [4],
    judgedBy: ["wire"],
    waysIn: ["uc4.psk-tls"],
    // As for 1.2. Invalid covers a visited function that the home function does not trust, too (5.4.5).
    polarities: ["valid", "invalid"],
  },
  {
    label: "1.3",
    title: "The origin of data is authentic",
    text:
      "A receiver can be confident that a message was made by the party it is attributed to and arrived as that " +
      "party made it.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    useCases: [1, 2, 3, 4, 5, 6, 7],
    judgedBy: ["wire"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
    ],
    // No replay and no expiry: the definition excludes timeliness (3.2, message authentication).
    polarities: ["valid", "invalid"],
  },
  {
    label: "1.4",
    title: "Recorded messages cannot be played back",
    text: "A receiver can be confident that a message is not a recording of an earlier one.",
    level: "MUST",
    release: 2,
    section: "6, table 1",
    // 5 by its threat of replayed requests (5.5.1). Not 7: the document leaves the transport of keys to the
    // operator, and an old key put back is a change of secret data without authority, hence S3.
    useCases: [1, 2, 3, 4, 5, 6],
    // Declared: where the conformance statement claims no detection within TLS and no effect can be read.
    judgedBy: ["wire", "declared"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
    ],
    // No valid: each replay begins with the genuine message, which must have worked to be worth recording.
    polarities: ["replay"],
  },
  {
    label: "1.5",
    title: "The source of a broadcast or stream is authentic",
    text: "Whoever receives a broadcast or a stream can establish who sent it.",
    level: "MUST",
    release: 2,
    section: "6, table 1",
    // No use case of section 5 has a broadcast.
    useCases: [],
    judgedBy: ["wire"],
    // Judged against the role of streaming server, which is reached by no way in.
    waysIn: [],
    // Invalid: what another receiver of the group forges with the group's key is not taken for the source's.
    polarities: ["valid", "invalid"],
  },
  {
    label: "1.6",
    title: "The destinations of a broadcast or stream are implicitly authentic",
    text:
      "Only the intended receivers can make use of a broadcast or a stream, so that use itself shows that a " +
      "receiver is one of them.",
    level: "MUST",
    release: 2,
    section: "6, table 1",
    // As for 1.5.
    useCases: [],
    judgedBy: ["wire"],
    waysIn: [],
    // Expiry: a receiver whose right has ended is no intended destination any more, though it still
    // holds the old key.
    polarities: ["valid", "invalid", "expiry"],
  },
  {
    label: "1.7",
    title: "The user proves himself to the client",
    text: "The client can ask its user for a proof, such as a PIN or a biometric feature, before it serves him.",
    level: "MAY",
    release: 2,
    section: "6, table 1",
    // It takes place inside the terminal, before any flow of section 5 begins.
    useCases: [],
    // No role under test is the terminal, so there is nothing to inspect either.
    judgedBy: ["declared"],
    waysIn: [],
    polarities: [],
  },
];
