/** OMA-RD-SEC_CF, 6.1.3, table 4, and 6.1.4, table 5: administration, configuration and usability. */

import type { Requirement } from "../model.ts";

export const OPERATION: readonly Requirement[] = [
  {
    label: "A1",
    title: "Initial keys can be put in place",
    text: "Servers and clients can be given the keys with which they start.",
    level: "MUST",
    release: 1,
    section: "6.1.3, table 4",
    // Other use cases presuppose their credentials (5.1.1, 5.3.3); only 7 puts them in place.
    useCases: [7],
    // Declared: provisioning may be proprietary (5.7.2.1).
    judgedBy: ["wire", "declared"],
    // Judged in the provisioning of keys, which is no way in.
    waysIn: [],
    // A pure capability, so only success can show it. That a forged or readable container is refused
    // belongs to 1.3, 3.1 and S2.
    polarities: ["valid"],
  },
  {
    label: "A2",
    title: "Security algorithms can be changed securely",
    text:
      "The algorithms that servers and clients use can be exchanged for others, and nobody without the right to " +
      "do so can bring such a change about.",
    level: "MUST",
    release: 1,
    section: "6.1.3, table 4",
    // 6 as the means of the change; 1 to 4 because there it shows which algorithms are in force.
    useCases: [1, 2, 3, 4, 6],
    // Inspected and declared: who may change the configuration of a server, and how.
    judgedBy: ["wire", "inspected", "declared"],
    waysIn: [
      "uc1.psk-tls",
      "uc1.https-digest",
      "uc2.psk-tls",
      "uc2.https-digest",
      "uc3.certificate",
      "uc4.psk-tls",
    ],
    // Valid: after the change the new algorithm works. Invalid: the withdrawn one is refused, and a path
    // that alters the offer changes nothing.
    polarities: ["valid", "invalid"],
  },
  {
    label: "U1",
    title: "The mechanisms are efficient",
    text: "What fulfils the other requirements does so at reasonable cost and with good performance.",
    level: "MUST",
    release: 1,
    section: "6.1.4, table 5",
    useCases: [1, 2, 3, 4, 5, 6, 7],
    // Declared: costs. The document sets no bound, so figures are reported and no case can pass or fail.
    judgedBy: ["measured", "declared"],
    waysIn: [],
    polarities: [],
  },
];
