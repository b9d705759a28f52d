/** OMA-RD-SEC_CF 5.5 to 5.7: the network begins, and the terminal is given parameters and keys. */

import type { UseCase } from "../model.ts";

export const INITIATING_AND_PROVISIONING: readonly UseCase[] = [
  {
    number: 5,
    title: "The network asks the terminal to connect",
    description:
      "A service in the network needs the terminal, so the enabler sends it a push message that asks it to connect. " +
      "Such requests invite denial of service and replay. The terminal therefore turns to the enabler at home to " +
      "learn whether the request is authentic.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the enabler or, if it is distributed, its function at home",
      "Operator of the visited function of a distributed enabler, if any",
    ],
    preconditions: [
      "The terminal can reach the enabler's function at home over a secure connection",
      "Secure channels join the enabler's functions across operators",
    ],
    postconditions: ["The function at home has assured the client that the push message is valid"],
    qualityOfExperience: "The push message is verified by itself, and the user notices nothing of it.",
    optional: false,
    section: "5.5",
    flows: [
      {
        name: "normal",
        text: "The client has a push message confirmed by the enabler at home before it acts on it.",
        steps: [
          "The terminal receives a push message that asks it to connect to an enabler, at home or in the visited network",
          "The terminal connects over a secure channel to the function at home and has the request checked",
          "The function at home says whether the request is valid",
          "After a valid request the service is used",
        ],
      },
    ],
    labels: ["1.2", "1.3", "1.4", "3.1", "4.1", "U1"],
  },
  {
    number: 6,
    title: "Provisioning of security parameters",
    description:
      "An enabler can limit with whom its clients connect, so that none is lured to a fraudulent node. Device " +
      "management distributes and maintains the parameters for it, typically lists of trusted addresses and of " +
      "parties that may start an exchange.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the enabler and device management, which stands alone or is part of the enabler",
    ],
    preconditions: [
      "The terminal and the enabler or home operator support a device management system",
      "Device management is enabled on both sides, with suitable security settings",
      "Managed objects for the security parameters are defined",
    ],
    postconditions: [
      "The enabler's managed objects in the terminal hold the parameters that its operator supplied",
    ],
    qualityOfExperience: "The parameters arrive by themselves, and the user notices nothing of it.",
    optional: false,
    section: "5.6",
    flows: [
      {
        name: "normal",
        text: "The parameters are written in a secure device management session.",
        steps: [
          "Device management opens a secure session with the terminal",
          "Device management writes the enabler's security parameters into the managed objects for them",
          "Each time the enabler is used, the client reads the parameters and applies them",
        ],
      },
      {
        name: "alternative",
        text: "The parameters come from the identity module.",
        steps: [
          "The device management client in the terminal takes the enabler's security parameters from the identity module into its managed objects",
          "Each time the enabler is used, the client reads the parameters and applies them",
        ],
      },
    ],
    labels: ["1.1", "1.2", "1.3", "1.4", "3.1", "4.1", "S1", "S2", "S3", "A2", "U1"],
  },
  {
    number: 7,
    title: "Provisioning of keys",
    description:
      "The secret keys with which clients connect securely to an enabler are put in place by the enabler or the home " +
      "operator. Their names must fit the key management schemes that exist.",
    actors: [
      "End-user, represented by the client in the terminal",
      "Home network operator, running the enabler and the key manager",
    ],
    preconditions: [
      "The terminal, the identity module or both are set up to receive the enabler's keys, possibly by a proprietary means",
      "The terminal or the identity module can store keys securely",
    ],
    postconditions: ["The terminal keeps the enabler's keys in secure storage"],
    qualityOfExperience: "The keys arrive by themselves, and the user notices nothing of it.",
    optional: false,
    section: "5.7",
    flows: [
      {
        name: "normal",
        text: "Keys are installed beforehand and then used to connect.",
        steps: [
          "The keys that the enabler will use with this terminal or client are taken from the key manager",
          "The keys and their names are installed in the terminal, the identity module or both",
          "When the service begins, the terminal uses an installed key to connect securely to the enabler",
          "The enabler obtains the matching key from the key manager, and the connection is completed",
        ],
      },
    ],
    labels: ["1.1", "1.2", "1.3", "3.1", "4.1", "5.1", "S1", "S2", "S3", "A1", "U1"],
  },
];
