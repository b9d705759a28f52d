import type { Access, DigestAccess, EntryOutcome, NafCredential } from "../roles/terminal/index.ts";
import type { Ixit } from "../system/profile/index.ts";
import { describeEnding } from "../wire/observer.ts";
import type { CaseTerminal } from "./case-context.ts";
import type { ControlDependencies } from "./controls.ts";
import type { StageTerminal } from "./stage-terminal.ts";
import { Inconclusive } from "./verdict.ts";
import type { WayIn } from "./vocabulary.ts";

/** What a valid terminal gets. */
export type Goal = ControlDependencies["enabler"] & { readonly name: string };

interface EntriesOptions {
  readonly goal: Goal;
  readonly wayIn: WayIn;
  /** Between prefix and B-TID, as the IXIT says. */
  readonly separator: Ixit["psk"]["separator"];
  readonly newTerminal: () => StageTerminal;
}

/** Entries that have to succeed before a case can ask its question: where one does not, the case is inconclusive. */
export class StageEntries {
  readonly #options: EntriesOptions;

  constructor(options: EntriesOptions) {
    this.#options = options;
  }

  /** @throws Inconclusive when TCP does not connect, or only another form of the PSK identity gets in */
  async valid(terminal: CaseTerminal, credential: NafCredential): Promise<EntryOutcome> {
    const outcome = await terminal.enter(credential);
    if (!outcome.entered && !outcome.tcpConnected)
      throw new Inconclusive(`TCP did not connect: ${describeEnding(outcome.ending)}`);
    if (!outcome.entered && this.#options.wayIn === "uc1.psk-tls") await this.#tryOtherForms();
    return outcome;
  }

  async #tryOtherForms(): Promise<void> {
    const { separator: configured, newTerminal } = this.#options;
    for (const separator of (["", ";", "."] as const).filter((one) => one !== configured)) {
      const other = newTerminal();
      const { credential: fresh } = await other.bootstrap();
      const second = await other.enterWithPsk(fresh, {}, separator);
      if (!second.entered) continue;
      throw new Inconclusive(
        `separator: the SUT takes "3GPP-bootstrapping${separator}" before the B-TID, the IXIT says psk.separator ` +
          `${JSON.stringify(configured)}; set it to ${JSON.stringify(separator)}`,
      );
    }
  }

  /** @throws Inconclusive when the terminal did not get in, or does not get the goal */
  async served<A extends Access>(outcome: EntryOutcome<A>): Promise<A> {
    if (!outcome.entered)
      throw new Inconclusive(`the terminal did not get in: ${describeEnding(outcome.ending)}`);
    const { name, protectedResource, serves } = this.#options.goal;
    const reply = await outcome.access.request(protectedResource);
    if (!reply.ok) throw new Inconclusive(`the ${name} was not served: ${describeEnding(reply.ending)}`);
    if (!serves(reply.response)) {
      throw new Inconclusive(`the ${name} was not served: status ${reply.response.status}`);
    }
    return outcome.access;
  }

  /** As {@link served}, and the terminal had to answer a challenge. @throws Inconclusive */
  async challenged(outcome: EntryOutcome<DigestAccess>): Promise<DigestAccess> {
    const access = await this.served(outcome);
    if (access.challenge !== undefined) return access;
    throw new Inconclusive("the protected resource was served without credentials, so none can be examined");
  }
}
