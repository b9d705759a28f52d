import { CertificateAuthority } from "../roles/certificate-authority/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import type { KeyManagerView } from "./case-context.ts";
import type { Transcript } from "./transcript.ts";

/** The key manager as a case steers it. */
export function keyManagerView(system: TestSystem, transcript: Transcript): KeyManagerView {
  const { keyManager } = system;
  return {
    steer: ({ btid }, steering) => {
      transcript.note(`the key manager is steered for ${btid}: ${JSON.stringify(steering)}`);
      keyManager.steer(btid, steering);
    },
    requestsFor: (btid) => keyManager.requestsFor(btid),
    unknownBTid: () => keyManager.unknownBTid(),
    identities: () => keyManager.identities(),
    goAway: async () => {
      transcript.note("the key manager goes away");
      await keyManager.goAway();
    },
    comeBack: async () => {
      transcript.note("the key manager is back");
      await keyManager.comeBack();
    },
    pretend: async (as) => {
      transcript.note(`the key manager presents a certificate: ${as}`);
      await keyManager.goAway();
      await keyManager.comeBack(await falseCredentials(system, as));
    },
  };
}

async function falseCredentials(
  { keyManager, authority }: TestSystem,
  as: Parameters<KeyManagerView["pretend"]>[0],
) {
  if (as === "strange authority") {
    const stranger = await CertificateAuthority.create("seccf strange operator");
    return stranger.issue({ commonName: keyManager.name, names: [keyManager.name], usage: "server" });
  }
  if (authority === undefined)
    throw new Error("only for a started system the harness has the authority that it trusts");
  const otherName = `other-${keyManager.name}`;
  return authority.issue({ commonName: otherName, names: [otherName], usage: "server" });
}
