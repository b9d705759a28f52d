/** OMA-RD-SEC_CF, section 6, table 1, groups 3 to 5, and 6.1.1, table 2: data, keys and secrets. */

import type { Requirement } from "../model.ts";

export const PROTECTION: readonly Requirement[] = [
  {
    label: "3.1",
    title: "Changes to data are detected",
    text:
      "Data that was changed on its way, by accident or on purpose, is recognised as changed. This is available " +
      "between the servers concerned, at home and in visited networks, and between them and the clients.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    useCases: [1, 2, 3, 4, 5, 6, 7],
    // Declared: a channel between servers that is protected out of our sight, such as IPsec.
    judgedBy: ["wire", "declared"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
      "server-only",
    ],
    // Valid: data arrives unchanged. A system that drops everything detects every change.
    polarities: ["valid", "invalid"],
  },
  {
    label: "4.1",
    title: "Data stays confidential",
    text:
      "Nobody who is not entitled to it learns what is transmitted, as a rule because it is encrypted. This is " +
      "available between the servers concerned, at home and in visited networks, and between them and the clients.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    useCases: [1, 2, 3, 4, 5, 6, 7],
    // Declared: as for 3.1.
    judgedBy: ["wire", "declared"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
      "server-only",
    ],
    // Valid: what is sent on a good connection is not readable on the path. Invalid: an offer that would
    // not encrypt is refused, and a failed start never ends in plain text.
    polarities: ["valid", "invalid"],
  },
  {
    label: "5.1",
    title: "Keys are agreed securely before they are used",
    text:
      "Keys for authentication, for encryption and for integrity are agreed in a secure way before anything relies " +
      "on them. It concerns clients, servers at home and in visited networks, and authentication proxies if any.",
    level: "MUST",
    release: 1,
    section: "6, table 1",
    // Use cases 5 and 6 presuppose their secure channels (5.5.3, 5.6.3) and agree no key themselves.
    useCases: [1, 2, 3, 4, 7],
    judgedBy: ["wire"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
      "server-only",
    ],
    // Expiry: a key whose agreed lifetime is over is no longer an agreed key. With certificates it is
    // the validity of the certificate that vouches for the key.
    polarities: ["valid", "invalid", "expiry"],
    // There the terminal, which is ours, judges the validity of the certificate.
    polaritiesOver: { "server-only": ["valid", "invalid"] },
  },
  {
    label: "S1",
    title: "Stored secrets are out of reach",
    text: "Secret data that SEC_CF works with is kept so that only entitled parties can get at it.",
    level: "MUST",
    release: 1,
    section: "6.1.1, table 2",
    // Not 5, which adds no secret of its own. In 6 it is the credentials of device management.
    useCases: [1, 2, 3, 4, 6, 7],
    // Storage lies behind the interfaces: somebody has to look.
    judgedBy: ["inspected", "declared"],
    waysIn: [],
    polarities: [],
  },
  {
    label: "S2",
    title: "Secrets on the wire cannot be read",
    text: "Secret data that SEC_CF works with is sent so that only entitled parties can read it.",
    level: "MUST",
    release: 1,
    section: "6.1.1, table 2",
    // Not 3: certificates are provisioned beforehand (5.3.3) and private keys are not sent. Not 5: no
    // secret travels in its flow.
    useCases: [1, 2, 4, 6, 7],
    // Declared: as for 3.1.
    judgedBy: ["wire", "declared"],
    waysIn: ["uc1.psk-tls", "uc1.https-digest", "uc2.psk-tls", "uc2.https-digest", "uc4.psk-tls"],
    // Invalid: no key is asked for, taken or handed out over a channel without protection, and there is
    // no fall-back to one.
    polarities: ["valid", "invalid"],
  },
  {
    label: "S3",
    title: "Secrets can be changed securely by those entitled",
    text: "Parties that are entitled to it can replace secret data, and can do so in a secure way.",
    level: "MUST",
    release: 1,
    section: "6.1.1, table 2",
    // Device management may write credentials among its managed objects; key provisioning writes keys.
    useCases: [6, 7],
    // Inspected and declared: changes that the vendor's own operators make, out of our sight.
    judgedBy: ["wire", "inspected", "declared"],
    // Judged in the management session and in the provisioning of keys, which are no ways in.
    waysIn: [],
    // Invalid: a party without the right changes nothing.
    polarities: ["valid", "invalid"],
  },
];
