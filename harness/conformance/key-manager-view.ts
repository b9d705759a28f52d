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
    holdAnswers: (associations, withinMs, first) => {
      transcript.note(`the key manager holds ${associations.length} answers back for ${withinMs} ms at most`);
      const btids = associations.map(({ btid }) => btid);
      return keyManager.holdAnswers(btids, { withinMs, ...(first === undefined ? {} : { first }) }).released;
    },
    requestsFor: (btid) => keyManager.requestsFor(btid),
    askedFor: () => keyManager.askedFor,
    ubStepsOf: (impi) => keyManager.ubStepsOf(impi),
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
      transcript.note(`the key manager listens as another one would: ${as}`);
      await keyManager.goAway();
      await keyManager.comeBack(await falseCredentials(system, as));
    },
  };
}

async function falseCredentials(
  { keyManager, authority }: TestSystem,
  as: Parameters<KeyManagerView["pretend"]>[0],
) {
  if (as === "unprotected") return as;
  if (as === "strange authority") {
    const stranger = await (authority?.stranger() ?? CertificateAuthority.create("seccf strange operator"));
    return stranger.issue({ commonName: keyManager.name, names: [keyManager.name], usage: "server" });
  }
  if (authority === undefined)
    throw new Error("only for a started system the harness has the authority that it trusts");
  if (as === "expired") {
    const names = [keyManager.name];
    return authority.issue({ commonName: keyManager.name, names, usage: "server", expired: true });
  }
  const otherName = `other-${keyManager.name}`;
  return authority.issue({ commonName: otherName, names: [otherName], usage: "server" });
}
